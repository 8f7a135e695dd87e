"""Crews in the reader's words: the list, and one crew with its week and its absences. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from abonent.domain.qualification.texts import address_line
from abonent.domain.workforce.board import CrewDay, Visit
from abonent.domain.workforce.rules import read_absence
from abonent.domain.workforce.rules_hours import DAYS
from abonent.faces.console.addresses import crew_path, work_path
from abonent.faces.console.labels import Label
from abonent.faces.console.work.bulk import BULK
from abonent.faces.console.work.day_model import Lane, is_open, lane
from abonent.faces.console.work.day_picture import DayPicture, day_picture
from abonent.faces.console.work.filters import day_edges
from abonent.faces.console.work.labels import SKILL, WEEKDAY, named, visit_label, weekday, worded
from abonent.faces.console.work.work_view import Phone, phones_of
from abonent.kit.i18n import NP_, Translator

Document = Mapping[str, Any]
ABSENCE = {
    "now": ("wait", NP_("absence", "Absent now")),
    "ahead": ("new", NP_("absence", "Ahead")),
    "over": ("off", NP_("absence", "Over")),
}


@dataclass(frozen=True, slots=True)
class CrewRow:
    """A crew in the list; `today` says what it does today, `label` that it is absent now."""

    href: str
    name: str
    people: tuple[Phone, ...]
    skills: str
    towns: str
    hours: tuple[str, ...]
    today: str
    label: Label | None


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """An absence; `end_href` is where it is ended by hand, empty when it is over."""

    when: str
    reason: str
    label: Label
    end_href: str
    begun: bool


@dataclass(frozen=True, slots=True)
class HitRow:
    """A visit that falls into an absence; `movable`: another crew could be asked."""

    id: str
    href: str
    when: str
    what: str
    client: str
    place: str
    label: Label
    movable: bool


@dataclass(frozen=True, slots=True)
class Hits:
    """Visits that fall into absences, and where to give all that can be moved to another crew."""

    rows: tuple[HitRow, ...]
    move_href: str


@dataclass(frozen=True, slots=True)
class CrewView:
    """Everything the page of a crew shows."""

    id: str
    href: str
    name: str
    about: str
    people: tuple[Phone, ...]
    skills: str
    towns: str
    hours: tuple[str, ...]
    slots: str
    zone: str
    week: str
    sentence: str
    previous: str
    present: str
    next: str
    is_present: bool
    lanes: tuple[Lane, ...]
    picture: DayPicture
    absences: tuple[AbsenceRow, ...]
    hits: Hits


def crew_rows(
    documents: Sequence[Document], days: Sequence[CrewDay], now: datetime, t: Translator
) -> list[CrewRow]:
    """All crews by name, with today's visits."""
    today = {day.crew.id: day for day in days}
    rows = []
    for crew in sorted(documents, key=lambda each: (each["name"], each["id"])):
        day = today.get(crew["id"])
        visits = len(day.visits) if day else 0
        left = sum(is_open(visit) for visit in day.visits) if day else 0
        away = bool(day and any(a.start <= now < a.end for a in day.absences))
        text = t.ngettext("{n} visit", "{n} visits", visits) if visits else t.gettext("no visits")
        if left:
            text += ", " + t.gettext("{n} ahead", n=t.number(left))
        if day and not day.working:
            text = t.gettext("does not work today")
        rows.append(
            CrewRow(
                crew_path(crew["id"]),
                crew["name"],
                phones_of(crew),
                skills_of(crew, t),
                towns_of(crew, t),
                hours_of(crew, t),
                text,
                Label("wait", t.pgettext(*ABSENCE["now"][1])) if away else None,
            )
        )
    return rows


def skills_of(crew: Document, t: Translator) -> str:
    return ", ".join(worded(SKILL, skill, t) for skill in crew.get("skill") or ())


def towns_of(crew: Document, t: Translator) -> str:
    """Where a crew goes: towns with their streets, access nodes; everywhere when nothing is said."""
    parts = []
    for district in crew.get("district") or ():
        streets = ", ".join(district.get("street") or ())
        nodes = ", ".join(district.get("accessNode") or ())
        if district.get("city"):
            parts.append(f"{district['city']} ({streets})" if streets else district["city"])
        if nodes:
            parts.append(t.gettext("nodes {nodes}", nodes=nodes))
    return ", ".join(parts) or t.gettext("everywhere")


def hours_of(crew: Document, t: Translator) -> tuple[str, ...]:
    """Working hours, a line for each group of days: Mon–Fri 09:00–18:00, break 13:00–14:00."""
    lines = []
    for hours in crew["workingHours"]:
        breaks = ", ".join(f"{b['from']}\u2013{b['to']}" for b in hours.get("break") or ())
        line = f"{_days(hours['day'], t)} {hours['from']}\u2013{hours['to']}"
        pause = t.gettext("break {time}", time=breaks) if breaks else ""
        lines.append(f"{line}, {pause}" if pause else line)
    return tuple(lines)


def _days(days: Iterable[str], t: Translator) -> str:
    """Mon–Fri, Sun."""
    numbers = sorted(DAYS.index(day) for day in days)
    groups: list[list[int]] = []
    for n in numbers:
        if groups and groups[-1][-1] == n - 1:
            groups[-1].append(n)
        else:
            groups.append([n])
    words = [[t.pgettext(*WEEKDAY[DAYS[n]]) for n in group] for group in groups]
    return ", ".join(f"{w[0]}\u2013{w[-1]}" if len(w) > 2 else ", ".join(w) for w in words)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def crew_view(
    crew: Document,
    week: Sequence[CrewDay],
    monday: date,
    absences: Sequence[Document],
    hits: Sequence[Visit],
    now: datetime,
    t: Translator,
) -> CrewView:
    """A crew's page. `week`: its seven days from `monday`; `hits`: visits ahead that fall into absences."""
    today = t.local(now).date()
    lanes = tuple(_day_lane(day, monday + timedelta(days=n), now, t) for n, day in enumerate(week))
    start, end = day_edges(monday, t.zone)[0], day_edges(monday + timedelta(days=6), t.zone)[0]
    words = f"{t.day(start, now)} \u2013 {t.day(end, now)}"
    count = sum(len(each.blocks) for each in lanes)
    sentence = t.ngettext("{n} visit", "{n} visits", count)
    slot = t.duration(crew.get("slotMinutes", 120) * 60)
    at_once = crew.get("capacity", 1)
    return CrewView(
        id=crew["id"],
        href=crew_path(crew["id"]),
        name=crew["name"],
        about=str(crew.get("description") or ""),
        people=phones_of(crew),
        skills=skills_of(crew, t),
        towns=towns_of(crew, t),
        hours=hours_of(crew, t),
        slots=t.gettext("slots of {time}, {n} at once", time=slot, n=t.number(at_once))
        if at_once > 1
        else t.gettext("slots of {time}", time=slot),
        zone=str(crew["timeZone"]),
        week=words,
        sentence=sentence,
        previous=_week(crew["id"], monday - timedelta(days=7)),
        present=crew_path(crew["id"]),
        next=_week(crew["id"], monday + timedelta(days=7)),
        is_present=monday == monday_of(today),
        lanes=lanes,
        picture=day_picture(lanes, None, f"{crew['name']}, {words}: {sentence}", t),
        absences=tuple(_absence(each, now, t) for each in absences),
        hits=hits_of(hits, crew_path(crew["id"]), now, t),
    )


def _week(id: str, monday: date) -> str:
    return f"{crew_path(id)}?{urlencode({'week': monday.isoformat()})}"


def _day_lane(day: CrewDay, local_day: date, now: datetime, t: Translator) -> Lane:
    midnight, _ = day_edges(local_day, t.zone)
    today = t.local(now).date() == local_day
    about = t.gettext("today") if today else ""
    title = f"{weekday(local_day, t)}, {t.day(midnight, now)}"
    return lane(day, midnight, title, about, f"/appointments?day={local_day.isoformat()}", now, t)


def hits_of(visits: Sequence[Visit], back: str, now: datetime, t: Translator) -> Hits:
    """Visits that fall into an absence, with the address of the page that gives them to another crew."""
    rows = tuple(
        HitRow(
            id=visit.work["id"] if visit.work else visit.appointment["id"],
            href=work_path(visit.work["id"]) if visit.work else "",
            when=t.span(visit.period.start, visit.period.end, now),
            what=named(visit.work, t) if visit.work else t.gettext("booked; its order is not placed yet"),
            client=visit.client,
            place=address_line(visit.address),
            label=visit_label(visit.state, visit.work is not None, t),
            movable=visit.work is not None and visit.state == "acknowledged",
        )
        for visit in visits
        if is_open(visit)
    )
    movable = [("work", row.id) for row in rows if row.movable]
    return Hits(rows, f"{BULK}?{urlencode([*movable, ('back', back)])}" if movable else "")


def _absence(document: Document, now: datetime, t: Translator) -> AbsenceRow:
    period = read_absence(document)
    valid = document["validFor"]
    state = "over" if period.end <= now else "now" if period.start <= now else "ahead"
    start = t.moment(period.start, now) if valid.get("startDateTime") else "\u2013"
    if valid.get("startDateTime") and valid.get("endDateTime"):
        when = t.span(period.start, period.end, now)
    elif valid.get("endDateTime"):
        when = t.gettext("until {when}", when=t.moment(period.end, now))
    else:
        when = t.gettext("from {when} on", when=start)
    tone, word = ABSENCE[state]
    crew = crew_path(document["crew"]["id"])
    end = f"{crew}/absences/{quote(document['id'], safe='')}/end" if state != "over" else ""
    return AbsenceRow(when, t.pick(document["reason"]), Label(tone, t.pgettext(*word)), end, state == "now")
