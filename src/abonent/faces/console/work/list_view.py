"""The list of work orders in the reader's words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from abonent.domain.qualification.texts import address_line
from abonent.domain.workforce.documents import related, work_of
from abonent.domain.workforce.queries_lists import WorkOrderRow
from abonent.domain.workforce.rules_work import OPEN as OPEN_STATES
from abonent.faces.console.addresses import work_path
from abonent.faces.console.data import PAGE_SIZE
from abonent.faces.console.labels import Label, label
from abonent.faces.console.order_list import Choice, Column
from abonent.faces.console.work.filters import ANY, OPEN, SORTS, Wanted, address
from abonent.faces.console.work.labels import SKILL, WORK, late_label, named, worded
from abonent.kit.i18n import Translator
from abonent.kit.values import from_wire


@dataclass(frozen=True, slots=True)
class Row:
    """A work order in the list; `gap` says how late it is."""

    id: str
    href: str
    order: str
    what: str
    skill: str
    when: str
    at: datetime | None
    gap: str
    client: str
    place: str
    crew: str
    label: Label
    late: Label | None
    proposed: bool


@dataclass(frozen=True, slots=True)
class Options:
    """What the selects of the filter offer: crews as (id, name), skills, towns."""

    crews: Sequence[tuple[str, str]]
    skills: Sequence[str]
    towns: Sequence[str]


@dataclass(frozen=True, slots=True)
class ListView:
    """Everything the template of the list shows."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    states: tuple[Choice, ...]
    crews: tuple[Choice, ...]
    skills: tuple[Choice, ...]
    towns: tuple[Choice, ...]
    shortcuts: tuple[Choice, ...]
    wanted: Wanted
    sentence: str
    range: str
    previous: str
    next: str
    filtered: bool
    here: str


def options_of(crews: Sequence[dict[str, Any]]) -> Options:
    """Crews, their skills and towns to choose from."""
    skills = {skill for crew in crews for skill in crew.get("skill") or ()}
    towns = {d["city"] for crew in crews for d in crew.get("district") or () if d.get("city")}
    named = sorted(((crew["id"], crew["name"]) for crew in crews), key=lambda each: each[1])
    return Options(named, sorted(skills), sorted(towns))


def list_view(
    rows: Sequence[WorkOrderRow], total: int, wanted: Wanted, options: Options, now: datetime, t: Translator
) -> ListView:
    """The page of rows with its filter; `total` counts all that fit."""
    shown = tuple(_row(row, now, t) for row in rows)
    before = replace(wanted, offset=max(wanted.offset - PAGE_SIZE, 0))
    following = replace(wanted, offset=wanted.offset + PAGE_SIZE)
    return ListView(
        rows=shown,
        columns=_columns(wanted, t),
        states=_states(wanted, t),
        crews=_choices(options.crews, wanted.crew, t.pgettext("filter", "any crew")),
        skills=_choices(
            [(each, worded(SKILL, each, t)) for each in options.skills],
            wanted.skill,
            t.pgettext("filter", "any skill"),
        ),
        towns=_choices(
            [(each, each) for each in options.towns], wanted.town, t.pgettext("filter", "any town")
        ),
        shortcuts=_shortcuts(wanted, now, t),
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
        filtered=replace(wanted, sort="", descending=True, offset=0) != replace(ANY, sort=""),
        here=address(wanted),
    )


def late_since(document: dict[str, Any], now: datetime) -> datetime | None:
    """When the slot of an open work order ended, if it has."""
    end = document.get("expectedCompletionDate")
    if not end or document.get("state") not in OPEN_STATES:
        return None
    at = from_wire(end)
    return at if at < now else None


def _row(row: WorkOrderRow, now: datetime, t: Translator) -> Row:
    document = row.document
    start, end = document.get("requestedStartDate"), document.get("expectedCompletionDate")
    at = from_wire(start) if start else None
    late = late_since(document, now)
    skill = work_of(document).get("workType")
    return Row(
        id=document["id"],
        href=work_path(document["id"]),
        order=next((each["id"] for each in document.get("order") or ()), ""),
        what=named(document, t),
        skill=worded(SKILL, skill, t) if skill else "",
        when=t.span(at, from_wire(end), now) if at and end else "",
        at=at,
        gap=t.gettext("{gap} late", gap=t.duration(now - late)) if late else "",
        client=row.client_name or row.client_id or "",
        place=address_line(row.address),
        crew=crew_name(document),
        label=label(WORK, document["state"], t),
        late=late_label(t) if late else None,
        proposed=row.appointment_status == "initialized" and document["state"] == "acknowledged",
    )


def crew_name(document: dict[str, Any]) -> str:
    """Name of the crew that goes; empty when none is planned."""
    crew = next((e for e in document.get("relatedEntity") or () if e.get("role") == "crew"), None)
    return str((crew or {}).get("name") or related(document, "crew") or "")


def _columns(wanted: Wanted, t: Translator) -> tuple[Column, ...]:
    words = [
        ("number", t.gettext("Number")),
        ("visit", t.gettext("Visit")),
        ("", t.gettext("What")),
        ("client", t.gettext("Client")),
        ("crew", t.gettext("Crew")),
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


def _choices(pairs: Sequence[tuple[str, str]], chosen: str, nothing: str) -> tuple[Choice, ...]:
    """All pairs after the choice of none; what is chosen though it is not offered stays chosen."""
    listed = [("", nothing), *pairs]
    if chosen and chosen not in {value for value, _ in listed}:
        listed.append((chosen, chosen))
    return tuple(Choice(value, word, value == chosen) for value, word in listed)


def _states(wanted: Wanted, t: Translator) -> tuple[Choice, ...]:
    words = [(OPEN, t.gettext("not finished"))]
    words += [(state, label(WORK, state, t).word) for state in WORK]
    return _choices(words, wanted.state, t.gettext("in any state"))


def _shortcuts(wanted: Wanted, now: datetime, t: Translator) -> tuple[Choice, ...]:
    nearest = replace(ANY, sort="visit", descending=False)
    ready = [
        (ANY, t.gettext("All")),
        (replace(nearest, state=OPEN), t.gettext("Not finished, nearest visit first")),
        (replace(nearest, day=t.local(now).date()), t.gettext("Today")),
        (replace(nearest, state="pending"), t.gettext("Without a crew or slot")),
        (replace(nearest, late=True), t.gettext("Late")),
        (replace(ANY, state="failed"), t.gettext("Failed")),
    ]
    here = address(replace(wanted, offset=0))
    return tuple(Choice(address(each), text, address(each) == here) for each, text in ready)


def _sentence(total: int, wanted: Wanted, t: Translator) -> str:
    count = t.ngettext("{n} work order", "{n} work orders", total)
    field = t.pgettext(*SORTS[wanted.sort])
    if wanted.descending:
        return t.gettext("{count}, sorted by {field}, descending", count=count, field=field)
    return t.gettext("{count}, sorted by {field}, ascending", count=count, field=field)
