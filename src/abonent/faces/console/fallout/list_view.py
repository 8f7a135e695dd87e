"""The fallout queue in the reader's words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from abonent.domain.order_handling.queries_fallout import Fallen
from abonent.faces.console.addresses import fallout_path
from abonent.faces.console.data import PAGE_SIZE, offset_of
from abonent.faces.console.labels import TASK_KIND, word
from abonent.faces.console.order_list import Choice, Column
from abonent.faces.console.traits import result_told
from abonent.kit.i18n import NP_, Translator

PATH = "/orders/fallout"
_SORTS = {
    "order": NP_("column", "Order"),
    "since": NP_("column", "Failed"),
    "attempts": NP_("column", "Attempts"),
    "promised": NP_("column", "Promised"),
}
_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks are shown: of one kind or all ("")."""

    kind: str = ""
    sort: str = "promised"
    descending: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One failed task; `gap`: how late its order is, or how long the promise is still ahead."""

    href: str
    order: str
    title: str
    client: str
    task: str
    kind: str
    why: str
    attempts: str
    since: str
    since_at: datetime | None
    promised: str
    promised_at: datetime | None
    gap: str
    late: bool


@dataclass(frozen=True, slots=True)
class ListView:
    """Everything the template of the queue shows."""

    wanted: Wanted
    sentence: str
    rows: tuple[Row, ...]
    kinds: tuple[Choice, ...]
    columns: Mapping[str, Column]
    previous: str
    next: str


def read_filter(query: Mapping[str, str]) -> Wanted:
    """The filter of an address; what it does not know counts as left out."""
    sort, kind = query.get("sort", ""), query.get("kind", "")
    descending, sort = sort.startswith("-"), sort.lstrip("-")
    if sort not in _SORTS:
        sort, descending = "promised", False
    return Wanted(kind if kind in TASK_KIND else "", sort, descending, offset_of(query))


def address(wanted: Wanted) -> str:
    """The address of the queue with this filter."""
    query = {"kind": wanted.kind, "offset": str(wanted.offset or "")}
    if (wanted.sort, wanted.descending) != ("promised", False):
        query["sort"] = f"{'-' if wanted.descending else ''}{wanted.sort}"
    said = urlencode({name: value for name, value in query.items() if value})
    return PATH + (f"?{said}" if said else "")


def list_view(found: Sequence[Fallen], wanted: Wanted, now: datetime, t: Translator) -> ListView:
    """The view of the queue as of `now`."""
    ordered = sorted(found, key=lambda each: _key(each, wanted.sort), reverse=wanted.descending)
    page = ordered[wanted.offset : wanted.offset + PAGE_SIZE]
    kinds = [Choice("", t.gettext("any kind"), not wanted.kind)]
    kinds += [Choice(each, word(TASK_KIND, each, t), each == wanted.kind) for each in TASK_KIND]
    back, on = max(wanted.offset - PAGE_SIZE, 0), wanted.offset + PAGE_SIZE
    return ListView(
        wanted=wanted,
        sentence=t.ngettext("{n} task waits for a person", "{n} tasks wait for a person", len(found)),
        rows=tuple(_row(each, now, t) for each in page),
        kinds=tuple(kinds),
        columns={name: _column(name, wanted, t) for name in _SORTS},
        previous=address(replace(wanted, offset=back)) if wanted.offset else "",
        next=address(replace(wanted, offset=on)) if len(ordered) > on else "",
    )


def _key(each: Fallen, sort: str) -> tuple[object, str]:
    if sort == "order":
        return each.order, each.task["id"]
    if sort == "attempts":
        return int(each.task.get("attempts") or 0), each.order
    return (each.since if sort == "since" else each.promised) or _FAR, each.order


def _column(name: str, wanted: Wanted, t: Translator) -> Column:
    mine = wanted.sort == name
    turned = replace(wanted, sort=name, descending=mine and not wanted.descending, offset=0)
    shown = ("descending" if wanted.descending else "ascending") if mine else ""
    return Column(t.pgettext(*_SORTS[name]), address(turned), shown, numeric=name == "attempts")


def _row(each: Fallen, now: datetime, t: Translator) -> Row:
    late, gap = False, ""
    if each.promised is not None:
        late = now > each.promised
        time = t.duration(abs(now - each.promised))
        gap = t.gettext("{time} late", time=time) if late else t.gettext("in {time}", time=time)
    return Row(
        href=fallout_path(each.order, each.task["id"]),
        order=each.order,
        title=each.title,
        client=each.client,
        task=t.pick(each.task.get("name") or each.task["id"]),
        kind=word(TASK_KIND, each.task["kind"], t),
        why=result_told(each.task.get("result") or "", t),
        attempts=t.number(int(each.task.get("attempts") or 0)),
        since=t.near(each.since, now) if each.since else "",
        since_at=each.since,
        promised=t.near(each.promised, now) if each.promised else t.gettext("not yet"),
        promised_at=each.promised,
        gap=gap,
        late=late,
    )
