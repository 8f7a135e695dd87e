"""A crew's own day on a phone: the next visit first, with what is needed to go there and to say how it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.texts import address_line
from abonent.domain.workforce import documents as doc
from abonent.domain.workforce import queries
from abonent.domain.workforce.board import Visit as Call
from abonent.domain.workforce.board import visits_of
from abonent.domain.workforce.resources import CREW
from abonent.domain.workforce.rules_work import may
from abonent.faces.console.addresses import work_path
from abonent.faces.console.desk import Desk, Visit, see
from abonent.faces.console.labels import Label
from abonent.faces.console.work import rights
from abonent.faces.console.work.crew_view import skills_of
from abonent.faces.console.work.day_model import is_open
from abonent.faces.console.work.filters import day_edges, read_day
from abonent.faces.console.work.labels import SECTION, late_label, named, visit_label, weekday
from abonent.faces.console.work.work_view import Phone, client_phone
from abonent.kit.access import Caller
from abonent.kit.context import Context
from abonent.kit.i18n import Translator

MINE = "/work-orders/mine"


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit of the day; `may`: the steps this person may do now, as last words of their addresses."""

    id: str
    href: str
    time: str
    client: str
    phone: Phone | None
    place: str
    what: str
    label: Label
    may: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MineView:
    """Everything the template shows: the next visit, those after it, those that are over."""

    crew: str
    title: str
    day: str
    here: str
    previous: str
    today: str
    following: str
    is_today: bool
    next: Stop | None
    later: tuple[Stop, ...]
    over: tuple[Stop, ...]


class MinePages:
    """The page over the domain."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def mine(self, visit: Visit) -> Response:
        """The day of the crew that is named; else of the crew the person belongs to, by his name; else the choice."""
        rights.demand_staff(visit.caller)
        ctx, t = self._ctx.for_caller(visit.caller), visit.t
        id = visit.query.get("crew", "")
        if not id:
            return await self._choice(visit)
        crew = (await ctx.store.get(visit.caller, CREW, id)).document
        day = read_day(visit.query.get("day", "")) or t.local(visit.now).date()
        visits = await visits_of(ctx, id, *day_edges(day, t.zone))
        clients = {client for each in visits if (client := doc.customer_of(each.appointment))}
        found = await ctx.store.find((CUSTOMER_, client) for client in sorted(clients))
        customers = {client: stored.document for (_, client), stored in found.items()}
        view = mine_view(crew, day, visits, customers, visit.caller, visit.now, t)
        return self._desk.page(visit, "work/mine.html", {"view": view}, section=SECTION)

    async def _choice(self, visit: Visit) -> Response:
        crews = sorted(await queries.crews(self._ctx.store), key=lambda each: (each["name"], each["id"]))
        own = [c for c in crews if visit.user.display_name in {p["name"] for p in c.get("person") or ()}]
        if len(own) == 1:
            return see(_address(own[0]["id"]))
        rows = [(_address(c["id"]), c["name"], skills_of(c, visit.t)) for c in crews]
        return self._desk.page(visit, "work/mine_choice.html", {"rows": rows}, section=SECTION)


def mine_view(
    crew: Mapping[str, Any],
    day: date,
    visits: Sequence[Call],
    customers: Mapping[str, Mapping[str, Any]],
    caller: Caller,
    now: datetime,
    t: Translator,
) -> MineView:
    """A crew's day; what is still to be done stands in order of time, work that has begun first."""
    stops = [(call, _stop(call, customers, caller, now, t)) for call in visits]
    ahead = sorted(
        (each for each in stops if is_open(each[0])),
        key=lambda each: (each[0].state != "inProgress", each[0].period.start),
    )
    start, _ = day_edges(day, t.zone)
    today = t.local(now).date()
    return MineView(
        crew=crew["name"],
        title=t.gettext("Day of crew {name}", name=crew["name"]),
        day=f"{weekday(day, t)}, {t.long_day(start, now)}",
        here=_address(crew["id"], day if day != today else None),
        previous=_address(crew["id"], day - timedelta(days=1)),
        today=_address(crew["id"]),
        following=_address(crew["id"], day + timedelta(days=1)),
        is_today=day == today,
        next=ahead[0][1] if ahead else None,
        later=tuple(stop for _, stop in ahead[1:]),
        over=tuple(stop for call, stop in stops if not is_open(call)),
    )


def _stop(
    call: Call, customers: Mapping[str, Mapping[str, Any]], caller: Caller, now: datetime, t: Translator
) -> Stop:
    steps = (("start", "start"), ("complete", "complete"), ("clientAbsent", "absent"), ("fail", "fail"))
    current = (
        call.work is not None and (call.work.get("appointment") or {}).get("id") == call.appointment["id"]
    )
    allowed = [
        step for action, step in steps if current and may(action, call.state) and rights.may(caller, action)
    ]
    late = is_open(call) and call.period.end < now
    return Stop(
        id=call.work["id"] if call.work else call.appointment["id"],
        href=work_path(call.work["id"]) if call.work else "",
        time=f"{t.time(call.period.start)}\u2013{t.time(call.period.end)}",
        client=call.client or "\u2013",
        phone=client_phone(customers.get(doc.customer_of(call.appointment) or "")),
        place=address_line(call.address),
        what=named(call.work, t) if call.work else t.gettext("booked; its order is not placed yet"),
        label=late_label(t) if late else visit_label(call.state, current, t),
        may=tuple(allowed),
    )


def _address(crew: str, day: date | None = None) -> str:
    return f"{MINE}?{urlencode([('crew', crew), *([('day', day.isoformat())] if day else [])])}"
