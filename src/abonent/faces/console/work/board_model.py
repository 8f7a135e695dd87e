"""What the board's address asks for, and the lanes of its grid. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from abonent.domain.workforce.board import CrewDay, Visit
from abonent.domain.workforce.moving import Chance
from abonent.domain.workforce.rules import LEAD, Crew, Need, Obstacle, free_slots
from abonent.domain.workforce.rules_day import load_of, troubles, ways
from abonent.domain.workforce.rules_work import may
from abonent.faces.console.addresses import crew_path
from abonent.faces.console.order_list import Choice
from abonent.faces.console.work.day_model import Block, Lane, Room, is_open, lane
from abonent.faces.console.work.filters import read_day
from abonent.faces.console.work.labels import OBSTACLE, SKILL, worded
from abonent.kit.i18n import NP_, Translator

BOARD = "/appointments"
WEEK = BOARD + "/week"
MOVE = BOARD + "/move"
TROUBLE: Mapping[Obstacle, tuple[str, str]] = {
    Obstacle.HOURS: NP_("trouble", "outside of the crew’s hours"),
    Obstacle.ABSENT: NP_("trouble", "the crew is absent then"),
    Obstacle.BUSY: NP_("trouble", "another visit at the same time"),
    Obstacle.TRAVEL: NP_("trouble", "too little time for the way"),
}


@dataclass(frozen=True, slots=True)
class BoardWanted:
    """The day, and of which crews: with this skill, of this town. A visit that is picked (`move`: its work order), and
    where it is to go as far as that is said; `moved`: the one that was moved a moment ago."""

    day: date
    skill: str = ""
    town: str = ""
    move: str = ""
    crew: str = ""
    at: str = ""
    moved: str = ""

    def address(self, path: str = BOARD, *, today: date | None = None) -> str:
        """The address that asks for it; `today` need not be said."""
        pairs = [
            ("day", "" if self.day == today else self.day.isoformat()),
            *((name, getattr(self, name)) for name in ("skill", "town", "move", "crew", "at", "moved")),
        ]
        query = urlencode([(name, value) for name, value in pairs if value])
        return f"{path}?{query}" if query else path

    def plain(self) -> "BoardWanted":
        """The same without a picked visit."""
        return replace(self, move="", crew="", at="", moved="")


def read_board(query: Mapping[str, str], today: date) -> BoardWanted:
    """What an address asks for; today unless it says another day."""

    def said(name: str) -> str:
        return "".join(c for c in query.get(name, "") if c.isprintable()).strip()[:100]

    names = ("skill", "town", "move", "crew", "at", "moved")
    return BoardWanted(read_day(query.get("day", "")) or today, *(said(name) for name in names))


def fits(crew: Crew, wanted: BoardWanted) -> bool:
    """Whether the filter shows the crew; one without towns goes everywhere."""
    towns = {d.city for d in crew.districts}
    return (not wanted.skill or wanted.skill in crew.skills) and (
        not wanted.town or not towns or wanted.town in towns
    )


def filters(
    crews: Sequence[Crew], wanted: BoardWanted, t: Translator
) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """Skills and towns to choose from."""
    skills = {s: worded(SKILL, s, t) for c in crews for s in c.skills}
    towns = {d.city: d.city for c in crews for d in c.districts if d.city}
    return (
        _choices(skills, wanted.skill, t.pgettext("filter", "any skill")),
        _choices(towns, wanted.town, t.pgettext("filter", "any town")),
    )


def _choices(words: Mapping[str, str], chosen: str, nothing: str) -> tuple[Choice, ...]:
    listed = {"": nothing, **dict(sorted(words.items(), key=lambda each: each[1]))}
    if chosen not in listed:
        listed[chosen] = chosen
    return tuple(Choice(value, word, value == chosen) for value, word in listed.items())


def crew_skills(crew: Crew, t: Translator) -> str:
    return ", ".join(worded(SKILL, skill, t) for skill in sorted(crew.skills))


def board_lane(
    day: CrewDay,
    midnight: datetime,
    wanted: BoardWanted,
    chance: Chance | None,
    now: datetime,
    t: Translator,
    *,
    dispatcher: bool,
) -> Lane:
    """A crew's day in the grid: visits with what is wrong with them and the ways between them, and the free time. With
    a `chance` the free time is that of the picked visit. `dispatcher`: visits can be picked."""
    crew = day.crew
    made = lane(day, midnight, crew.name, "", crew_path(crew.id), now, t)
    local = wanted.day
    wrong = troubles(crew, day.booked, local)
    way = ways(crew, day.booked.days.get(local, ()))
    blocks = tuple(
        _marked(block, visit, wrong, way, wanted, t, dispatcher=dispatcher)
        for block, visit in zip(made.blocks, day.visits, strict=True)
    )
    ahead = now + LEAD < midnight + timedelta(days=1)
    if chance is not None:
        free = tuple(
            _room(s.start, s.end, midnight, t, replace(wanted, crew=crew.id, at=t.time(s.start), moved=""))
            for s in chance.times
        )
    else:
        start, end = max(now + LEAD, midnight), midnight + timedelta(days=1)
        slots = free_slots([crew], {crew.id: day.booked}, Need(), start, end) if ahead else []
        free = tuple(_room(s.start, s.end, midnight, t) for s in slots)
    cannot = worded(OBSTACLE, chance.obstacle, t) if chance and chance.obstacle else ""
    return replace(
        made,
        about=cannot or _about(day, local, len(free) if ahead and chance is None else None, t),
        blocks=blocks,
        free=free,
        crew=crew.id if dispatcher else "",
    )


def _room(
    start: datetime, end: datetime, midnight: datetime, t: Translator, to: BoardWanted | None = None
) -> Room:
    begins, ends = ((at - midnight).total_seconds() / 60 for at in (start, end))
    return Room(begins, ends, t.time(start), f"{to.address()}#move" if to else "")


def _marked(
    block: Block,
    visit: Visit,
    wrong: Mapping[str, Obstacle],
    way: Mapping[str, timedelta],
    wanted: BoardWanted,
    t: Translator,
    *,
    dispatcher: bool,
) -> Block:
    id = visit.appointment["id"]
    why = wrong.get(id) if is_open(visit) else None
    if why is None and block.hit:
        why = Obstacle.ABSENT
    movable = dispatcher and visit.work is not None and may("rebook", visit.state)
    pick = replace(wanted.plain(), move=block.id).address() + "#move"
    return replace(
        block,
        trouble=worded(TROUBLE, why, t) if why else "",
        look="risk" if why else block.look,
        way=round(way.get(id, timedelta()).total_seconds() / 60),
        tight=why == Obstacle.TRAVEL,
        move=pick if movable else "",
        picked=bool(wanted.move) and block.id == wanted.move,
    )


def _about(day: CrewDay, local: date, free: int | None, t: Translator) -> str:
    """How much of the day is taken; `free`: visits that could still be booked, None where that is not the question."""
    taken = load_of(day.crew, day.booked, local).percent
    if taken is None:
        return t.gettext("absent") if day.working else t.gettext("does not work")
    words = t.gettext("{share} booked", share=t.percent(taken / 100))
    if free is None:
        return words
    left = t.gettext("{n} free", n=t.number(free))
    return f"{words}, {left}"
