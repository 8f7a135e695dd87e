"""The list of messages, a message, the steps with it by hand, a new one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from abonent.domain.communication.messages import by_id, cancel, create_message, resend
from abonent.domain.communication.queries_list import list_messages
from abonent.domain.communication.resources import COMMUNICATION_MESSAGE
from abonent.domain.communication.rules import addresses_of, preferences_of
from abonent.domain.party.resources import CUSTOMER_
from abonent.faces.console.addresses import message_path
from abonent.faces.console.desk import Desk, Form, Visit, demand_staff, said, see, typed
from abonent.faces.console.labels import word
from abonent.faces.console.messages.labels import CHANNEL, LANGUAGE
from abonent.faces.console.messages.list_view import address, list_view, query_of, read_filter
from abonent.faces.console.messages.message_view import message_view
from abonent.faces.console.order_list import Choice
from abonent.faces.console.saved import saved_view
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict, IllegalMove, Problem

SECTION = "Clients"
_LONGEST = 5000
WITHDRAWN = N_("Withdrawn by hand.")


class MessagePages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def listing(self, visit: Visit) -> Response:
        """The list."""
        COMMUNICATION_MESSAGE.permissions.demand(visit.caller, write=False, what=COMMUNICATION_MESSAGE.name)
        wanted = read_filter(visit.query, visit.caller.owner)
        found, total = await list_messages(self._ctx.store, wanted)
        if wanted.offset and not found:
            return see(address(replace(wanted, offset=0)))
        saved = await saved_view(self._desk, visit, "/messages", query_of(replace(wanted, offset=0)))
        view = list_view(found, total, wanted, visit.t)
        facts = {"view": view, "saved": saved, "staff": visit.user.staff}
        shown = self._desk.page(visit, "messages/list.html", facts, section=SECTION)
        shown.headers["HX-Push-Url"] = address(wanted)
        return shown

    async def message(self, visit: Visit) -> Response:
        """A message."""
        return await self._page(visit)

    async def back(self, visit: Visit) -> Response:
        """A step's address opened by hand leads to the message."""
        return see(message_path(visit.path["message_id"]))

    async def _page(self, visit: Visit, refused: str = "", status: int = 200) -> Response:
        id = visit.path["message_id"]
        stored: Stored = await self._ctx.store.get(visit.caller, COMMUNICATION_MESSAGE, id)
        history = await self._ctx.store.history(COMMUNICATION_MESSAGE, id)
        view = message_view(stored.document, history, visit.now, visit.t)
        facts = {"view": view, "refused": refused, "staff": visit.user.staff, "here": message_path(id)}
        return self._desk.page(visit, "messages/message.html", facts, section=SECTION, status=status)

    async def resend(self, visit: Visit, _: Form) -> Response:
        """Send it (again)."""
        return await self._step(visit, resend)

    async def cancel(self, visit: Visit, _: Form) -> Response:
        """Take it back."""
        return await self._step(visit, cancel, WITHDRAWN)

    async def _step(self, visit: Visit, act: Callable[..., Awaitable[Any]], *args: Any) -> Response:
        demand_staff(visit)
        try:
            await by_id(self._ctx.for_caller(visit.caller), visit.path["message_id"], act, *args)
        except (BadInput, Conflict, IllegalMove) as problem:
            return await self._page(visit, said(problem, visit.t), problem.status)
        return see(message_path(visit.path["message_id"]))

    # ---- a new one

    async def new(self, visit: Visit) -> Response:
        """The form; ?client= says to whom."""
        demand_staff(visit)
        customer = await self._customer(visit, visit.query.get("client", ""))
        given = {"client": customer["id"] if customer else visit.query.get("client", "")[:100]}
        return self._form(visit, customer, given)

    async def write(self, visit: Visit, form: Form) -> Response:
        """Send what was typed."""
        demand_staff(visit)
        given = {name: typed(form, name, _LONGEST) for name in ("client", "channel", "subject", "content")}
        t, wrong = visit.t, {}
        customer = await self._customer(visit, given["client"])
        if customer is None:
            wrong["client"] = t.gettext("There is no client with this number. Look him up under Clients.")
        elif given["channel"] not in addresses_of(customer):
            wrong["channel"] = t.gettext("The client has no address for this. Choose another way.")
        if not given["content"]:
            wrong["content"] = t.gettext("Write what the client is to know.")
        if given["channel"] == "email" and not given["subject"]:
            wrong["subject"] = t.gettext("A mail needs a subject.")
        if wrong:
            return self._form(visit, customer, given, wrong, 400)
        document = {
            "messageType": given["channel"],
            "content": given["content"],
            "receiver": [{"id": given["client"]}],
            **({"subject": given["subject"]} if given["subject"] else {}),
        }
        try:
            made = await create_message(self._ctx.for_caller(visit.caller), document)
        except Problem as problem:
            return self._form(visit, customer, given, {"content": said(problem, t)}, problem.status)
        return see(message_path(made["id"]))

    async def _customer(self, visit: Visit, id: str) -> dict[str, Any] | None:
        found = await self._ctx.store.find([(CUSTOMER_, id)]) if id and "\x00" not in id else {}
        return next((stored.document for stored in found.values()), None)

    def _form(
        self,
        visit: Visit,
        customer: dict[str, Any] | None,
        given: Mapping[str, str],
        wrong: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        t, places = visit.t, addresses_of(customer)
        chosen = given.get("channel") or next(iter(places), "email")
        facts = {
            "given": {"subject": "", "content": "", **given},
            "wrong": wrong or {},
            "name": (customer or {}).get("name") or "",
            "language": word(LANGUAGE, preferences_of(customer).language, t) if customer else "",
            "channels": [
                Choice(
                    c,
                    f"{word(CHANNEL, c, t)} · {places[c]}" if c in places else word(CHANNEL, c, t),
                    c == chosen,
                )
                for c in (places or CHANNEL)
            ],
        }
        return self._desk.page(visit, "messages/new.html", facts, section=SECTION, status=status)
