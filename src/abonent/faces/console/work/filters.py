"""The filter of the list of work orders: read from an address and written back to one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from urllib.parse import urlencode

from abonent.domain.workforce.queries_lists import WorkOrderCriteria
from abonent.faces.console.data import PAGE_SIZE
from abonent.faces.console.work.labels import WORK
from abonent.kit.i18n import NP_

PATH = "/work-orders"
OPEN = "open"
SORTS: Mapping[str, tuple[str, str]] = {
    "number": NP_("sorted by", "number"),
    "visit": NP_("sorted by", "time of the visit"),
    "client": NP_("sorted by", "client"),
    "crew": NP_("sorted by", "crew"),
    "state": NP_("sorted by", "state"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list asks for; what is empty does not matter. `day` is a day of the reader's zone."""

    state: str = ""
    crew: str = ""
    skill: str = ""
    town: str = ""
    client: str = ""
    text: str = ""
    day: date | None = None
    late: bool = False
    sort: str = "visit"
    descending: bool = True
    offset: int = 0

    def criteria(self, now: datetime, zone: tzinfo) -> WorkOrderCriteria:
        """The same for the query."""
        starts, until = day_edges(self.day, zone) if self.day else (None, None)
        return WorkOrderCriteria(
            state=self.state,
            crew=self.crew,
            skill=self.skill,
            town=self.town,
            client=self.client,
            text=self.text,
            starts=starts,
            until=until,
            late_at=now if self.late else None,
        )


ANY = Wanted()


def day_edges(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The midnights that bound a day on the wall clock of a zone."""
    start = datetime.combine(day, datetime.min.time(), zone)
    return start, datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)


def read_day(text: str) -> date | None:
    """A day as an address says it, 2026-06-17; None for anything else, and for years nobody works in."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """The filter an address asks for; what makes no sense is taken as not said."""
    state, sort = query.get("state", ""), query.get("sort", "")
    field = sort.lstrip("-")
    page = query.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and 0 < int(page) < 1_000_000 else 1
    return Wanted(
        state=state if state in WORK or state == OPEN else "",
        crew=_said(query, "crew"),
        skill=_said(query, "skill"),
        town=_said(query, "town"),
        client=_said(query, "client"),
        text=_said(query, "q"),
        day=read_day(query.get("day", "")),
        late=query.get("late") in ("1", "on", "true"),
        sort=field if field in SORTS else ANY.sort,
        descending=sort.startswith("-") if field in SORTS else ANY.descending,
        offset=(number - 1) * PAGE_SIZE,
    )


def _said(query: Mapping[str, str], name: str) -> str:
    return "".join(c for c in query.get(name, "") if c.isprintable()).strip()[:200]


def address(wanted: Wanted) -> str:
    """The address of a filter: short, so that it can be kept and sent."""
    query = query_of(wanted)
    return f"{PATH}?{query}" if query else PATH


def query_of(wanted: Wanted) -> str:
    """What stands after the "?" of a filter's address; empty when all is shown as usual."""
    pairs = [
        ("state", wanted.state),
        ("crew", wanted.crew),
        ("skill", wanted.skill),
        ("town", wanted.town),
        ("client", wanted.client),
        ("q", wanted.text),
        ("day", wanted.day.isoformat() if wanted.day else ""),
        ("late", "1" if wanted.late else ""),
        ("sort", "" if _order(wanted) == _order(ANY) else _order(wanted)),
        ("page", str(wanted.offset // PAGE_SIZE + 1) if wanted.offset else ""),
    ]
    return urlencode([(name, value) for name, value in pairs if value])


def _order(wanted: Wanted) -> str:
    return f"{'-' if wanted.descending else ''}{wanted.sort}"
