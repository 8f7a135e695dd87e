"""Money to be given back, in the reader's words: rows, the filter's address, cells of the file. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from abonent.domain.order_handling.queries_refund import STATES, RefundFilter
from abonent.domain.order_handling.rules_refund import by_provider, due, due_since, due_sum
from abonent.faces.console.addresses import client_path, order_path
from abonent.faces.console.labels import Label, Marked, label
from abonent.faces.console.order_list import Choice
from abonent.kit.errors import N_
from abonent.kit.i18n import NP_, Translator
from abonent.kit.values import Money, amount_of, from_wire

Document = Mapping[str, Any]
PATH, GIVE = "/refunds", "/refunds/give"
REFUND: Mapping[str, Marked] = {
    "refundDue": ("wait", NP_("refund", "To be given back")),
    "refunding": ("run", NP_("refund", "The provider sends it back")),
    "refunded": ("ok", NP_("refund", "Given back")),
}
_HOW: Mapping[str, tuple[str, str]] = {
    "provider": NP_("refund", "through the provider"),
    "otherwise": NP_("refund", "otherwise"),
}
_CAME_LATE = N_("It came when nothing was owed any more.")


@dataclass(frozen=True, slots=True)
class Row:
    """Money of one order. `marked`: it can be chosen to be given back; `provider`: the provider can send it."""

    id: str
    order_href: str
    client_id: str
    client: str
    client_href: str
    amount: str
    plain: str
    currency: str
    why: str
    since: str
    since_at: datetime
    waited: str
    label: Label
    note: str
    given: str
    marked: bool
    provider: bool


def read_filter(query: Mapping[str, str]) -> RefundFilter:
    """The filter of an address; what it does not know counts as left out."""
    asked = query.get("state", "refundDue")
    client = "".join(each for each in query.get("client", "") if each.isprintable()).strip()[:200]
    return RefundFilter(asked if asked in STATES else "", client)


def address(wanted: RefundFilter, offset: int = 0, path: str = PATH) -> str:
    """The list with this filter."""
    state = "" if wanted.state == "refundDue" else wanted.state or "any"
    query = {"state": state, "client": wanted.client, "offset": str(offset or "")}
    said = urlencode({name: value for name, value in query.items() if value})
    return path + (f"?{said}" if said else "")


def states(wanted: RefundFilter, t: Translator) -> list[Choice]:
    """The states to choose from."""
    listed = [Choice(each, label(REFUND, each, t).word, each == wanted.state) for each in REFUND]
    return [*listed, Choice("any", t.gettext("any state"), not wanted.state)]


def row_of(request: Document, order: Document | None, now: datetime, t: Translator) -> Row:
    """One request with its order, as of `now`."""
    state, customer = request["state"], request["customer"]
    back = [each for each in request.get("late") or () if each.get("back")]
    money = due_sum(request) if state != "refunded" else _given_sum(request, back)
    since = from_wire(due_since(request) or request["late"][0]["at"])
    return Row(
        id=request["id"],
        order_href=order_path(request["id"]),
        client_id=str(customer["id"]),
        client=str(customer.get("name") or customer["id"]),
        client_href=client_path(customer["id"]),
        amount=t.money(money.amount, money.currency),
        plain=f"{money.amount:.2f}",
        currency=money.currency,
        why=_why(order, t),
        since=t.near(since, now),
        since_at=since,
        waited=t.duration(now - since) if state != "refunded" else "",
        label=label(REFUND, state, t),
        note=_note(request, t),
        given=_given(back, now, t),
        marked=state == "refundDue",
        provider=state == "refundDue" and bool(by_provider(request)),
    )


def _given_sum(request: Document, back: Sequence[Document]) -> Money:
    total = sum((amount_of(each["amount"]) for each in back), start=amount_of(None))
    return Money(total, str(request["amount"].get("unit") or "RUB"))


def _why(order: Document | None, t: Translator) -> str:
    reason = str((order or {}).get("cancellationReason") or "")
    return (
        t.gettext("Order cancelled: {reason}", reason=t.retell(reason)) if reason else t.gettext(_CAME_LATE)
    )


def _note(request: Document, t: Translator) -> str:
    refusal = request.get("refusal")
    if refusal:
        return t.gettext("The provider did not send it: {reason}", reason=t.retell(refusal["reason"]))
    if request["state"] != "refundDue":
        return ""
    mine, every = len(by_provider(request)), len(due(request))
    if mine == every:
        return ""
    return t.gettext("came in cash or by bank") if not mine else t.gettext("came in part in cash or by bank")


def _given(back: Sequence[Document], now: datetime, t: Translator) -> str:
    told = []
    for each in back:
        done = each["back"]
        how = t.pgettext(*_HOW[done["how"]]) if done.get("how") in _HOW else ""
        who = done.get("by") if done.get("how") == "otherwise" else ""
        parts = (t.near(from_wire(done["at"]), now), how, done.get("document"), who)
        told.append(", ".join(str(part) for part in parts if part))
    return "; ".join(dict.fromkeys(told))


def head(t: Translator) -> list[str]:
    """The columns of the file."""
    return [
        t.gettext("Order"),
        t.gettext("Client number"),
        t.gettext("Client"),
        t.gettext("Amount"),
        t.gettext("Currency"),
        t.gettext("Why"),
        t.gettext("Due since"),
        t.gettext("State"),
        t.gettext("Given back"),
    ]


def cells(row: Row, t: Translator) -> list[str]:
    """A row of the file; texts are not made safe for spreadsheets yet."""
    return [
        row.id,
        row.client_id,
        row.client,
        row.plain.replace(".", ",") if t.lang == "ru" else row.plain,
        row.currency,
        row.why,
        f"{t.local(row.since_at):%Y-%m-%d %H:%M}",
        row.label.word,
        row.given or row.note,
    ]
