"""The handlers of crews: the list, a crew with its week, its absences."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from abonent.domain.workforce import queries
from abonent.domain.workforce.board import Visit as Call
from abonent.domain.workforce.board import crew_days, day_board, visits_of
from abonent.domain.workforce.requests import patch_absence, post_absence
from abonent.domain.workforce.resources import CREW, CREW_ABSENCE
from abonent.domain.workforce.rules import read_absence, read_crew
from abonent.faces.console.addresses import crew_path
from abonent.faces.console.desk import Desk, Form, Visit, local, see
from abonent.faces.console.work import rights
from abonent.faces.console.work.absence import TypedAbsence, read_absence_form
from abonent.faces.console.work.crew_view import crew_rows, crew_view, hits_of, monday_of
from abonent.faces.console.work.filters import read_day
from abonent.faces.console.work.labels import SECTION
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.crud import plain
from abonent.kit.errors import N_, NotFound
from abonent.kit.values import to_wire

CREWS = "/crews"
_BEFORE, _AHEAD = timedelta(days=30), timedelta(days=400)


class CrewPages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def listing(self, visit: Visit) -> Response:
        rights.demand_staff(visit.caller)
        ctx, t = self._ctx.for_caller(visit.caller), visit.t
        documents, days = await asyncio.gather(
            queries.crews(ctx.store), day_board(ctx, t.local(visit.now).date())
        )
        rows = crew_rows(documents, days, visit.now, t)
        facts = {"rows": rows, "keeper": rights.may(visit.caller, "crews")}
        return self._desk.page(visit, "work/crews.html", facts, section=SECTION)

    async def crew(self, visit: Visit) -> Response:
        return await self._page(visit, await self._stored(visit))

    async def _stored(self, visit: Visit) -> Stored:
        rights.demand_staff(visit.caller)
        return await self._ctx.store.get(visit.caller, CREW, visit.path["crew_id"])

    async def _page(
        self,
        visit: Visit,
        stored: Stored,
        absence: TypedAbsence | None = None,
        hits: list[Call] | None = None,
        status: int = 200,
    ) -> Response:
        """The crew's page, with the form as typed; `hits`: what the absence asked about would hit."""
        ctx, now, t = self._ctx.for_caller(visit.caller), visit.now, visit.t
        crew, store = read_crew(stored.document), ctx.store
        monday = monday_of(read_day(visit.query.get("week", "")) or t.local(now).date())
        week, absences = await asyncio.gather(
            crew_days(ctx, crew, monday, 7),
            queries.absences(store, [crew.id], now - _BEFORE, now + _AHEAD),
        )
        ahead = await self._hit(ctx, crew.id, absences, now) if absences else []
        view = crew_view(stored.document, week, monday, absences, ahead, now, t)
        facts = {
            "view": view,
            "keeper": rights.may(visit.caller, "crews"),
            "dispatcher": rights.may(visit.caller, "reassign"),
            "absence": absence,
            "asked": hits_of(hits, view.href, now, t) if hits is not None else None,
            "zone": t.zone_name(now),
            "here": view.href,
        }
        return self._desk.page(visit, "work/crew.html", facts, section=SECTION, status=status)

    async def _hit(
        self, ctx: Context, crew: str, absences: list[dict[str, Any]], now: datetime
    ) -> list[Call]:
        """Visits to come that fall into one of these absences."""
        away = [a for a in map(read_absence, absences) if a.end > now]
        if not away:
            return []
        end = min(max(a.end for a in away), now + _AHEAD)
        start = now - timedelta(hours=12)
        visits = await visits_of(ctx, crew, start, end)
        return [v for v in visits if any(a.overlaps(v.period.start, v.period.end) for a in away)]

    # ---- absences

    async def add_absence(self, visit: Visit, form: Form) -> Response:
        """`do` = look only says what the absence would hit; otherwise it is kept."""
        stored = await self._stored(visit)
        rights.demand(visit.caller, "crews")
        absence = read_absence_form(form, visit.now, visit.t.zone)
        ctx = self._ctx.for_caller(visit.caller)
        looks = form.get("do") == "look"
        if (looks and not absence.has_time) or (not looks and absence.wrong):
            return await self._page(visit, stored, absence, status=400)
        if looks:
            assert absence.start is not None
            end = absence.end or visit.now + _AHEAD
            found = await visits_of(ctx, stored.id, absence.start - timedelta(hours=12), end)
            hit = [v for v in found if v.period.end > absence.start]
            asked = TypedAbsence(absence.fields, absence.start, absence.end, {})
            return await self._page(visit, stored, asked, hit)
        await post_absence(ctx, absence.document(stored.document))
        return see(f"{crew_path(stored.id)}#absences")

    async def end_absence(self, visit: Visit, form: Form) -> Response:
        """An absence that has begun ends now; one that has not is taken back."""
        stored = await self._stored(visit)
        rights.demand(visit.caller, "crews")
        ctx = self._ctx.for_caller(visit.caller)
        absence = await ctx.store.get(visit.caller, CREW_ABSENCE, visit.path["absence_id"])
        if absence.document["crew"]["id"] != stored.id:
            raise NotFound("noAbsence", N_("This crew has no such absence; it may have been ended already."))
        period = read_absence(absence.document)
        if period.start >= visit.now:
            await plain(CREW_ABSENCE).remove(ctx, absence)
        elif period.end > visit.now:
            valid = {**absence.document["validFor"], "endDateTime": to_wire(visit.now)}
            await patch_absence(ctx, absence, absence.document | {"validFor": valid})
        return see(local(form.get("back") or f"{crew_path(stored.id)}#absences"))

    async def to_crew(self, visit: Visit) -> Response:
        return see(crew_path(visit.path["crew_id"]))
