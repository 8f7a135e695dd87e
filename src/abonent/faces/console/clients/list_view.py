"""The list of clients: its filter read from an address and written back to one, and its rows in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from abonent.domain.catalog.texts import text_in
from abonent.domain.party.queries_clients import NOTHING, ClientFilter, ClientListing, FilterWords
from abonent.faces.console.addresses import client_path
from abonent.faces.console.clients.labels import KIND
from abonent.faces.console.labels import CLIENT, Label, label, word
from abonent.faces.console.order_list import Choice, Column
from abonent.kit.i18n import NP_, Translator
from abonent.kit.values import from_wire

PAGE_SIZE = 50
_ANY = ClientFilter()
_SORTS: Mapping[str, tuple[str, str]] = {
    "name": NP_("clients sorted by", "name"),
    "number": NP_("clients sorted by", "number"),
    "since": NP_("clients sorted by", "beginning"),
    "owed": NP_("clients sorted by", "arrears"),
}


@dataclass(frozen=True, slots=True)
class ListRow:
    """A client in the list; money is written for a column whose head names the currency."""

    id: str
    href: str
    name: str
    kind: str
    label: Label | None
    place: str
    since: str
    products: str
    monthly: str
    open_orders: str
    owed: str


@dataclass(frozen=True, slots=True)
class ListView:
    """Everything the template of the list shows."""

    rows: tuple[ListRow, ...]
    columns: tuple[Column, ...]
    kinds: tuple[Choice, ...]
    states: tuple[Choice, ...]
    towns: tuple[Choice, ...]
    offerings: tuple[Choice, ...]
    shortcuts: tuple[Choice, ...]
    wanted: ClientFilter
    sentence: str
    range: str
    previous: str
    next: str
    filtered: bool


def read_filter(query: Mapping[str, str]) -> ClientFilter:
    """The filter an address asks for; what makes no sense is taken as not said."""

    def text(name: str) -> str:
        return "".join(c for c in query.get(name, "") if c.isprintable()).strip()[:200]

    sort = query.get("sort", "name")
    field = sort.lstrip("-")
    page = query.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and 0 < int(page[:9]) < 1_000_000 else 1
    return ClientFilter(
        text=text("q"),
        state=text("state"),
        kind=query.get("kind", "") if query.get("kind") in KIND else "",
        town=text("town"),
        offering=text("holds"),
        busy=query.get("busy") in ("1", "on", "true"),
        owing=query.get("owing") in ("1", "on", "true"),
        sort=field if field in _SORTS else "name",
        descending=sort.startswith("-") and field in _SORTS,
        offset=(number - 1) * PAGE_SIZE,
    )


def query_of(wanted: ClientFilter) -> str:
    """A filter as the query of an address: short, so that it can be kept and sent."""
    pairs = [
        ("q", wanted.text),
        ("kind", wanted.kind),
        ("state", wanted.state),
        ("town", wanted.town),
        ("holds", wanted.offering),
        ("busy", "1" if wanted.busy else ""),
        ("owing", "1" if wanted.owing else ""),
        ("sort", "" if _order(wanted) == _order(_ANY) else _order(wanted)),
        ("page", str(wanted.offset // PAGE_SIZE + 1) if wanted.offset else ""),
    ]
    return urlencode([(key, value) for key, value in pairs if value])


def address(wanted: ClientFilter) -> str:
    """The address of a filter."""
    query = query_of(wanted)
    return f"/clients?{query}" if query else "/clients"


def _order(wanted: ClientFilter) -> str:
    return ("-" if wanted.descending else "") + wanted.sort


def list_view(
    rows: Sequence[ClientListing],
    total: int,
    wanted: ClientFilter,
    words: FilterWords,
    now: datetime,
    t: Translator,
) -> ListView:
    """The list as the template shows it."""
    last = wanted.offset + len(rows)
    following = replace(wanted, offset=wanted.offset + PAGE_SIZE)
    before = replace(wanted, offset=max(wanted.offset - PAGE_SIZE, 0))
    states = [("", t.gettext("in any state"))]
    states += [(state, label(CLIENT, state, t).word) for state in words.states]
    kinds = [("", t.gettext("homes and businesses")), ("home", t.gettext("homes"))]
    kinds += [("business", t.gettext("businesses"))]
    towns = [("", t.gettext("any town")), *((town, town) for town in words.towns)]
    offerings = [("", t.gettext("anything or nothing"))]
    offerings.append((NOTHING, t.gettext("nothing")))
    offerings += [(o["id"], text_in(o, "name", t.lang) or o["id"]) for o in words.offerings]
    return ListView(
        rows=tuple(_row(row, now, t) for row in rows),
        columns=tuple(_columns(wanted, rows, t)),
        kinds=_choices(kinds, wanted.kind),
        states=_choices(states, wanted.state),
        towns=_choices(towns, wanted.town),
        offerings=_choices(offerings, wanted.offering),
        shortcuts=tuple(_shortcuts(wanted, t)),
        wanted=wanted,
        sentence=_sentence(total, wanted, t),
        range=t.gettext(
            "{first} to {last} of {total}",
            first=t.number(wanted.offset + 1),
            last=t.number(last),
            total=t.number(total),
        ),
        previous=address(before) if wanted.offset else "",
        next=address(following) if last < total else "",
        filtered=replace(wanted, sort="name", descending=False, offset=0) != _ANY,
    )


def _choices(words: Sequence[tuple[str, str]], chosen: str) -> tuple[Choice, ...]:
    """The options of a select; a value that is not among them stays to be seen and taken away."""
    known = [*words, *([(chosen, chosen)] if chosen not in {value for value, _ in words} else [])]
    return tuple(Choice(value, text, value == chosen) for value, text in known)


def _row(row: ClientListing, now: datetime, t: Translator) -> ListRow:
    document = row.document
    return ListRow(
        id=document["id"],
        href=client_path(document["id"]),
        name=document.get("name") or document["id"],
        kind=word(KIND, row.kind, t),
        label=label(CLIENT, row.state, t) if row.state != "active" else None,
        place=row.place,
        since=t.day(from_wire(row.since), now) if row.since else "\u2013",
        products=t.ngettext("{n} product", "{n} products", row.products) if row.products else "\u2013",
        monthly=t.number(row.monthly) if row.products else "\u2013",
        open_orders=t.ngettext("{n} open", "{n} open", row.open_orders) if row.open_orders else "\u2013",
        owed=t.number(row.owed) if row.owed else "\u2013",
    )


def _columns(wanted: ClientFilter, rows: Sequence[ClientListing], t: Translator) -> list[Column]:
    currency = t.currency_mark(rows[0].currency if rows else "RUB")
    heads = [
        ("name", t.gettext("Client"), False),
        ("", t.gettext("Address"), False),
        ("since", t.gettext("Since"), False),
        ("", t.gettext("Holds"), False),
        ("", t.gettext("Orders"), False),
        ("", t.gettext("{currency} a month", currency=currency), True),
        ("owed", t.gettext("Arrears, {currency}", currency=currency), True),
    ]
    return [_column(wanted, field, text, numeric) for field, text, numeric in heads]


def _column(wanted: ClientFilter, field: str, text: str, numeric: bool) -> Column:
    if not field:
        return Column(text, "", "", numeric)
    here = wanted.sort == field
    # Names begin with A; for dates and sums the largest is asked for first.
    down = not wanted.descending if here else field in ("since", "owed")
    direction = ("descending" if wanted.descending else "ascending") if here else ""
    return Column(text, address(replace(wanted, sort=field, descending=down, offset=0)), direction, numeric)


def _shortcuts(wanted: ClientFilter, t: Translator) -> list[Choice]:
    ready = [
        (_ANY, t.gettext("All")),
        (replace(_ANY, busy=True), t.gettext("With open orders")),
        (replace(_ANY, owing=True, sort="owed", descending=True), t.gettext("In arrears, largest first")),
        (replace(_ANY, sort="since", descending=True), t.gettext("Newest")),
        (replace(_ANY, kind="business"), t.gettext("Businesses")),
    ]
    here = address(replace(wanted, offset=0))
    return [Choice(address(each), text, address(each) == here) for each, text in ready]


def _sentence(total: int, wanted: ClientFilter, t: Translator) -> str:
    count = t.ngettext("{n} client", "{n} clients", total)
    field = t.pgettext(*_SORTS[wanted.sort])
    if wanted.descending:
        return t.gettext("{count}, sorted by {field}, descending", count=count, field=field)
    return t.gettext("{count}, sorted by {field}, ascending", count=count, field=field)
