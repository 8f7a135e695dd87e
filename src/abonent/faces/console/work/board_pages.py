"""The board of visits: a day of all crews as a grid, their week in numbers, and visits moved from one to another."""

import asyncio
from dataclasses import replace
from datetime import datetime, time, timedelta

from starlette.responses import Response

from abonent.domain.workforce.board import day_board, week_board
from abonent.domain.workforce.moving import Picked, move_visit, pick
from abonent.domain.workforce.queries_lists import WorkOrderCriteria, list_work_orders
from abonent.domain.workforce.resources import WORK_ORDER
from abonent.domain.workforce.rules import LEAD, Need
from abonent.domain.workforce.rules_work import may
from abonent.domain.workforce.slots import roster
from abonent.faces.console.desk import Desk, Form, Visit, see, typed
from abonent.faces.console.work import rights
from abonent.faces.console.work.acts import refusal
from abonent.faces.console.work.board_model import BOARD, MOVE, WEEK, BoardWanted, read_board
from abonent.faces.console.work.board_view import MOST_WAITING, board_view, move_form, waiting_view
from abonent.faces.console.work.capacity import DAYS, capacity
from abonent.faces.console.work.crew_view import monday_of
from abonent.faces.console.work.filters import day_edges
from abonent.faces.console.work.labels import SECTION
from abonent.faces.console.work.week_view import week_view
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict, IllegalMove, NotFound, Problem

__all__ = ["BOARD", "MOVE", "WEEK", "BoardPages"]
_FURTHEST = timedelta(days=366)


class BoardPages:
    """The pages of the board over the domain."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def board(self, visit: Visit) -> Response:
        rights.demand_staff(visit.caller)
        wanted = read_board(visit.query, visit.t.local(visit.now).date())
        return await self._page(visit, wanted)

    async def _page(self, visit: Visit, wanted: BoardWanted, problem: Problem | None = None) -> Response:
        ctx, now, t = self._ctx.for_caller(visit.caller), visit.now, visit.t
        dispatcher, soonest = rights.may(visit.caller, "reassign"), now + LEAD
        criteria = WorkOrderCriteria(skill=wanted.skill, town=wanted.town)
        days, known, picked, unassigned, late = await asyncio.gather(
            day_board(ctx, wanted.day),
            roster(ctx, Need(), soonest, soonest + timedelta(days=DAYS), every=True),
            self._picked(visit, wanted) if dispatcher and wanted.move else _nothing(),
            list_work_orders(
                ctx.store, replace(criteria, state="pending"), sort="ordered", limit=MOST_WAITING
            ),
            list_work_orders(ctx.store, replace(criteria, late_at=now), limit=MOST_WAITING),
        )
        if wanted.move and picked is None:
            wanted = wanted.plain()
        told = refusal(problem, picked.work["state"], t) if problem and picked else ""
        at = str(problem.facts.get("path") or "") if problem else ""
        facts = {
            "view": board_view(days, wanted, picked, now, t, dispatcher=dispatcher),
            "waiting": waiting_view(unassigned, late, wanted, now, t, dispatcher=dispatcher),
            "move": move_form(picked, wanted, now, t, problem=told, at_field=at) if picked else None,
            "dispatcher": dispatcher,
            "capacity": capacity(known.crews, known.booked, soonest, now, t),
            "here": wanted.address(),
        }
        status = problem.status if problem else 200
        return self._desk.page(visit, "work/board.html", facts, section=SECTION, status=status)

    async def _picked(self, visit: Visit, wanted: BoardWanted) -> Picked | None:
        """The visit that is to be moved; None when it may not be any more."""
        ctx = self._ctx.for_caller(visit.caller)
        try:
            found = await pick(ctx, wanted.move, *day_edges(wanted.day, visit.t.zone))
        except NotFound:
            return None
        return found if may("rebook", found.work["state"]) else None

    async def week(self, visit: Visit) -> Response:
        rights.demand_staff(visit.caller)
        t = visit.t
        wanted = read_board(visit.query, t.local(visit.now).date())
        crews = await week_board(self._ctx.for_caller(visit.caller), monday_of(wanted.day))
        view = week_view(crews, wanted, visit.now, t)
        return self._desk.page(visit, "work/week.html", {"view": view}, section=SECTION)

    async def move(self, visit: Visit, form: Form) -> Response:
        """A picked visit goes to a crew and a time; a refusal stands at the form, beside the grid of that day."""
        rights.demand_staff(visit.caller)
        rights.demand(visit.caller, "reassign")
        wanted = read_board(form, visit.t.local(visit.now).date())
        ctx = self._ctx.for_caller(visit.caller)
        if await ctx.store.one(WORK_ORDER, wanted.move) is None:
            title = visit.t.gettext("There is no work order {number}", number=wanted.move)
            text = visit.t.gettext("Check the number, or look for it in the list.")
            return self._desk.message(visit, title, text, 404, BOARD)
        try:
            if not wanted.crew:
                raise BadInput("crewMissing", N_("Choose the crew that makes the visit."), path="crew")
            await move_visit(ctx, wanted.move, wanted.crew, _start(visit, wanted, form))
        except (BadInput, Conflict, IllegalMove) as problem:
            return await self._page(visit, wanted, problem)
        done = replace(wanted.plain(), moved=wanted.move)
        return see(done.address() + "#moved")


async def _nothing() -> None:
    return None


def _start(visit: Visit, wanted: BoardWanted, form: Form) -> datetime:
    """The moment that was typed, day and time of the reader's zone."""
    try:
        at = time.fromisoformat(typed(form, "at", 5))
    except ValueError:
        raise BadInput("timeMissing", N_("Write when the visit begins, such as 10:00."), path="at") from None
    start = datetime.combine(wanted.day, at, visit.t.zone)
    if abs(start - visit.now) > _FURTHEST:
        raise BadInput("dayTooFar", N_("Choose a day within a year."), path="day")
    return start
