"""Today: a person's own work first, then the standard's processes as a live picture; and the map at large."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abonent.domain.communication.queries_day import sent_since, undelivered
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.order_handling.queries_open import Standing, cohort, open_orders, standing
from abonent.domain.order_handling.queries_refund import RefundFilter, refunds_listed
from abonent.domain.party.queries_filters import number_of_customers
from abonent.domain.workforce.queries_lists import WorkOrderCriteria, WorkOrderRow, list_work_orders
from abonent.faces.console.desk import Desk, Room, Visit
from abonent.faces.console.home.lines import lines
from abonent.faces.console.home.map_view import Numbers, map_view
from abonent.faces.console.home.measures import SPAN, measures_view
from abonent.faces.console.home.own import own_orders, own_products
from abonent.faces.console.home.standard import standard
from abonent.faces.console.home.work import (
    WITHIN,
    Stand,
    own,
    sorted_work,
    stand,
    work_of,
    work_of_message,
    work_of_refund,
    work_of_visit,
)
from abonent.kit.context import Context
from abonent.kit.errors import N_, Forbidden
from abonent.kit.query import Query
from abonent.kit.shapes import decode
from abonent.kit.values import to_wire

SHOWN = 25
MESSAGES_BACK = WITHIN["message"] * 7
MOST_MESSAGES = MOST_VISITS = MOST_REFUNDS = 50
MOST_PRODUCTS = 100


def room(context: Context) -> Room:
    """The room's routes, on the domain."""

    def routes(desk: Desk) -> list[BaseRoute]:
        home = _Home(desk, context)
        return [
            Route("/", desk.shows(home.today), methods=["GET"], name="console.home"),
            Route("/processes", desk.shows(home.processes), methods=["GET"]),
        ]

    return routes


@dataclass(frozen=True, slots=True)
class _Day:
    """What was read for a page: open orders, messages that failed, visits without a crew, money to give back, the map's
    numbers."""

    stands: Sequence[Stand]
    failed: Sequence[dict[str, Any]]
    visits: Sequence[WorkOrderRow]
    refunds: Sequence[dict[str, Any]]
    numbers: Numbers


class _Home:
    def __init__(self, desk: Desk, context: Context) -> None:
        self._desk, self._ctx = desk, context

    async def today(self, visit: Visit) -> Response:
        if not visit.user.staff:
            return await self._own(visit)
        day, t = await self._day(visit), visit.t
        work = [each for each in (work_of(stood, visit.now) for stood in day.stands) if each]
        work += [each for each in map(work_of_message, day.failed) if each]
        work += [work_of_visit(row, visit.now) for row in day.visits]
        work += [each for each in map(work_of_refund, day.refunds) if each]
        team = sorted_work(work)
        mine = own(team, visit.user.role)
        everything = visit.query.get("of") == "team"
        chosen = team if everything else mine
        view = map_view(day.numbers, t)
        facts = {
            "title": _title(len(chosen), visit),
            "day": t.long_day(visit.now),
            "lines": lines(chosen[:SHOWN], visit.now, t, self._desk.mounted),
            "more": max(len(chosen) - SHOWN, 0),
            "mine": len(mine),
            "team": len(team),
            "everything": everything,
            "currency": t.currency_mark(day.numbers.currency),
            "map": view,
            "mounted": self._desk.mounted,
        }
        return self._desk.page(visit, "home/today.html", facts, section="Today")

    async def _own(self, visit: Visit) -> Response:
        caller = visit.caller
        found, products = await asyncio.gather(
            open_orders(self._ctx.store, caller.owner),
            self._ctx.store.page(caller, PRODUCT, Query(limit=MOST_PRODUCTS)),
        )
        stands = [stand(order, visit.now) for order in found]
        facts = {
            "orders": own_orders(stands, visit.now, visit.t),
            "products": own_products([decode(text.encode()) for text, _ in products.rows], visit.t),
            "mounted": self._desk.mounted,
        }
        return self._desk.page(visit, "home/own.html", facts, section="Today")

    async def processes(self, visit: Visit) -> Response:
        if not visit.user.staff:
            raise Forbidden("processesForStaff", N_("The map of the processes is for the operator’s staff."))
        day, cohorts = await asyncio.gather(
            self._day(visit), cohort(self._ctx.store, to_wire(visit.now - SPAN))
        )
        view = map_view(day.numbers, visit.t)
        facts = {
            "map": view,
            "processes": standard(self._desk.mounted, visit.t),
            "measures": measures_view(cohorts, visit.t),
            "since": visit.t.long_day(visit.now - SPAN, visit.now),
        }
        return self._desk.page(visit, "home/processes.html", facts, section="Today")

    async def _day(self, visit: Visit) -> _Day:
        store, now = self._ctx.store, visit.now
        midnight = visit.t.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
        found, standings, failed, sent, clients, (visits, refunds) = await asyncio.gather(
            open_orders(store, None),
            standing(store, to_wire(now)),
            undelivered(store, to_wire(now - MESSAGES_BACK), MOST_MESSAGES),
            sent_since(store, to_wire(midnight)),
            number_of_customers(store),
            asyncio.gather(
                list_work_orders(store, WorkOrderCriteria(state="pending"), limit=MOST_VISITS),
                refunds_listed(store, RefundFilter(), limit=MOST_REFUNDS),
            ),
        )
        stands = [stand(order, now) for order in found]
        return _Day(stands, failed, visits[0], refunds[0], _numbers(stands, standings, sent, clients))


def _numbers(
    stands: Sequence[Stand], standings: Sequence[Standing], sent: dict[str, int], clients: int
) -> Numbers:
    late = [each.order for each in stands if each.danger == "critical"]
    return Numbers(
        open=sum(each.orders for each in standings),
        at_risk=sum(each.danger == "hazard" for each in stands),
        late=sum(each.late for each in standings),
        monthly=sum((each.monthly for each in standings), Decimal()),
        late_monthly=sum((order.monthly or Decimal() for order in late), Decimal()),
        currency=next((each.order.currency for each in stands if each.order.monthly), "RUB"),
        clients=clients,
        sent=sent.get("completed", 0) + sent.get("inProgress", 0),
        failed=sent.get("failed", 0),
    )


def _title(count: int, visit: Visit) -> str:
    if not count:
        return visit.t.gettext("Nothing needs you now")
    return visit.t.ngettext("{n} thing needs you today", "{n} things need you today", count)
