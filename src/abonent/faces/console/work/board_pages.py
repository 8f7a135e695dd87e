"""The board of visits: a day of all crews as a picture and as a table, and what is still free in the next days."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from abonent.domain.workforce.board import CrewDay, day_board
from abonent.domain.workforce.rules import LEAD, Crew, Need
from abonent.domain.workforce.slots import roster
from abonent.faces.console.addresses import crew_path
from abonent.faces.console.desk import Desk, Visit
from abonent.faces.console.order_list import Choice
from abonent.faces.console.work import rights
from abonent.faces.console.work.capacity import DAYS, capacity
from abonent.faces.console.work.day_model import Lane, lane
from abonent.faces.console.work.day_picture import DayPicture, day_picture
from abonent.faces.console.work.filters import day_edges, read_day
from abonent.faces.console.work.labels import SECTION, SKILL, weekday, worded
from abonent.kit.context import Context
from abonent.kit.i18n import Translator

BOARD = "/appointments"


@dataclass(frozen=True, slots=True)
class BoardWanted:
    """The day, and of which crews: with this skill, of this town."""

    day: date
    skill: str = ""
    town: str = ""


@dataclass(frozen=True, slots=True)
class BoardView:
    """Everything the template of the board shows."""

    day: str
    iso: str
    title: str
    sentence: str
    previous: str
    today: str
    next: str
    is_today: bool
    lanes: tuple[Lane, ...]
    picture: DayPicture | None
    skills: tuple[Choice, ...]
    towns: tuple[Choice, ...]
    filtered: bool
    hit: int


class BoardPages:
    """The page of the board over the domain."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def board(self, visit: Visit) -> Response:
        rights.demand_staff(visit.caller)
        ctx, now, t = self._ctx.for_caller(visit.caller), visit.now, visit.t
        wanted = read_board(visit.query, t.local(now).date())
        soonest = now + LEAD
        days, known = await asyncio.gather(
            day_board(ctx, wanted.day),
            roster(ctx, Need(), soonest, soonest + timedelta(days=DAYS), every=True),
        )
        view = board_view(days, wanted, now, t)
        free = capacity(known.crews, known.booked, soonest, now, t)
        facts = {"view": view, "capacity": free}
        return self._desk.page(visit, "work/board.html", facts, section=SECTION)


def read_board(query: Mapping[str, str], today: date) -> BoardWanted:
    """What an address asks for; today unless it says another day."""
    return BoardWanted(
        read_day(query.get("day", "")) or today,
        "".join(c for c in query.get("skill", "") if c.isprintable())[:100],
        "".join(c for c in query.get("town", "") if c.isprintable())[:100],
    )


def board_view(days: Sequence[CrewDay], wanted: BoardWanted, now: datetime, t: Translator) -> BoardView:
    """The day as it is shown to this reader."""
    midnight, _ = day_edges(wanted.day, t.zone)
    crews = [day.crew for day in days]
    fitting = [day for day in days if _fits(day.crew, wanted)]
    lanes = tuple(
        lane(day, midnight, day.crew.name, _skills(day.crew, t), crew_path(day.crew.id), now, t)
        for day in fitting
    )
    today = t.local(now).date()
    minute = (now - midnight).total_seconds() / 60 if wanted.day == today else None
    visits = [block for each in lanes for block in each.blocks]
    sentence = _sentence(visits, len(lanes), t)
    day = f"{weekday(wanted.day, t)}, {t.long_day(midnight, now)}"
    return BoardView(
        day=day,
        iso=wanted.day.isoformat(),
        title=t.gettext("Visits of {day}", day=day),
        sentence=sentence,
        previous=_address(wanted, wanted.day - timedelta(days=1)),
        today=_address(wanted, None),
        next=_address(wanted, wanted.day + timedelta(days=1)),
        is_today=wanted.day == today,
        lanes=lanes,
        picture=day_picture(lanes, minute, f"{day}: {sentence}", t) if lanes else None,
        skills=_choices(
            {s: worded(SKILL, s, t) for c in crews for s in c.skills},
            wanted.skill,
            t.pgettext("filter", "any skill"),
        ),
        towns=_choices(
            {d.city: d.city for c in crews for d in c.districts if d.city},
            wanted.town,
            t.pgettext("filter", "any town"),
        ),
        filtered=bool(wanted.skill or wanted.town),
        hit=sum(block.hit for block in visits),
    )


def _sentence(visits: Sequence[object], crews: int, t: Translator) -> str:
    looks = [getattr(block, "look", "") for block in visits]
    count = t.ngettext("{n} visit", "{n} visits", len(looks))
    parts = [t.ngettext("{n} crew", "{n} crews", crews), count]
    for kinds, text in (
        (("ok",), t.gettext("{n} done")),
        (("run",), t.gettext("{n} at work")),
        (("planned", "proposed"), t.gettext("{n} ahead")),
        (("risk",), t.gettext("{n} late or in danger")),
        (("bad",), t.gettext("{n} without result")),
    ):
        n = sum(look in kinds for look in looks)
        if n:
            parts.append(text.format(n=t.number(n)))
    return ", ".join(parts)


def _skills(crew: Crew, t: Translator) -> str:
    return ", ".join(worded(SKILL, skill, t) for skill in sorted(crew.skills))


def _fits(crew: Crew, wanted: BoardWanted) -> bool:
    towns = {d.city for d in crew.districts}
    return (not wanted.skill or wanted.skill in crew.skills) and (
        not wanted.town or not towns or wanted.town in towns
    )


def _choices(words: Mapping[str, str], chosen: str, nothing: str) -> tuple[Choice, ...]:
    listed = {"": nothing, **dict(sorted(words.items(), key=lambda each: each[1]))}
    if chosen not in listed:
        listed[chosen] = chosen
    return tuple(Choice(value, word, value == chosen) for value, word in listed.items())


def _address(wanted: BoardWanted, day: date | None) -> str:
    pairs = [("day", day.isoformat() if day else ""), ("skill", wanted.skill), ("town", wanted.town)]
    query = urlencode([(name, value) for name, value in pairs if value])
    return f"{BOARD}?{query}" if query else BOARD
