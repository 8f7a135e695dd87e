"""The handlers of the clients' room."""

import asyncio
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from abonent.domain.party import queries_file
from abonent.domain.party.contact import change_contact
from abonent.domain.party.queries import customers_of_party
from abonent.domain.party.queries_clients import filter_words, list_clients, places_of_clients
from abonent.domain.party.queries_search import search
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.party.rules_contact import Contact, contact_of, problems
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.faces.console.addresses import client_path
from abonent.faces.console.clients.client_view import Act, ClientFile, Doors, client_view
from abonent.faces.console.clients.labels import CHANNEL, LANGUAGE, place_ids
from abonent.faces.console.clients.list_view import address, list_view, query_of, read_filter
from abonent.faces.console.clients.search_view import search_view
from abonent.faces.console.clients.timeline import PROCESSES
from abonent.faces.console.desk import Desk, Form, Visit, said, see, typed
from abonent.faces.console.labels import word
from abonent.faces.console.order_list import Choice
from abonent.faces.console.saved import saved_view
from abonent.kit.access import Caller
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, Conflict, Forbidden, NotFound
from abonent.kit.i18n import Translator

SECTION = "Clients"
_LONGEST_QUERY = 200


class Pages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    # ---- list and search

    async def listing(self, visit: Visit) -> Response:
        if not visit.user.staff:
            return see(client_path(await self._own_client(visit.caller)))
        store, wanted = self._ctx.store, read_filter(visit.query)
        (rows, total), words = await asyncio.gather(list_clients(store, wanted), filter_words(store))
        if wanted.offset and not rows:
            return see(address(replace(wanted, offset=0)))
        view = list_view(rows, total, wanted, words, visit.now, visit.t)
        saved = await saved_view(self._desk, visit, "/clients", query_of(wanted))
        shown = self._desk.page(visit, "clients/list.html", {"view": view, "saved": saved}, section=SECTION)
        if visit.part:
            shown.headers["HX-Push-Url"] = address(wanted)
        return shown

    async def search(self, visit: Visit) -> Response:
        """A single hit is gone to at once."""
        text = "".join(c for c in visit.query.get("q", "") if c.isprintable()).strip()[:_LONGEST_QUERY]
        found = await search(self._ctx.store, text, visit.caller.owner)
        messages = "/messages/{message_id}" in self._desk.mounted
        places = await places_of_clients(self._ctx.store, [client["id"] for client in found.clients])
        view = search_view(found, text, visit.now, visit.t, messages=messages, places=places)
        if view.only:
            return see(view.only)
        return self._desk.page(visit, "clients/search.html", {"view": view}, section=SECTION)

    async def _own_client(self, caller: Caller) -> str:
        """The client that a client's account belongs to, whose customer or party its `party` names."""
        party = caller.party or ""
        if (CUSTOMER_.name, party) in await self._ctx.store.find([(CUSTOMER_, party)]):
            return party
        found = await customers_of_party(self._ctx.store, party)
        if not found:
            raise NotFound(
                "noClient", N_("No client belongs to this account. Ask the operator to connect it.")
            )
        return found[0]["id"]

    # ---- a client

    async def client(self, visit: Visit) -> Response:
        stored = await self._stored(visit)
        process = visit.query.get("process", "")
        file = await self._file(stored)
        doors = self._doors(visit, stored.id)
        view = client_view(file, process if process in PROCESSES else "", doors, visit.now, visit.t)
        facts = {"view": view, "past": f"{client_path(stored.id)}/products"}
        return self._desk.page(visit, "clients/client.html", facts, section=SECTION)

    async def _stored(self, visit: Visit) -> Stored:
        """The client asked for; NotFound for one this person may not see."""
        return await self._ctx.store.get(visit.caller, CUSTOMER_, visit.path["client_id"])

    async def _file(self, stored: Stored) -> ClientFile:
        store = self._ctx.store
        held = await queries_file.holdings(store, stored.id)
        places = {id for product in held.products for id in place_ids(product)}
        moves, found = await asyncio.gather(
            queries_file.moves(
                store,
                [
                    ("productOrder", [order["id"] for order in held.orders]),
                    ("product", [product["id"] for product in held.products]),
                    ("customer", [stored.id]),
                ],
            ),
            store.find([(GEOGRAPHIC_ADDRESS, id) for id in sorted(places)]),
        )
        addresses = {id: each.document for (_, id), each in found.items()}
        return ClientFile(stored.document, stored.version, held, moves, addresses)

    def _doors(self, visit: Visit, client: str) -> Doors:
        """Where one goes on from here, what may be done now first; pages that there are not are left out."""
        t, there = visit.t, self._desk.mounted
        asking, own = urlencode({"client": client}), client_path(client)
        if not visit.user.staff:
            return Doors([])
        acts = []
        if "/orders/new" in there:
            acts.append(Act(t.gettext("New order"), f"/orders/new?{asking}", primary=True))
        if "/requests/new" in there:
            acts.append(Act(t.gettext("Ask an engineer"), f"/requests/new?{asking}"))
        if "/messages/new" in there:
            acts.append(Act(t.gettext("Write"), f"/messages/new?{asking}"))
        acts.append(Act(t.gettext("Change contact data"), f"{own}/contact"))
        return Doors(
            acts,
            wishes=f"{own}/preferences" if "/clients/{client_id}/preferences" in there else "",
            messages=f"/messages?{asking}" if "/messages" in there else "",
        )

    # ---- contact data

    async def contact(self, visit: Visit) -> Response:
        stored = await self._editable(visit)
        return self._form(visit, stored, contact_of(stored.document), stored.version, {})

    async def change(self, visit: Visit, form: Form) -> Response:
        stored = await self._editable(visit)
        wanted = Contact(**{name: typed(form, name).replace("\n", " ") for name in asdict(Contact())})
        version = form.get("version", "")
        read = int(version) if version.isascii() and version.isdigit() and len(version) < 18 else 0
        wrong = {name: said(problem, visit.t) for name, problem in problems(wanted).items()}
        if wrong:
            return self._form(visit, stored, wanted, read, wrong, status=400)
        try:
            await change_contact(self._ctx.for_caller(visit.caller), stored.id, wanted, read)
        except Conflict:
            wrong = {
                "form": visit.t.gettext(
                    "Somebody else changed this client meanwhile. Compare with what stands now, and save again."
                )
            }
            return self._form(visit, stored, wanted, stored.version, wrong, status=409)
        return see(client_path(stored.id))

    async def _editable(self, visit: Visit) -> Stored:
        if not visit.user.staff:
            raise Forbidden(
                "contactByStaff", N_("Contact data is changed by the operator's staff; ask them.")
            )
        return await self._stored(visit)

    def _form(
        self,
        visit: Visit,
        stored: Stored,
        contact: Contact,
        version: int,
        wrong: dict[str, str],
        status: int = 200,
    ) -> Response:
        facts = {
            "id": stored.id,
            "name": stored.document.get("name") or stored.id,
            "contact": contact,
            "now_stored": contact_of(stored.document) if "form" in wrong else None,
            "version": version,
            "wrong": wrong,
            "languages": _choices(LANGUAGE, contact.language, visit.t),
            "channels": _choices(CHANNEL, contact.channel, visit.t),
            "back": client_path(stored.id),
            "here": f"{client_path(stored.id)}/contact",
        }
        return self._desk.page(visit, "clients/contact.html", facts, section=SECTION, status=status)


def _choices(table: Any, chosen: str, t: Translator) -> list[Choice]:
    return [Choice(value, word(table, value, t), value == chosen) for value in table]
