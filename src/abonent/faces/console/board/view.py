"""The board of orders: a column for each state that matters, capped, with filters that can be bookmarked. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from abonent.domain.order_handling.queries import CLIENTS
from abonent.domain.order_handling.queries_open import OpenOrder
from abonent.domain.order_handling.rules_outlook import LEAVING
from abonent.faces.console.addresses import order_path
from abonent.faces.console.data import OrderFilter
from abonent.faces.console.home.lines import due_words, title, why_words
from abonent.faces.console.home.work import Stand, work_of
from abonent.faces.console.labels import JEOPARDY, ORDER, Label, label
from abonent.faces.console.order_list import address
from abonent.kit.i18n import NP_, Translator

CAP = 12
_LONGEST = 200

_NEAREST = OrderFilter(state="open", sort="promised", descending=False)
# Key, words, tone, states of its cards, the list that shows the same.
_COLUMNS = (
    ("received", NP_("board", "Received"), "new", ("acknowledged",), OrderFilter(state="acknowledged")),
    (
        "work",
        NP_("board", "In work"),
        "run",
        ("inProgress", "assessingCancellation", "pendingCancellation"),
        OrderFilter(state="inProgress"),
    ),
    ("client", NP_("board", "Waits for client"), "wait", ("pending",), OrderFilter(state="pending")),
    ("hold", NP_("board", "On hold"), "wait", ("held",), OrderFilter(state="held")),
    (
        "danger",
        NP_("board", "At risk or late"),
        "risk",
        (),
        OrderFilter(state="open", sort="promised", descending=False),
    ),
)


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which cards are asked for; empty: any. agent is an account's name, or CLIENTS."""

    town: str = ""
    offering: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a filter."""

    value: str
    word: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Card:
    """An order on the board. tone: bad or risk of its date, or "" ; at: the exact promise behind `promised`."""

    id: str
    href: str
    client: str
    what: str
    labels: tuple[Label, ...]
    promised: str
    at: datetime | None
    tone: str
    step: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its cards, how many there are in all, and the list that shows them."""

    key: str
    word: str
    tone: str
    total: int
    cards: tuple[Card, ...]
    more: int
    href: str


@dataclass(frozen=True, slots=True)
class BoardView:
    """Everything the template of the board shows."""

    columns: tuple[Column, ...]
    towns: tuple[Option, ...]
    offerings: tuple[Option, ...]
    agents: tuple[Option, ...]
    filtered: bool
    total: int


def read_board(query: Mapping[str, str]) -> BoardFilter:
    """The filter an address asks for."""
    said = {
        name: query.get(name, "").replace("\x00", "").strip()[:_LONGEST]
        for name in ("town", "offering", "by")
    }
    return BoardFilter(said["town"], said["offering"], said["by"])


def board_view(stands: Sequence[Stand], wanted: BoardFilter, now: datetime, t: Translator) -> BoardView:
    """The board of these open orders."""
    shown = [each for each in stands if _fits(each.order, wanted)]
    columns = []
    for key, words, tone, states, listed in _COLUMNS:
        cards = [each for each in shown if _column(each, states)]
        cards.sort(key=lambda each: (each.order.promised is None, each.order.promised or each.order.moved_at))
        same = replace(listed, town=wanted.town, offering=wanted.offering, placed_by=wanted.agent)
        columns.append(
            Column(
                key,
                t.pgettext(*words),
                tone,
                len(cards),
                tuple(_card(each, states, now, t) for each in cards[:CAP]),
                max(len(cards) - CAP, 0),
                address(same),
            )
        )
    everybody = [each.order for each in stands]
    return BoardView(
        tuple(columns),
        _options(
            {town: town for order in everybody for town in order.towns}, wanted.town, t.gettext("any town")
        ),
        _options(
            {name: t.name(name) for order in everybody for name in order.offerings},
            wanted.offering,
            t.gettext("any offering"),
        ),
        _options(dict(_agent(order, t) for order in everybody), wanted.agent, t.gettext("anybody")),
        wanted != BoardFilter(),
        len(shown),
    )


def _fits(order: OpenOrder, wanted: BoardFilter) -> bool:
    return (
        (not wanted.town or wanted.town in order.towns)
        and (not wanted.offering or wanted.offering in order.offerings)
        and (not wanted.agent or wanted.agent == _placed_by(order))
    )


def _placed_by(order: OpenOrder) -> str:
    return CLIENTS if order.by_client else order.placed_by


def _agent(order: OpenOrder, t: Translator) -> tuple[str, str]:
    who = _placed_by(order)
    return who, t.gettext("clients themselves") if who == CLIENTS else order.agent or who or "–"


def _column(stood: Stand, states: Sequence[str]) -> bool:
    """In the column of its state; what is at risk or late stands in the last one alone."""
    return stood.danger is None and stood.order.state in states if states else stood.danger is not None


def _options(found: Mapping[str, str], chosen: str, none: str) -> tuple[Option, ...]:
    there = {value: word for value, word in found.items() if value}
    if chosen and chosen not in there:
        there[chosen] = chosen
    ordered = sorted(there.items(), key=lambda each: each[1].casefold())
    return (
        Option("", none, not chosen),
        *(Option(value, word, value == chosen) for value, word in ordered),
    )


def _card(stood: Stand, states: Sequence[str], now: datetime, t: Translator) -> Card:
    order = stood.order
    # What the column says already is not said again.
    labels = [] if order.state in states[:1] else [label(ORDER, order.state, t)]
    tone = {"critical": "bad", "hazard": "risk"}.get(stood.danger or "", "")
    if stood.danger:
        labels.insert(0, label(JEOPARDY, stood.danger, t))
    work = work_of(stood, now)
    leaving = order.state in LEAVING
    if leaving:
        promised = t.gettext("being cancelled")
    elif order.promised is None:
        promised = t.gettext("no date yet")
    elif tone == "bad":
        promised = due_words(order.promised, True, now, t)[0]
    else:
        promised = t.gettext("promised {when}", when=t.near(order.promised, now))
    return Card(
        id=order.id,
        href=order_path(order.id),
        client=order.customer_name or order.customer_id or "–",
        what=title(order, t),
        labels=tuple(labels),
        promised=promised,
        at=None if leaving else order.promised,
        tone=tone,
        step=(why_words(work, order, now, t) if work else _running(stood, t)),
    )


def _running(stood: Stand, t: Translator) -> str:
    """What is being done, where nobody has to do anything."""
    for task in stood.order.tasks:
        if task.get("state") == "inProgress":
            return t.gettext("now: {task}", task=t.pick(task.get("name") or task["id"]))
    return t.gettext("is being assessed") if stood.order.state == "acknowledged" else ""
