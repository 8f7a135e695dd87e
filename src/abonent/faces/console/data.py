"""What the console asks of the system behind it, and the shapes of the answers.

Documents (order, plan, customer, decisions, messages) are the stored JSON, decoded; the console only reads.

Plan:     {id, promised, plannedStart, plannedEnd, task: [{id, item, name, kind, dependsOn, state,
          plannedStart, plannedEnd, start, end, by, pointOfNoReturn, attempts, result}]};
          `name` is a msgid or {"en", "ru"}.
Decision: {kind: feasibility | credit, outcome, reasons: [{code, text, ok, facts?}], at, rulesVersion,
          alternatives, validUntil}; `text` is a msgid, `facts` its named values.
Message:  a TMF681 communicationMessage, or any dict with messageType, subject or content, state, sendTime.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from abonent.domain.party.saved_filters import SavedFilter
from abonent.kit.access import Caller, Role
from abonent.kit.i18n import Translator

Document = Mapping[str, Any]
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class User:
    """A person who signed in. `party` is the customer a self-care user belongs to; None for staff."""

    name: str
    display_name: str
    role: str
    party: str | None = None
    language: str | None = None
    theme: str = "light"

    @property
    def staff(self) -> bool:
        """Whether he works for the operator."""
        return self.party is None and self.role != "client"

    @property
    def caller(self) -> Caller:
        """He as the store knows him. ValueError for a role there is not."""
        return Caller(self.name, Role(self.role), self.party)


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What the order list asks for.

    state      one TMF622 state, "open" (every state that is not final) or None for all
    text       words of the number or the description; client: a part of the client's name, or his number
    late       only orders that are not final and whose promised instant is before now
    sort       number | client | state | promised | priced | ordered
    town       of an address of delivery; offering: its name; placed_by: an account, or "client" for clients themselves
    """

    state: str | None = None
    text: str = ""
    client: str = ""
    late: bool = False
    sort: str = "ordered"
    descending: bool = True
    offset: int = 0
    limit: int = PAGE_SIZE
    town: str = ""
    offering: str = ""
    placed_by: str = ""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of the order list. Money is with tax; `monthly` recurs each month, `once` is paid once.

    title  the order's own description; without one it is told by the `names` of what is ordered
    """

    id: str
    title: str
    state: str
    ordered: datetime
    customer_id: str | None = None
    customer_name: str = ""
    promised: datetime | None = None
    completed: datetime | None = None
    monthly: Decimal | None = None
    once: Decimal | None = None
    currency: str = "RUB"
    names: tuple[str, ...] = ()

    def told(self, t: Translator) -> str:
        """What is ordered, in the reader's language."""
        if self.title or not self.names:
            return self.title
        return ", ".join(map(t.name, self.names[:2])) + (" …" if len(self.names) > 2 else "")


@dataclass(frozen=True, slots=True)
class OrderPage:
    """The rows asked for and how many there are in all."""

    rows: Sequence[OrderRow]
    total: int


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change.

    `what` is "order", "item/<id>", "task/<id>" or a word; `reason` is a msgid or plain text.
    """

    at: datetime
    what: str
    from_state: str | None = None
    to_state: str | None = None
    reason: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class OrderFile:
    """An order with everything that is kept with it, by id: `places`, geographic addresses; `products`, those that it
    changes or ends, as they stand; `works`, the work orders of its visits; `portings`, the last requests for numbers
    that it brings; `payment`, what was asked of the client in advance. `amendable`: whether anything of it may be
    changed; `accounts`: the client's billing accounts, for staff."""

    order: Document
    version: int
    plan: Document | None = None
    customer: Document | None = None
    decisions: Sequence[Document] = ()
    history: Sequence[HistoryRow] = ()
    messages: Sequence[Document] = ()
    places: Mapping[str, Document] = field(default_factory=dict)
    products: Mapping[str, Document] = field(default_factory=dict)
    works: Mapping[str, Document] = field(default_factory=dict)
    portings: Sequence[Document] = ()
    payment: Document | None = None
    amendable: bool = False
    accounts: Sequence[Document] = ()


def offset_of(query: Mapping[str, str]) -> int:
    """The row with which a page of a list begins, as its address says; 0 for what makes no sense."""
    given = query.get("offset", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 0


class ConsoleData(Protocol):
    """The port of the console. Who may see a row is decided behind it, from the user given."""

    async def authenticate(self, name: str, password: str) -> User | None:
        """The user, when name and password fit; slow on purpose (argon2)."""
        ...

    async def user(self, name: str) -> User | None:
        """The present record of a signed-in user; None ends his session."""
        ...

    async def set_preferences(self, user: User, language: str, theme: str) -> None:
        """Keep the language (en, ru) and theme (light, dark) in the user's record."""
        ...

    async def names(self) -> Mapping[str, Mapping[str, str]]:
        """Language -> what the catalogue's offerings are called in it, by the name that orders and products keep."""
        ...

    async def list_orders(self, user: User, wanted: OrderFilter) -> OrderPage:
        """The page of orders this user may see."""
        ...

    def all_orders(self, user: User, wanted: OrderFilter) -> AsyncIterator[Sequence[OrderRow]]:
        """Every row of a list in its order, in parts; limit and offset do not count."""
        ...

    async def orders(self, user: User, numbers: Sequence[str]) -> Sequence[OrderRow]:
        """The orders of these numbers that this user may see, in the order of the numbers."""
        ...

    async def saved_filters(self, user: User, page: str) -> Sequence[SavedFilter]:
        """The filters this user keeps for a list, by name."""
        ...

    async def save_filter(self, user: User, page: str, wanted: SavedFilter) -> None:
        """Keep a filter, in place of one of that name. BadInput."""
        ...

    async def delete_filter(self, user: User, page: str, name: str) -> None:
        """Delete a filter of this user; one that is gone already is no error."""
        ...

    async def order(self, user: User, order_id: str) -> OrderFile | None:
        """The order's file, or None when there is none that this user may see."""
        ...

    async def release(self, user: User, order_id: str) -> None:
        """Let a held or pending order go on. NotFound, Forbidden, IllegalMove, Conflict."""
        ...

    async def cancel(self, user: User, order_id: str, reason: str, item: str = "") -> None:
        """Cancel an order, or one item of it, before its point of no return. NotFound, Forbidden, BadInput,
        IllegalMove, Conflict."""
        ...
