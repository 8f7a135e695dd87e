"""The filter of the queue: read from an address and written back to one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from abonent.domain.qualification.queries_engineering import RequestCriteria
from abonent.faces.console.data import PAGE_SIZE
from abonent.faces.console.requests.labels import KIND, PATH, STATE
from abonent.kit.i18n import NP_
from abonent.kit.values import to_wire

OPEN = "open"
SORTS: Mapping[str, tuple[str, str]] = {
    "due": NP_("sorted by", "date due"),
    "asked": NP_("sorted by", "date asked"),
    "number": NP_("sorted by", "number"),
    "state": NP_("sorted by", "state"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the queue asks for; what is empty does not matter. As it opens: what is not decided, soonest due first."""

    state: str = OPEN
    engineer: str = ""
    kind: str = ""
    client: str = ""
    late: bool = False
    sort: str = "due"
    descending: bool = False
    offset: int = 0

    def criteria(self, now: datetime) -> RequestCriteria:
        """The same for the query."""
        return RequestCriteria(
            state="" if self.state == "all" else self.state,
            engineer=self.engineer,
            kind=self.kind,
            client=self.client,
            late_at=to_wire(now) if self.late else "",
        )


USUAL = Wanted()


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """The filter an address asks for; what makes no sense is taken as not said."""
    state, sort, kind = query.get("state", OPEN), query.get("sort", ""), query.get("kind", "")
    page, field = query.get("page", "1"), sort.lstrip("-")
    number = int(page) if page.isascii() and page.isdigit() and 0 < int(page) < 1_000_000 else 1
    return Wanted(
        state=state if state in {*STATE, OPEN, "all"} else OPEN,
        engineer=_said(query, "engineer"),
        kind=kind if kind in KIND else "",
        client=_said(query, "client"),
        late=query.get("late") in ("1", "on", "true"),
        sort=field if field in SORTS else USUAL.sort,
        descending=sort.startswith("-") if field in SORTS else USUAL.descending,
        offset=(number - 1) * PAGE_SIZE,
    )


def _said(query: Mapping[str, str], name: str) -> str:
    return "".join(c for c in query.get(name, "") if c.isprintable()).strip()[:200]


def address(wanted: Wanted) -> str:
    """The address of a filter: short, so that it can be kept and sent."""
    query = query_of(wanted)
    return f"{PATH}?{query}" if query else PATH


def query_of(wanted: Wanted) -> str:
    """What stands after the "?" of a filter's address; empty when it is as usual."""
    order = f"{'-' if wanted.descending else ''}{wanted.sort}"
    pairs = [
        ("state", "" if wanted.state == OPEN else wanted.state),
        ("engineer", wanted.engineer),
        ("kind", wanted.kind),
        ("client", wanted.client),
        ("late", "1" if wanted.late else ""),
        ("sort", "" if order == "due" else order),
        ("page", str(wanted.offset // PAGE_SIZE + 1) if wanted.offset else ""),
    ]
    return urlencode([(name, value) for name, value in pairs if value])
