"""Equipment that was lent with products that ended: what is still out, and a button for what came back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abonent.domain.order_handling.ending import mark_returned
from abonent.domain.order_handling.queries_ending import list_returns
from abonent.faces.console.acts import step_routes
from abonent.faces.console.addresses import client_path, order_path, product_path
from abonent.faces.console.data import PAGE_SIZE, offset_of
from abonent.faces.console.desk import Desk, Form, Room, Visit, demand_staff, see, typed
from abonent.faces.console.labels import Label, Marked, label
from abonent.faces.console.order_list import Choice
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.i18n import NP_, Translator
from abonent.kit.values import amount_of, from_wire, with_role

PATH = "/returns"
RETURN: Mapping[str, Marked] = {
    "expected": ("wait", NP_("return", "To come back")),
    "charged": ("bad", NP_("return", "Not returned, charged")),
    "returned": ("ok", NP_("return", "Returned")),
    "returnedLate": ("risk", NP_("return", "Returned after the charge")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One piece of equipment; `step` is where its button sends, empty once it is back."""

    name: str
    client: str
    client_href: str
    product: str
    product_href: str
    order: str
    order_href: str
    due: str
    due_at: datetime
    late: bool
    charge: str
    told: str
    label: Label
    step: str


@dataclass(frozen=True, slots=True)
class ReturnsView:
    """Everything the template shows."""

    sentence: str
    rows: tuple[Row, ...]
    states: tuple[Choice, ...]
    here: str
    previous: str = ""
    next: str = ""


def returns_view(
    found: Iterable[Stored], total: int, state: str, offset: int, now: datetime, t: Translator
) -> ReturnsView:
    """The list in the reader's words. Pure."""
    rows = tuple(_row(each, now, t) for each in found)
    states = [Choice("any", t.gettext("any state"), not state)]
    states += [Choice(each, label(RETURN, each, t).word, each == state) for each in RETURN]
    back, on = max(offset - PAGE_SIZE, 0), offset + PAGE_SIZE
    return ReturnsView(
        t.ngettext("{n} piece of equipment", "{n} pieces of equipment", total),
        rows,
        tuple(states),
        address(state, offset),
        address(state, back) if offset else "",
        address(state, on) if total > on else "",
    )


def address(state: str, offset: int = 0) -> str:
    """The address of the list with this filter."""
    given = {"state": state or "any", "offset": str(offset or "")}
    if state == "expected":
        given["state"] = ""
    said = urlencode({name: value for name, value in given.items() if value})
    return PATH + (f"?{said}" if said else "")


def _row(stored: Stored, now: datetime, t: Translator) -> Row:
    document, due = stored.document, from_wire(stored.document["dueDate"])
    client = with_role(document.get("relatedParty") or [], "customer") or {}
    product, order, charge = document["product"], document["productOrder"], document["charge"]
    open_ = document["state"] in {"expected", "charged"}
    return Row(
        t.pick(document["name"]),
        str(client.get("name") or client.get("id") or ""),
        client_path(client["id"]) if client.get("id") else "",
        t.name(product.get("name") or product["id"]),
        product_path(product["id"]),
        order["id"],
        order_path(order["id"]),
        t.near(due, now),
        due,
        open_ and due < now,
        t.money(amount_of(charge), str(charge.get("unit") or "RUB")),
        _told(document, now, t),
        label(RETURN, document["state"], t),
        f"{PATH}/{quote(stored.id, safe='')}/returned" if open_ else "",
    )


def _told(document: Mapping[str, Any], now: datetime, t: Translator) -> str:
    """What becomes of a charge once the piece is back, or became of it."""
    if document.get("chargeReversed"):
        return t.gettext("taken back")
    until = document.get("takeBackUntil")
    if document["state"] != "charged" or not until:
        return ""
    day = t.near(from_wire(until), now)
    if from_wire(until) < now:
        return t.gettext("could be taken back until {day}", day=day)
    return t.gettext("taken back if it comes by {day}", day=day)


def room(context: Context) -> Room:
    """The room over the domain of this process."""

    def routes(desk: Desk) -> list[BaseRoute]:
        async def show(visit: Visit) -> Response:
            """The list: what is still out first, unless another state is asked for."""
            demand_staff(visit)
            asked = visit.query.get("state", "expected")
            state = asked if asked in RETURN else ""
            offset = offset_of(visit.query)
            found, total = await list_returns(context.store, state=state, offset=offset, limit=PAGE_SIZE)
            view = returns_view(found, total, state, offset, visit.now, visit.t)
            return desk.page(visit, "returns/list.html", {"view": view}, section="Orders")

        async def take(visit: Visit, form: Form) -> Response:
            demand_staff(visit)
            await mark_returned(context.for_caller(visit.caller), visit.path["id"])
            back = typed(form, "back", 200)
            return see(back if back.startswith(PATH) else PATH)

        return [
            Route(PATH, desk.shows(show), methods=["GET"], name="console.returns"),
            *step_routes(desk, PATH + "/{id}/returned", take, lambda _: PATH),
        ]

    return routes
