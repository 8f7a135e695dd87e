"""A crew as it is typed into a form, and back. Pure.

A week that the form cannot show (several shifts or breaks a day) is left as it is, and so are districts by access
node.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from abonent.domain.workforce.rules import read_crew
from abonent.domain.workforce.rules_hours import DAYS, read_week
from abonent.faces.console.desk import typed
from abonent.faces.console.work.travel_form import travel_fields, travel_of
from abonent.kit.errors import N_, BadInput, Problem

Document = dict[str, Any]
PEOPLE = 5
_TIMES = ("from", "to", "break_from", "break_to")
_USUAL_DAYS = DAYS[:5]


@dataclass(frozen=True, slots=True)
class DayRow:
    """Hours of a weekday as typed."""

    day: str
    times: tuple[str, str, str, str] = ("", "", "", "")


@dataclass(frozen=True, slots=True)
class CrewForm:
    """The fields as typed; `week` is empty when the form cannot show it."""

    name: str = ""
    description: str = ""
    skills: tuple[str, ...] = ()
    other_skill: str = ""
    towns: str = ""
    zone: str = "Europe/Moscow"
    capacity: str = "1"
    slot: str = "120"
    speed: str = ""
    least: str = ""
    legs: str = ""
    people: tuple[tuple[str, str], ...] = ()
    week: tuple[DayRow, ...] = ()

    @property
    def people_rows(self) -> tuple[tuple[str, str], ...]:
        return (*self.people, *((("", ""),) * PEOPLE))[:PEOPLE]


def new_form() -> CrewForm:
    """A crew that works on weekdays, to begin with."""
    usual = ("09:00", "18:00", "13:00", "14:00")
    return CrewForm(week=tuple(DayRow(day, usual) if day in _USUAL_DAYS else DayRow(day) for day in DAYS))


def form_of(crew: Mapping[str, Any]) -> CrewForm:
    """A crew as the form shows it."""
    lines = []
    for district in crew.get("district") or ():
        if district.get("city"):
            streets = ", ".join(district.get("street") or ())
            lines.append(f"{district['city']}: {streets}" if streets else district["city"])
    return CrewForm(
        name=crew["name"],
        description=crew.get("description") or "",
        skills=tuple(crew.get("skill") or ()),
        towns="\n".join(lines),
        zone=crew["timeZone"],
        capacity=str(crew.get("capacity", 1)),
        slot=str(crew.get("slotMinutes", 120)),
        **travel_fields(crew.get("travel")),
        people=tuple((p["name"], p.get("phone") or "") for p in crew.get("person") or ()),
        week=_week_of(crew),
    )


def _week_of(crew: Mapping[str, Any]) -> tuple[DayRow, ...]:
    rows: dict[str, DayRow] = {}
    for hours in crew["workingHours"]:
        breaks = hours.get("break") or ()
        for day in hours["day"]:
            if day in rows or len(breaks) > 1:
                return ()
            pause = breaks[0] if breaks else {}
            rows[day] = DayRow(day, (hours["from"], hours["to"], pause.get("from", ""), pause.get("to", "")))
    return tuple(rows.get(day, DayRow(day)) for day in DAYS)


def read_form(values: Mapping[str, str], many: Mapping[str, Sequence[str]], *, week: bool) -> CrewForm:
    """What was typed. `many`: the fields that repeat (skill, person, phone); `week`: the form shows hours."""

    def line(name: str, longest: int = 200) -> str:
        return typed(values, name, longest).replace("\n", " ")

    def clean(text: str) -> str:
        return "".join(c for c in text if c.isprintable()).strip()[:100]

    people = [
        (clean(name), clean(phone))
        for name, phone in zip(many.get("person", ()), many.get("phone", ()), strict=False)
    ]
    rows = tuple(
        DayRow(day, tuple(line(f"{day}_{time}", 5) for time in _TIMES))  # type: ignore[arg-type]
        for day in DAYS
    )
    return CrewForm(
        name=line("name"),
        description=line("description", 500),
        skills=tuple(dict.fromkeys(clean(s) for s in many.get("skill", ()) if clean(s)))[:50],
        other_skill=line("other_skill", 60),
        towns=typed(values, "towns", 4000),
        zone=line("zone", 60),
        capacity=line("capacity", 4),
        slot=line("slot", 5),
        speed=line("speed", 6),
        least=line("least", 5),
        legs=typed(values, "legs", 4000),
        people=tuple(each for each in people if any(each))[:PEOPLE],
        week=rows if week else (),
    )


def document_of(form: CrewForm, kept: Mapping[str, Any]) -> tuple[Document, dict[str, Problem]]:
    """The crew's document with what was typed, and what is wrong by field. `kept`: the document so far, or empty."""
    wrong: dict[str, Problem] = {}
    skills = list(dict.fromkeys([*form.skills, *([form.other_skill] if form.other_skill else [])]))
    if not form.name:
        wrong["name"] = BadInput("nameMissing", N_("Give the crew a name."))
    if not skills:
        wrong["skills"] = BadInput("skillMissing", N_("Choose at least one skill."))
    numbers = {name: _number(text) for name, text in (("capacity", form.capacity), ("slot", form.slot))}
    for name, value in numbers.items():
        if value is None:
            wrong[name] = BadInput("numberNeeded", N_("Write a whole number above 0."))
    travel, askew = travel_of(form.speed, form.least, form.legs, kept.get("travel"))
    wrong |= askew
    hours = _hours(form, wrong) if form.week else list(kept.get("workingHours") or ())
    if not hours and not any(name in DAYS for name in wrong):
        wrong["mon"] = BadInput("hoursMissing", N_("Write the hours of at least one day."))
    people = [{"name": n, **({"phone": p} if p else {})} for n, p in form.people if n]
    if any(not name for name, _ in form.people):
        wrong["people"] = BadInput("personName", N_("Write whose telephone it is."))
    document: Document = {
        **kept,
        "name": form.name,
        "description": form.description,
        "skill": skills,
        "person": people,
        "district": [*_districts(form.towns), *(d for d in kept.get("district") or () if not d.get("city"))],
        "timeZone": form.zone,
        "workingHours": hours,
        "capacity": numbers["capacity"] or 1,
        "slotMinutes": numbers["slot"] or 120,
        "travel": travel,
    }
    for name in ("description", "person", "district", "travel"):
        if not document[name]:
            del document[name]
    if not wrong:
        try:
            read_crew(document)
        except BadInput as problem:
            path = str(problem.facts.get("path", ""))
            wrong[{"timeZone": "zone", "slotMinutes": "slot"}.get(path, path)] = problem
    return document, wrong


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) <= 1440 else None


def _hours(form: CrewForm, wrong: dict[str, Problem]) -> list[Document]:
    """Working hours, days with the same hours together; problems are noted under their day."""
    grouped: dict[tuple[str, ...], list[str]] = {}
    for row in form.week:
        if not any(row.times):
            continue
        try:
            read_week([_span(row.times, [row.day])])
            grouped.setdefault(row.times, []).append(row.day)
        except BadInput:
            wrong[row.day] = BadInput(
                "hoursOfDay",
                N_("Write from and to as 09:00 and 18:00, the break within them, or leave all four empty."),
            )
    return [_span(times, days) for times, days in grouped.items()]


def _span(times: Sequence[str], days: Sequence[str]) -> Document:
    start, end, pause, back = times
    span: Document = {"day": list(days), "from": start, "to": end}
    if pause or back:
        span["break"] = [{"from": pause, "to": back}]
    return span


def _districts(text: str) -> list[Document]:
    """Lines "Town" or "Town: street, street"."""
    districts = []
    for line in text.splitlines():
        town, _, streets = line.partition(":")
        if not town.strip():
            continue
        district: Document = {"city": town.strip()[:100]}
        named = [street.strip()[:100] for street in re.split(r"[,;]", streets) if street.strip()]
        if named:
            district["street"] = named[:200]
        districts.append(district)
    return districts[:100]
