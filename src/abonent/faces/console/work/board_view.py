"""A day of the board in the reader's words: the grid, visits that wait or are late, the visit that is picked. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from abonent.domain.qualification.texts import address_line
from abonent.domain.workforce.board import CrewDay
from abonent.domain.workforce.documents import ends, starts, wish_of
from abonent.domain.workforce.moving import Picked
from abonent.domain.workforce.queries_lists import WorkOrderRow
from abonent.domain.workforce.rules_work import may
from abonent.faces.console.addresses import work_path
from abonent.faces.console.order_list import Choice
from abonent.faces.console.work.acts import Option
from abonent.faces.console.work.board_model import WEEK, BoardWanted, board_lane, filters, fits
from abonent.faces.console.work.bulk import BULK
from abonent.faces.console.work.day_model import Block, Lane
from abonent.faces.console.work.day_picture import DayPicture, day_picture
from abonent.faces.console.work.filters import PATH, day_edges
from abonent.faces.console.work.labels import OBSTACLE, SKILL, named, weekday, worded
from abonent.faces.console.work.list_view import crew_name
from abonent.kit.i18n import Translator
from abonent.kit.values import from_wire

WIDTH = 984
MOST_WAITING = 12


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A work order without a slot, or one whose slot is over; `move` picks it."""

    id: str
    href: str
    client: str
    about: str
    gap: str
    move: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The column beside the grid; the numbers count all, the rows are the first of them."""

    unassigned: tuple[WaitingRow, ...]
    unassigned_total: int
    unassigned_href: str
    late: tuple[WaitingRow, ...]
    late_total: int
    late_href: str


@dataclass(frozen=True, slots=True)
class MoveForm:
    """The picked visit and where it may go. `problem`: why it was refused a moment ago."""

    id: str
    href: str
    what: str
    client: str
    place: str
    present: str
    minutes: str
    crews: tuple[Option, ...]
    unable: tuple[tuple[str, str], ...]
    day: str
    at: str
    ready: bool
    leave: str
    problem: str = ""
    at_field: str = ""


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
    week: str
    all_crews: str
    is_today: bool
    lanes: tuple[Lane, ...]
    picture: DayPicture | None
    skills: tuple[Choice, ...]
    towns: tuple[Choice, ...]
    filtered: bool
    wanted: BoardWanted
    hit: int
    give: str
    wrong: tuple[Block, ...]
    moved: str


def board_view(
    days: Sequence[CrewDay],
    wanted: BoardWanted,
    picked: Picked | None,
    now: datetime,
    t: Translator,
    *,
    dispatcher: bool,
) -> BoardView:
    """The day as it is shown to this reader; with a `picked` visit the grid shows where it could go."""
    midnight, _ = day_edges(wanted.day, t.zone)
    chances = {each.crew.id: each for each in picked.chances} if picked else {}
    shown = [day for day in days if fits(day.crew, wanted)]
    lanes = tuple(
        board_lane(day, midnight, wanted, chances.get(day.crew.id), now, t, dispatcher=dispatcher)
        for day in shown
    )
    today = t.local(now).date()
    minute = (now - midnight).total_seconds() / 60 if wanted.day == today else None
    visits = [block for each in lanes for block in each.blocks]
    sentence = _sentence(visits, len(lanes), t)
    day = f"{weekday(wanted.day, t)}, {t.long_day(midnight, now)}"
    skills, towns = filters([day.crew for day in days], wanted, t)
    other = replace(wanted, moved="", crew="", at="")
    hit = [block for block in visits if block.hit]
    return BoardView(
        day=day,
        iso=wanted.day.isoformat(),
        title=t.gettext("Visits of {day}", day=day),
        sentence=sentence,
        previous=replace(other, day=wanted.day - timedelta(days=1)).address(),
        today=replace(other, day=today).address(today=today),
        next=replace(other, day=wanted.day + timedelta(days=1)).address(),
        week=wanted.plain().address(WEEK),
        all_crews=BoardWanted(wanted.day, move=wanted.move).address(),
        is_today=wanted.day == today,
        lanes=lanes,
        picture=day_picture(lanes, minute, f"{day}: {sentence}", t, WIDTH) if lanes else None,
        skills=skills,
        towns=towns,
        filtered=bool(wanted.skill or wanted.town),
        wanted=wanted,
        hit=len(hit),
        give=_give([block.id for block in hit if block.move], wanted),
        wrong=tuple(block for block in visits if block.trouble and not block.hit),
        moved=_moved(lanes, wanted, t),
    )


def _give(ids: Sequence[str], wanted: BoardWanted) -> str:
    """The page that gives these visits to other crews; empty where there is nothing to give."""
    back = wanted.plain().address()
    return f"{BULK}?{urlencode([*(('work', id) for id in ids), ('back', back)])}" if ids else ""


def _moved(lanes: Sequence[Lane], wanted: BoardWanted, t: Translator) -> str:
    for each in lanes:
        for block in each.blocks:
            if wanted.moved and block.id == wanted.moved:
                return t.gettext(
                    "{number}: {crew}, {time} now.", number=block.id, crew=each.title, time=block.time
                )
    return ""


def _sentence(visits: Sequence[Block], crews: int, t: Translator) -> str:
    looks = [block.look for block in visits]
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


# ---- the column beside the grid


def waiting_view(
    unassigned: tuple[Sequence[WorkOrderRow], int],
    late: tuple[Sequence[WorkOrderRow], int],
    wanted: BoardWanted,
    now: datetime,
    t: Translator,
    *,
    dispatcher: bool,
) -> Waiting:
    """Work orders that no crew has, and those whose time is over; each list with how many there are in all."""
    narrowed = [(name, getattr(wanted, name)) for name in ("skill", "town") if getattr(wanted, name)]

    def listed(*pairs: tuple[str, str]) -> str:
        return f"{PATH}?{urlencode([*pairs, *narrowed])}"

    return Waiting(
        tuple(_waits(row, wanted, now, t, dispatcher=dispatcher) for row in unassigned[0]),
        unassigned[1],
        listed(("state", "pending")),
        tuple(_waits(row, wanted, now, t, dispatcher=dispatcher) for row in late[0]),
        late[1],
        listed(("late", "1")),
    )


def _waits(
    row: WorkOrderRow, wanted: BoardWanted, now: datetime, t: Translator, *, dispatcher: bool
) -> WaitingRow:
    document = row.document
    skill = wish_of(document).skill
    words = [address_line(row.address), worded(SKILL, skill, t) if skill else named(document, t)]
    end = document.get("expectedCompletionDate")
    gap = ""
    if end:
        late = t.duration(now - from_wire(end))
        behind = t.gettext("{gap} late", gap=late)
        gap = f"{crew_name(document)}, {behind}"
    movable = dispatcher and may("rebook", document["state"])
    pick = replace(wanted.plain(), move=document["id"]).address() + "#move"
    return WaitingRow(
        document["id"],
        work_path(document["id"]),
        row.client_name or "\u2013",
        ", ".join(word for word in words if word),
        gap,
        pick if movable else "",
    )


# ---- the picked visit


def move_form(
    picked: Picked,
    wanted: BoardWanted,
    now: datetime,
    t: Translator,
    *,
    problem: str = "",
    at_field: str = "",
) -> MoveForm:
    """The form that moves a visit: crews that could make it on the day that is shown, with their free times."""
    work, appointment = picked.work, picked.appointment
    present = ""
    if appointment is not None:
        present = f"{crew_name(work)}, {t.span(starts(appointment), ends(appointment), now)}"
    minutes = wish_of(work).minutes
    able = [each for each in picked.chances if each.times]
    return MoveForm(
        id=work["id"],
        href=work_path(work["id"]),
        what=named(work, t),
        client=picked.client,
        place=address_line(picked.address),
        present=present,
        minutes=t.duration(timedelta(minutes=minutes)) if minutes else "",
        crews=tuple(
            Option(
                each.crew.id,
                each.crew.name,
                each.crew.id == wanted.crew,
                ", ".join(t.time(time.start) for time in each.times),
            )
            for each in picked.chances
        ),
        unable=tuple(
            (each.crew.name, worded(OBSTACLE, each.obstacle, t)) for each in picked.chances if each.obstacle
        ),
        day=wanted.day.isoformat(),
        at=wanted.at,
        ready=bool(able),
        leave=wanted.plain().address(),
        problem=problem,
        at_field=at_field,
    )
