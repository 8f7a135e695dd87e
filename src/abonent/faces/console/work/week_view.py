"""The week of all crews in numbers: visits and how much of each day is taken. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from abonent.domain.workforce.board import LoadOfDay
from abonent.domain.workforce.rules import Crew
from abonent.faces.console.addresses import crew_path
from abonent.faces.console.order_list import Choice
from abonent.faces.console.work.board_model import WEEK, BoardWanted, crew_skills, filters, fits
from abonent.faces.console.work.crew_view import monday_of
from abonent.faces.console.work.filters import day_edges
from abonent.faces.console.work.labels import weekday
from abonent.kit.i18n import Translator

# From here on a day has hardly room for what comes in late.
FULL = 90


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of a crew. `bar` is the share taken, 0 to 100; `word` stands for it where nobody works; `look`: "", full,
    over (more is booked than there is time), off."""

    href: str
    visits: str
    share: str
    bar: int
    word: str
    look: str
    day: str


@dataclass(frozen=True, slots=True)
class WeekRow:
    name: str
    href: str
    skills: str
    cells: tuple[Cell, ...]
    visits: str
    share: str


@dataclass(frozen=True, slots=True)
class WeekHead:
    word: str
    href: str
    today: bool


@dataclass(frozen=True, slots=True)
class WeekView:
    """Everything the template of the week shows; `sums`: of each day, over the crews that are shown."""

    title: str
    iso: str
    sentence: str
    previous: str
    this: str
    next: str
    day: str
    is_this: bool
    heads: tuple[WeekHead, ...]
    rows: tuple[WeekRow, ...]
    sums: tuple[Cell, ...]
    skills: tuple[Choice, ...]
    towns: tuple[Choice, ...]
    filtered: bool


def week_view(
    crews: Sequence[tuple[Crew, Sequence[LoadOfDay]]], wanted: BoardWanted, now: datetime, t: Translator
) -> WeekView:
    """The week in which the wanted day lies, from Monday."""
    monday, today = monday_of(wanted.day), t.local(now).date()
    days = [monday + timedelta(days=n) for n in range(7)]
    shown = [(crew, loads) for crew, loads in crews if fits(crew, wanted)]
    plain = wanted.plain()
    edges = [day_edges(day, t.zone)[0] for day in days]
    words = [f"{weekday(day, t)}, {t.day(at, now)}" for day, at in zip(days, edges, strict=True)]
    links = [replace(plain, day=day).address() for day in days]
    columns = list(zip(*(loads for _, loads in shown), strict=True)) if shown else [()] * 7
    total = sum(load.visits for _, loads in shown for load in loads)
    skills, towns = filters([crew for crew, _ in crews], wanted, t)
    first, last = t.long_day(edges[0], now), t.long_day(edges[-1], now)
    return WeekView(
        title=t.gettext("Visits of the week from {first} to {last}", first=first, last=last),
        iso=wanted.day.isoformat(),
        sentence=", ".join(
            (t.ngettext("{n} crew", "{n} crews", len(shown)), t.ngettext("{n} visit", "{n} visits", total))
        ),
        previous=replace(plain, day=monday - timedelta(days=7)).address(WEEK),
        this=replace(plain, day=today).address(WEEK, today=today),
        next=replace(plain, day=monday + timedelta(days=7)).address(WEEK),
        day=replace(plain, day=wanted.day).address(),
        is_this=monday == monday_of(today),
        heads=tuple(
            WeekHead(word, href, day == today) for day, word, href in zip(days, words, links, strict=True)
        ),
        rows=tuple(
            WeekRow(
                crew.name,
                crew_path(crew.id),
                crew_skills(crew, t),
                tuple(
                    cell_of([each], href, word, t)
                    for each, href, word in zip(loads, links, words, strict=True)
                ),
                t.number(sum(each.visits for each in loads)),
                _share(loads, t)[0],
            )
            for crew, loads in shown
        ),
        sums=tuple(
            cell_of(each, href, word, t) for each, href, word in zip(columns, links, words, strict=True)
        ),
        skills=skills,
        towns=towns,
        filtered=bool(wanted.skill or wanted.town),
    )


def cell_of(loads: Sequence[LoadOfDay], href: str, day: str, t: Translator) -> Cell:
    """One day of one crew, or of several together."""
    count = sum(each.visits for each in loads)
    visits = t.ngettext("{n} visit", "{n} visits", count)
    share, percent = _share(loads, t)
    if percent is None:
        absent = any(each.works and each.absent for each in loads)
        word = t.gettext("absent") if absent else t.gettext("does not work")
        return Cell(href, visits if count else "", "", 0, word, "over" if count else "off", day)
    some = any(each.absent for each in loads) and len(loads) == 1
    look = "over" if percent > 100 else "full" if percent >= FULL else ""
    return Cell(
        href,
        visits,
        share,
        min(percent, 100),
        t.gettext("absent for a part of it") if some else "",
        look,
        day,
    )


def _share(loads: Sequence[LoadOfDay], t: Translator) -> tuple[str, int | None]:
    """Booked of what could be worked; empty where nobody works."""
    working = sum((each.load.working for each in loads), timedelta())
    if not working:
        return "", None
    share = sum((each.load.booked for each in loads), timedelta()) / working
    return t.percent(share), round(100 * share)
