"""Lanes of visits over the hours of a day, as the pictures and tables of the board and of a crew's week need them.
Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from abonent.domain.qualification.texts import address_line
from abonent.domain.workforce.board import CrewDay, Visit
from abonent.domain.workforce.documents import wish_of, work_of
from abonent.domain.workforce.rules_hours import Stretch
from abonent.domain.workforce.rules_work import OPEN, OPEN_APPOINTMENT
from abonent.faces.console.addresses import work_path
from abonent.faces.console.labels import Label
from abonent.faces.console.work.labels import SKILL, late_label, named, visit_label, worded
from abonent.kit.i18n import Translator


@dataclass(frozen=True, slots=True)
class Block:
    """A visit on a lane, in minutes after the lane's midnight. look: planned, proposed, run, ok, bad, risk, off.

    `hit` says that the crew is absent then; `href` is empty for a visit without a work order. Where they are known:
    `trouble`, what is wrong with the visit in words; `way`, minutes from the visit before it; `tight`, whether they are
    more than there is time for; `move`, the address that picks the visit to move it.
    """

    id: str
    start: float
    end: float
    time: str
    client: str
    street: str
    place: str
    what: str
    label: Label
    look: str
    href: str
    hit: bool
    minutes: int | None
    trouble: str = ""
    way: int = 0
    tight: bool = False
    move: str = ""
    picked: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """Free time of a crew for a visit; `href`: the address that puts the picked visit there, if one is picked."""

    start: float
    end: float
    time: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A crew's day. `working` and `absent` are spans of minutes after midnight; `crew`: its id where visits can be
    moved to it."""

    key: str
    title: str
    about: str
    href: str
    working: tuple[tuple[float, float], ...]
    absent: tuple[tuple[float, float], ...]
    blocks: tuple[Block, ...]
    today: bool = False
    free: tuple[Room, ...] = ()
    crew: str = ""


def lane(
    day: CrewDay, midnight: datetime, title: str, about: str, href: str, now: datetime, t: Translator
) -> Lane:
    """A crew's day as a lane. `midnight` begins the day that is drawn, on the reader's wall clock."""

    def minutes(at: datetime) -> float:
        return (at - midnight).total_seconds() / 60

    def spans(stretches: Sequence[Stretch]) -> tuple[tuple[float, float], ...]:
        cut = [(max(minutes(s.start), 0.0), min(minutes(s.end), 1440.0)) for s in stretches]
        return tuple((start, end) for start, end in cut if start < end)

    return Lane(
        key=f"{day.crew.id}-{midnight:%Y%m%d}",
        title=title,
        about=about,
        href=href,
        working=spans(day.working),
        absent=spans(day.absences),
        blocks=tuple(
            _block(visit, minutes(visit.period.start), minutes(visit.period.end), day.absences, now, t)
            for visit in day.visits
        ),
        today=0 <= minutes(now) < 1440,
    )


def is_open(visit: Visit) -> bool:
    """Whether the visit is still to be made."""
    return visit.state in OPEN | OPEN_APPOINTMENT


def _block(
    visit: Visit, start: float, end: float, absences: Sequence[Stretch], now: datetime, t: Translator
) -> Block:
    period = visit.period
    hit = is_open(visit) and any(a.overlaps(period.start, period.end) for a in absences)
    late = is_open(visit) and period.end < now
    # An appointment whose work order has gone on to a later visit keeps its own state.
    current = (
        visit.work is not None and (visit.work.get("appointment") or {}).get("id") == visit.appointment["id"]
    )
    shown = visit_label(visit.state, current, t)
    proposed = visit.appointment["status"] == "initialized"
    look = "risk" if late or hit else _LOOKS.get(shown.tone, "planned")
    address = visit.address or {}
    street = " ".join(str(address[key]) for key in ("streetName", "streetNr") if address.get(key))
    return Block(
        id=visit.work["id"] if visit.work else visit.appointment["id"],
        start=start,
        end=end,
        time=f"{t.time(period.start)}\u2013{t.time(period.end)}",
        client=visit.client or "\u2013",
        street=street or address_line(visit.address),
        place=address_line(visit.address),
        what=_what(visit, t),
        label=late_label(t) if late else shown,
        look="proposed" if look == "planned" and proposed else look,
        href=work_path(visit.work["id"]) if visit.work else "",
        hit=hit,
        minutes=wish_of(visit.work).minutes if visit.work else None,
    )


_LOOKS = {"new": "planned", "run": "run", "ok": "ok", "bad": "bad", "off": "off", "wait": "planned"}


def _what(visit: Visit, t: Translator) -> str:
    if visit.work is None:
        return t.gettext("booked; its order is not placed yet")
    skill = work_of(visit.work).get("workType")
    return ", ".join(
        part for part in (named(visit.work, t), worded(SKILL, skill, t) if skill else "") if part
    )
