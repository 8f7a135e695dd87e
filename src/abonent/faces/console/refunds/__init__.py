"""Money to be given back: who waits for how much, why and since when; the steps with one or many; the file."""

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abonent.domain.order_handling import refunds
from abonent.domain.order_handling.deposit_resources import PAYMENT_REQUEST
from abonent.domain.order_handling.ports import PaymentProvider
from abonent.domain.order_handling.queries_refund import RefundFilter, refunds_listed
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.order_handling.rules_refund import DOCUMENT_LENGTH
from abonent.faces.console.board.export import BOM, safe, written
from abonent.faces.console.data import PAGE_SIZE, offset_of
from abonent.faces.console.desk import HEADERS, Desk, Form, Room, Visit, demand_staff, local, said, see, typed
from abonent.faces.console.refunds.view import (
    GIVE,
    PATH,
    Row,
    address,
    cells,
    head,
    read_filter,
    row_of,
    states,
)
from abonent.kit.context import Context
from abonent.kit.errors import Problem

__all__ = ["room"]
_MOST_IN_FILE = 10_000


def room(context: Context) -> Room:
    """The room over the domain of this process."""

    def routes(desk: Desk) -> list[BaseRoute]:
        pages = _Refunds(context, desk)
        return [
            Route(PATH, desk.shows(pages.listing), methods=["GET"], name="console.refunds"),
            Route(PATH + ".csv", desk.shows(pages.file), methods=["GET"]),
            Route(GIVE, desk.shows(pages.ask), methods=["GET"]),
            Route(GIVE, desk.takes(pages.give), methods=["POST"]),
        ]

    return routes


class _Refunds:
    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx, self._desk = context, desk

    async def _rows(
        self, visit: Visit, wanted: RefundFilter, offset: int = 0, limit: int = PAGE_SIZE
    ) -> tuple[list[Row], int]:
        found, total = await refunds_listed(self._ctx.store, wanted, offset=offset, limit=limit)
        orders = await self._ctx.store.find((PRODUCT_ORDER, each["id"]) for each in found)
        rows = []
        for each in found:
            order = orders.get((PRODUCT_ORDER.name, each["id"]))
            rows.append(row_of(each, order.document if order else None, visit.now, visit.t))
        return rows, total

    async def listing(self, visit: Visit) -> Response:
        """The list: what is due first, unless another state is asked for."""
        demand_staff(visit)
        wanted, offset, t = read_filter(visit.query), offset_of(visit.query), visit.t
        rows, total = await self._rows(visit, wanted, offset)
        if offset and not rows:
            return see(address(wanted))
        facts = {
            "wanted": wanted,
            "states": states(wanted, t),
            "rows": rows,
            "sentence": t.ngettext("{n} sum", "{n} sums", total),
            "may": refunds.may(self._ctx.for_caller(visit.caller)),
            "export": address(wanted, path=PATH + ".csv"),
            "back": address(wanted, offset),
            "previous": address(wanted, max(offset - PAGE_SIZE, 0)) if offset else "",
            "next": address(wanted, offset + PAGE_SIZE) if total > offset + PAGE_SIZE else "",
        }
        return self._desk.page(visit, "refunds/list.html", facts, section="Orders")

    async def file(self, visit: Visit) -> Response:
        """The same list for spreadsheets."""
        demand_staff(visit)
        rows, _ = await self._rows(visit, read_filter(visit.query), limit=_MOST_IN_FILE)
        lines = [head(visit.t), *([safe(cell) for cell in cells(row, visit.t)] for row in rows)]
        name = f"refunds-{visit.t.local(visit.now):%Y-%m-%d}.csv"
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(BOM + written(lines, visit.t), media_type="text/csv; charset=utf-8", headers=headers)

    # ---- giving back

    async def ask(self, visit: Visit) -> Response:
        """What will follow with the marked sums, and the forms that do it."""
        query = visit.request.query_params
        return await self._asked(visit, query.getlist("order"), local(query.get("back", PATH)))

    async def _asked(
        self, visit: Visit, numbers: Sequence[str], back: str, problem: str = "", document: str = ""
    ) -> Response:
        self._demand(visit)
        rows = [row for row in await self._marked(visit, numbers) if row.marked]
        if not rows:
            title = visit.t.gettext("No money to be given back is marked")
            text = visit.t.gettext("Mark sums in the list that are still to be given back.")
            return self._desk.message(visit, title, text, 400, back)
        connected = self._ctx.ports.get(PaymentProvider) is not None
        facts = {
            "rows": rows,
            "sendable": [row for row in rows if row.provider] if connected else [],
            "connected": connected,
            "problem": problem,
            "document": document,
            "longest": DOCUMENT_LENGTH,
            "back": back,
            "here": back,
        }
        status = 400 if problem else 200
        return self._desk.page(visit, "refunds/give.html", facts, section="Orders", status=status)

    def _demand(self, visit: Visit) -> None:
        PAYMENT_REQUEST.permissions.demand(visit.caller, write=True, what=PAYMENT_REQUEST.name)

    async def _marked(self, visit: Visit, numbers: Sequence[str]) -> list[Row]:
        """What was marked, each once, at most a page of it."""
        ids = [number for number in dict.fromkeys(numbers) if number.isprintable()][:PAGE_SIZE]
        found = await self._ctx.store.find(
            pair for id in ids for pair in ((PAYMENT_REQUEST, id), (PRODUCT_ORDER, id))
        )
        rows = []
        for id in ids:
            request, order = found.get((PAYMENT_REQUEST.name, id)), found.get((PRODUCT_ORDER.name, id))
            if request is not None and request.document.get("late"):
                rows.append(row_of(request.document, order.document if order else None, visit.now, visit.t))
        return rows

    async def give(self, visit: Visit, form: Form) -> Response:
        """Every sum by itself: one that is refused stops no other."""
        self._demand(visit)
        numbers, back = form.getlist("order"), local(form.get("back"))
        sending, document = form.get("do") == "send", typed(form, "document", DOCUMENT_LENGTH)
        if not sending and not document:
            problem = visit.t.gettext("Name the document with which the money went back.")
            return await self._asked(visit, numbers, back, problem, document)
        ctx = self._ctx.for_caller(visit.caller)
        told: dict[str, str] = {}
        for row in await self._marked(visit, numbers):
            try:
                await (
                    refunds.send_back(ctx, row.id) if sending else refunds.given_back(ctx, row.id, document)
                )
            except Problem as problem:
                told[row.id] = said(problem, visit.t)
        rows = await self._marked(visit, numbers)
        if not told and len(rows) == 1:
            return see(back)
        facts = {"rows": rows, "told": told, "refused": len(told), "back": back, "here": back}
        return self._desk.page(visit, "refunds/done.html", facts, section="Orders")
