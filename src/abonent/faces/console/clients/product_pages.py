"""A product's page, the steps with it, and what a client held on any date."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from abonent.domain.inventory.queries_past import list_past, read_past
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.inventory.rules_past import moment_of
from abonent.domain.order_handling.ending import rules_for
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.rules_ending import fee
from abonent.domain.order_handling.rules_product_acts import MOVE, TRANSFER
from abonent.domain.party import queries_file
from abonent.domain.party.queries_search import search
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.faces.console.acts import Refused, refuse, step_routes
from abonent.faces.console.addresses import client_path, order_path, product_path
from abonent.faces.console.clients.client_view import product_rows
from abonent.faces.console.clients.labels import place_ids
from abonent.faces.console.clients.product_steps import only_place, order_for, product_acts
from abonent.faces.console.clients.product_view import product_view
from abonent.faces.console.desk import Desk, Form, Visit, demand_staff, said, see, typed
from abonent.faces.console.ends import told_of_ending
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict, IllegalMove

SECTION = "Clients"
_FIELDS = ("reason", "address", "date", "client", "gives", "takes")
# What problems call the fields of the forms; a day is told as the API tells it.
_AT = frozenset(_FIELDS) | {"asOf"}
Document = Mapping[str, Any]


class ProductPages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def product(self, visit: Visit) -> Response:
        """A product as it stands; with `?on=` as it stood at the end of that day."""
        return await self._page(visit)

    async def _page(self, visit: Visit, refused: Refused | None = None) -> Response:
        store, id = self._ctx.store, visit.path["product_id"]
        at, wrong = self._day(visit)
        if at is None:
            document = (await store.get(visit.caller, PRODUCT, id)).document
        else:
            document = await read_past(self._ctx.for_caller(visit.caller), id, at)
        file, history, places = await asyncio.gather(
            queries_file.product_file(store, document),
            store.history(PRODUCT, id),
            store.find([(GEOGRAPHIC_ADDRESS, each) for each in place_ids(document)]),
        )
        if at is not None:
            history = [row for row in history if row["at"] <= at]
        if at is not None or not visit.user.staff:
            # What the network is made of is the operator's own affair, and of today.
            file = replace(file, path=[])
        addresses = {each_id: each.document for (_, each_id), each in places.items()}
        view = product_view(document, file, history, addresses, visit.now, visit.t)
        staff = visit.user.staff
        ending = await self._ending(document, visit) if staff and at is None else ""
        facts: dict[str, Any] = {
            "view": view,
            "staff": staff and at is None,
            "here": product_path(id),
            "acts": product_acts(document, visit.t, ending) if staff and at is None else [],
            "refused": refused,
            **self._dated(visit, at, wrong),
        }
        status = refused.status if refused else 400 if wrong else 200
        return self._desk.page(visit, "clients/product.html", facts, section=SECTION, status=status)

    async def _ending(self, product: Document, visit: Visit) -> str:
        """What it costs to end a product now, in words."""
        rules = await rules_for(self._ctx, [product])
        rule = rules.get((product.get("productOffering") or {}).get("id") or "")
        due = fee(rule, product, visit.now)
        name = visit.t.name(product.get("name") or product["id"])
        return "".join(f" {text}" for _, text in told_of_ending(name, product, rule, due, visit.t))

    async def held(self, visit: Visit) -> Response:
        """What a client held at the end of a day."""
        stored = await self._ctx.store.get(visit.caller, CUSTOMER_, visit.path["client_id"])
        at, wrong = self._day(visit)
        ctx = self._ctx.for_caller(visit.caller)
        found = await list_past(ctx, stored.id, at or visit.now)
        wanted = {id for product in found for id in place_ids(product)}
        places = await self._ctx.store.find([(GEOGRAPHIC_ADDRESS, id) for id in sorted(wanted)])
        addresses = {id: each.document for (_, id), each in places.items()}
        on = typed_day(visit)
        rows = product_rows(found, addresses, visit.now, visit.t)
        if at is not None:
            rows = [replace(row, href=f"{row.href}?on={on}") for row in rows]
        facts = {
            "name": stored.document.get("name") or stored.id,
            "back": client_path(stored.id),
            "here": f"{client_path(stored.id)}/products",
            "rows": rows,
            **self._dated(visit, at, wrong),
        }
        status = 400 if wrong else 200
        return self._desk.page(visit, "clients/held.html", facts, section=SECTION, status=status)

    def _day(self, visit: Visit) -> tuple[datetime | None, str]:
        """The end of the day that the address asks for, and what is wrong with it."""
        on = typed_day(visit)
        if not on:
            return None, ""
        try:
            return moment_of(on, self._desk.settings.zone), ""
        except BadInput as wrong:
            return None, said(wrong, visit.t)

    @staticmethod
    def _dated(visit: Visit, at: datetime | None, wrong: str) -> dict[str, Any]:
        today = visit.t.local(visit.now).date().isoformat()
        told = visit.t.day(at) if at is not None else ""
        return {"on": typed_day(visit), "on_told": told, "on_wrong": wrong, "today": today}

    def step(self, name: str) -> list[BaseRoute]:
        """The routes of a step: it leads to the order that was placed, and a refusal stands at its form."""

        async def take(visit: Visit, form: Form) -> Response:
            demand_staff(visit)
            try:
                placed = await self._placed(visit, name, form)
            except (BadInput, Conflict, IllegalMove) as problem:
                return await self._page(
                    visit, refuse(name, problem, said(problem, visit.t), form, fields=_AT)
                )
            return see(order_path(placed["id"]))

        def page(visit: Visit) -> str:
            return product_path(visit.path["product_id"])

        return step_routes(self._desk, f"/products/{{product_id}}/{name}", take, page)

    async def _placed(self, visit: Visit, step: str, form: Form) -> Document:
        store = self._ctx.store
        stored = await store.get(visit.caller, PRODUCT, visit.path["product_id"])
        values = {name: typed(form, name) for name in _FIELDS}
        if not any(act.step == step for act in product_acts(stored.document, visit.t)):
            raise IllegalMove(
                "actNotNow", N_("The product stands otherwise by now; look at what can be done.")
            )
        place = receiver = None
        if step == MOVE and values["address"]:
            known = await store.one(GEOGRAPHIC_ADDRESS, values["address"])
            found = [known.document] if known else (await search(store, values["address"], None)).addresses
            place = only_place(found, values["address"])
        if step == TRANSFER and values["client"]:
            client = await store.one(CUSTOMER_, values["client"])
            receiver = client.document if client else None
        if values["date"]:
            moment_of(values["date"])
        order = order_for(step, stored.document, values, place, receiver)
        return await place_order(self._ctx.for_caller(visit.caller), order)


def typed_day(visit: Visit) -> str:
    """The day in the address, as typed."""
    return visit.query.get("on", "").strip()[:40]
