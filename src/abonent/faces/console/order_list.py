"""The order list: its filter read from an address and written back to one, and its rows in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from abonent.faces.console.addresses import client_path
from abonent.faces.console.data import PAGE_SIZE, OrderFilter, OrderPage, OrderRow
from abonent.faces.console.labels import FINAL_ORDER_STATES, JEOPARDY, ORDER, Label, label
from abonent.kit.i18n import NP_, Translator

_STATES = ("open", *ORDER)
_ANY = OrderFilter()
SORTS: Mapping[str, tuple[str, str]] = {
    "number": NP_("sorted by", "number"),
    "client": NP_("sorted by", "client"),
    "state": NP_("sorted by", "state"),
    "promised": NP_("sorted by", "promised date"),
    "priced": NP_("sorted by", "price a month"),
    "ordered": NP_("sorted by", "day of order"),
}


@dataclass(frozen=True, slots=True)
class ListRow:
    """An order in the list. `late` is how late, in words, when the promise has passed."""

    id: str
    title: str
    client: str
    client_href: str
    label: Label
    jeopardy: Label | None
    promised: str
    promised_at: datetime | None
    late: str
    price: str
    once: str
    ordered: str


@dataclass(frozen=True, slots=True)
class Column:
    """A head of the list: its word, the address that sorts by it, and how it is sorted now (or "")."""

    word: str
    href: str
    sorted: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a select, or a link to a ready-made filter."""

    value: str
    word: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ListView:
    """Everything the template of the list shows; `export`: the address of the whole list as a file."""

    rows: tuple[ListRow, ...]
    columns: tuple[Column, ...]
    states: tuple[Choice, ...]
    shortcuts: tuple[Choice, ...]
    wanted: OrderFilter
    sentence: str
    range: str
    previous: str
    next: str
    filtered: bool
    here: str
    export: str


def read_filter(query: Mapping[str, str]) -> OrderFilter:
    """The filter an address asks for; what makes no sense is taken as not said."""
    sort = query.get("sort", "-ordered")
    field = sort.lstrip("-")
    state = query.get("state") or None
    page = query.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and 0 < int(page) < 1_000_000 else 1
    return OrderFilter(
        state=state if state in _STATES else None,
        text=_said(query, "q"),
        client=_said(query, "client"),
        late=query.get("late") in ("1", "on", "true"),
        sort=field if field in SORTS else "ordered",
        descending=sort.startswith("-") if field in SORTS else True,
        offset=(number - 1) * PAGE_SIZE,
        town=_said(query, "town"),
        offering=_said(query, "offering"),
        placed_by=_said(query, "by"),
    )


def _said(query: Mapping[str, str], name: str) -> str:
    return query.get(name, "").replace("\x00", "").strip()[:200]


def address(wanted: OrderFilter, path: str = "/orders") -> str:
    """The address of a filter: short, so that it can be kept and sent."""
    query = query_of(wanted)
    return f"{path}?{query}" if query else path


def query_of(wanted: OrderFilter) -> str:
    """What stands after the "?" of a filter's address; empty when all is shown as usual."""
    pairs = [
        ("state", wanted.state or ""),
        ("q", wanted.text),
        ("client", wanted.client),
        ("late", "1" if wanted.late else ""),
        ("town", wanted.town),
        ("offering", wanted.offering),
        ("by", wanted.placed_by),
        ("sort", "" if _order(wanted) == _order(_ANY) else _order(wanted)),
        ("page", str(wanted.offset // PAGE_SIZE + 1) if wanted.offset else ""),
    ]
    return urlencode([(key, value) for key, value in pairs if value])


def _order(wanted: OrderFilter) -> str:
    return ("-" if wanted.descending else "") + wanted.sort


def list_view(page: OrderPage, wanted: OrderFilter, now: datetime, t: Translator) -> ListView:
    """The list as the template shows it."""
    following = replace(wanted, offset=wanted.offset + PAGE_SIZE)
    before = replace(wanted, offset=max(wanted.offset - PAGE_SIZE, 0))
    return ListView(
        rows=tuple(_row(row, now, t) for row in page.rows),
        columns=tuple(_columns(wanted, page.rows, t)),
        states=tuple(_states(wanted, t)),
        shortcuts=tuple(_shortcuts(wanted, t)),
        wanted=wanted,
        sentence=_sentence(page.total, wanted, t),
        range=_range(wanted.offset + 1, wanted.offset + len(page.rows), page.total, t),
        previous=address(before) if wanted.offset else "",
        next=address(following) if wanted.offset + len(page.rows) < page.total else "",
        filtered=replace(wanted, sort="", descending=True, offset=0) != replace(_ANY, sort=""),
        here=address(wanted),
        export=address(replace(wanted, offset=0), "/orders.csv"),
    )


def _range(first: int, last: int, total: int, t: Translator) -> str:
    numbers = {"first": t.number(first), "last": t.number(last), "total": t.number(total)}
    return t.gettext("{first} to {last} of {total}", **numbers)


def _row(row: OrderRow, now: datetime, t: Translator) -> ListRow:
    late = row.promised is not None and now > row.promised and row.state not in FINAL_ORDER_STATES
    gap = t.duration(now - row.promised) if late and row.promised else ""
    return ListRow(
        id=row.id,
        title=row.told(t),
        client=row.customer_name or row.customer_id or "",
        client_href=client_path(row.customer_id) if row.customer_id else "",
        label=label(ORDER, row.state, t),
        jeopardy=label(JEOPARDY, "critical", t) if late else None,
        promised=_promised(row, now, t),
        promised_at=row.promised,
        late=t.gettext("{gap} late", gap=gap) if gap else "",
        price=t.number(row.monthly) if row.monthly is not None else "",
        once=t.gettext("once {sum}", sum=t.number(row.once)) if row.once else "",
        ordered=t.near(row.ordered, now),
    )


def _promised(row: OrderRow, now: datetime, t: Translator) -> str:
    if row.promised:
        return t.near(row.promised, now)
    return "\u2013" if row.state in FINAL_ORDER_STATES else t.gettext("not yet")


def _columns(wanted: OrderFilter, rows: Sequence[OrderRow], t: Translator) -> list[Column]:
    currency = t.currency_mark(rows[0].currency if rows else "RUB")
    words = [
        ("number", t.gettext("Number"), False),
        ("client", t.gettext("Client"), False),
        ("", t.gettext("What"), False),
        ("state", t.gettext("State"), False),
        ("promised", t.gettext("Promised"), False),
        ("priced", t.gettext("{currency} a month, with tax", currency=currency), True),
    ]
    return [_column(wanted, field, text, numeric) for field, text, numeric in words]


def _column(wanted: OrderFilter, field: str, text: str, numeric: bool) -> Column:
    if not field:
        return Column(text, "", "", numeric)
    here = wanted.sort == field
    turned = replace(wanted, sort=field, descending=here and not wanted.descending, offset=0)
    direction = ("descending" if wanted.descending else "ascending") if here else ""
    return Column(text, address(turned), direction, numeric)


def _states(wanted: OrderFilter, t: Translator) -> list[Choice]:
    words = [("", t.gettext("in any state")), ("open", t.gettext("not finished"))]
    words += [(state, label(ORDER, state, t).word) for state in ORDER]
    return [Choice(value, text, value == (wanted.state or "")) for value, text in words]


def _shortcuts(wanted: OrderFilter, t: Translator) -> list[Choice]:
    nearest = replace(_ANY, sort="promised", descending=False)
    ready = [
        (_ANY, t.gettext("All")),
        (replace(nearest, state="open"), t.gettext("Not finished, nearest promise first")),
        (replace(nearest, late=True), t.gettext("Late")),
        (replace(_ANY, state="pending"), t.gettext("Waiting for the client")),
        (replace(_ANY, state="failed"), t.gettext("Failed")),
    ]
    here = address(replace(wanted, offset=0))
    return [Choice(address(each), text, address(each) == here) for each, text in ready]


def _sentence(total: int, wanted: OrderFilter, t: Translator) -> str:
    count = t.ngettext("{n} order", "{n} orders", total)
    field = t.pgettext(*SORTS[wanted.sort])
    if wanted.descending:
        return t.gettext("{count}, sorted by {field}, descending", count=count, field=field)
    return t.gettext("{count}, sorted by {field}, ascending", count=count, field=field)
