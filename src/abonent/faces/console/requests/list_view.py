"""The queue of requests in the reader's words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from abonent.domain.agreement.documents import total_of
from abonent.domain.qualification.queries_engineering import RequestRow
from abonent.domain.qualification.rules_engineering import answered, speed_of
from abonent.domain.qualification.states_engineering import OPEN as OPEN_STATES
from abonent.domain.qualification.texts import address_line
from abonent.faces.console.addresses import request_path
from abonent.faces.console.data import PAGE_SIZE
from abonent.faces.console.labels import Label
from abonent.faces.console.order_list import Choice, Column
from abonent.faces.console.requests.filters import OPEN, SORTS, USUAL, Wanted, address
from abonent.faces.console.requests.labels import KIND, STATE, quote_label, request_label, speed_text, worded
from abonent.kit.i18n import Translator
from abonent.kit.values import from_wire, with_role


@dataclass(frozen=True, slots=True)
class Row:
    """A request in the queue; `gap` says how late it is."""

    id: str
    href: str
    what: str
    kind: str
    client: str
    place: str
    due: datetime
    when: str
    gap: str
    engineers: str
    progress: str
    label: Label
    quote: Label | None
    price: str


@dataclass(frozen=True, slots=True)
class ListView:
    """Everything the template of the queue shows."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    states: tuple[Choice, ...]
    engineers: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    shortcuts: tuple[Choice, ...]
    wanted: Wanted
    sentence: str
    range: str
    previous: str
    next: str
    filtered: bool


def list_view(
    rows: Sequence[RequestRow],
    total: int,
    wanted: Wanted,
    engineers: Sequence[str],
    me: str,
    now: datetime,
    t: Translator,
) -> ListView:
    """The page of rows with its filter; `me` is the reader's account, whose own parts have a shortcut."""
    before = replace(wanted, offset=max(wanted.offset - PAGE_SIZE, 0))
    following = replace(wanted, offset=wanted.offset + PAGE_SIZE)
    states = [(OPEN, t.gettext("not decided")), ("all", t.gettext("in any state"))]
    states += [(state, request_label(state, t).word) for state in STATE]
    kinds = [("", t.pgettext("filter", "any kind")), *((key, t.pgettext(*KIND[key])) for key in KIND)]
    names = [("", t.pgettext("filter", "anybody")), *((name, name) for name in engineers)]
    if wanted.engineer and wanted.engineer not in engineers:
        names.append((wanted.engineer, wanted.engineer))
    return ListView(
        rows=tuple(_row(row, now, t) for row in rows),
        columns=_columns(wanted, t),
        states=_choices(states, wanted.state),
        engineers=_choices(names, wanted.engineer),
        kinds=_choices(kinds, wanted.kind),
        shortcuts=_shortcuts(wanted, me, t),
        wanted=wanted,
        sentence=_sentence(total, wanted, t),
        range=t.gettext(
            "{first} to {last} of {total}",
            first=t.number(wanted.offset + 1),
            last=t.number(wanted.offset + len(rows)),
            total=t.number(total),
        ),
        previous=address(before) if wanted.offset else "",
        next=address(following) if wanted.offset + len(rows) < total else "",
        filtered=replace(wanted, sort="", descending=False, offset=0) != replace(USUAL, sort=""),
    )


def _row(row: RequestRow, now: datetime, t: Translator) -> Row:
    document = row.document
    due = from_wire(document["dueDate"])
    parts = document.get("part") or ()
    late = document["state"] in OPEN_STATES and due < now
    client = with_role(document.get("relatedParty"), "customer") or {}
    done = sum(answered(part) for part in parts)
    price = total_of(row.quote) if row.quote else None
    kind, speed = worded(KIND, document["kind"], t), speed_text(speed_of(document), t)
    return Row(
        id=document["id"],
        href=request_path(document["id"]),
        what=document["description"],
        kind=f"{kind}, {speed}" if speed else kind,
        client=str(client.get("name") or client.get("id") or ""),
        place=address_line(row.address) if row.address else "",
        due=due,
        when=t.near(due, now),
        gap=t.gettext("{gap} late", gap=t.duration(now - due)) if late else "",
        engineers=", ".join(dict.fromkeys(part["engineer"] for part in parts)),
        progress=t.gettext("{done} of {all} answered", done=done, all=len(parts)) if parts else "",
        label=request_label(document["state"], t),
        quote=quote_label(row.quote, t) if row.quote else None,
        price=t.money(price.once or price.monthly, price.currency, cents=False) if price else "",
    )


def _columns(wanted: Wanted, t: Translator) -> tuple[Column, ...]:
    words = [
        ("number", t.gettext("Number")),
        ("due", t.gettext("Due")),
        ("", t.gettext("What is wanted")),
        ("", t.gettext("Client")),
        ("", t.gettext("Engineers")),
        ("state", t.gettext("State")),
    ]
    return tuple(_column(wanted, field, text) for field, text in words)


def _column(wanted: Wanted, field: str, text: str) -> Column:
    if not field:
        return Column(text, "", "")
    here = wanted.sort == field
    turned = replace(wanted, sort=field, descending=here and not wanted.descending, offset=0)
    direction = ("descending" if wanted.descending else "ascending") if here else ""
    return Column(text, address(turned), direction)


def _choices(pairs: Sequence[tuple[str, str]], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, word, value == chosen) for value, word in pairs)


def _shortcuts(wanted: Wanted, me: str, t: Translator) -> tuple[Choice, ...]:
    ready = [
        (USUAL, t.gettext("Not decided, soonest due first")),
        (replace(USUAL, engineer=me), t.gettext("Mine")),
        (replace(USUAL, state="requested"), t.gettext("Given to nobody")),
        (replace(USUAL, state="assessed"), t.gettext("To be approved")),
        (replace(USUAL, state="approved"), t.gettext("With a quote")),
        (replace(USUAL, late=True), t.gettext("Late")),
        (replace(USUAL, state="all", sort="asked", descending=True), t.gettext("All")),
    ]
    here = address(replace(wanted, offset=0))
    return tuple(Choice(address(each), text, address(each) == here) for each, text in ready)


def _sentence(total: int, wanted: Wanted, t: Translator) -> str:
    count = t.ngettext("{n} request", "{n} requests", total)
    field = t.pgettext(*SORTS[wanted.sort])
    if wanted.descending:
        return t.gettext("{count}, sorted by {field}, descending", count=count, field=field)
    return t.gettext("{count}, sorted by {field}, ascending", count=count, field=field)
