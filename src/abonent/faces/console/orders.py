"""The orders' room: the list, an order, and the steps with it by hand."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abonent.faces.console.acts import Refused, refuse, step_routes
from abonent.faces.console.addresses import order_path
from abonent.faces.console.data import OrderFile
from abonent.faces.console.desk import HEADERS, Desk, Form, Visit, see, typed
from abonent.faces.console.order_acts import WHOLE, refusal
from abonent.faces.console.order_list import address, list_view, query_of, read_filter
from abonent.faces.console.order_view import order_view
from abonent.faces.console.saved import saved_view
from abonent.kit.errors import N_, BadInput, Conflict, Forbidden, IllegalMove, NotFound

Step = Callable[[Visit, str, Form], Awaitable[None]]


def room(desk: Desk) -> list[BaseRoute]:
    """The routes of this room."""
    orders = _Orders(desk)
    return [
        Route("/orders", desk.shows(orders.listing), methods=["GET"], name="console.orders"),
        Route("/orders/{order_id}", desk.shows(orders.order), methods=["GET"], name="console.order"),
        Route("/orders/{order_id}/live", desk.shows(orders.live), methods=["GET"]),
        *orders.step("release", orders.release),
        *orders.step("cancel", orders.cancel),
    ]


class _Orders:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # ---- pages

    async def listing(self, visit: Visit) -> Response:
        wanted = read_filter(visit.query)
        page = await self._desk.data.list_orders(visit.user, wanted)
        if wanted.offset and not page.rows:
            return see(address(replace(wanted, offset=0)))
        view = list_view(page, wanted, visit.now, visit.t)
        saved = await saved_view(self._desk, visit, "/orders", query_of(replace(wanted, offset=0)))
        facts = {"view": view, "saved": saved, "staff": visit.user.staff}
        shown = self._desk.page(visit, "orders.html", facts, section="Orders")
        shown.headers["HX-Push-Url"] = address(wanted)
        return shown

    async def order(self, visit: Visit) -> Response:
        return await self._page(visit)

    async def _page(self, visit: Visit, refused: Refused | None = None) -> Response:
        number = visit.path["order_id"]
        file = await self._desk.data.order(visit.user, number)
        if file is None:
            return self._no_order(visit, number)
        facts = self._facts(file, visit, part=False, refused=refused)
        facts["here"] = order_path(number)
        status = refused.status if refused else 200
        return self._desk.page(visit, "order.html", facts, section="Orders", status=status)

    async def live(self, visit: Visit) -> Response:
        """The part of the page that changes by itself; 204 while it looks as the reader has it (`seen`)."""
        nothing = Response(status_code=204, headers=HEADERS)
        file = await self._desk.data.order(visit.user, visit.path["order_id"])
        if file is None:
            return nothing
        facts = self._facts(file, visit, part=True)
        if facts["seen"] == visit.query.get("seen"):
            return nothing
        return self._desk.fragment(visit, "order_live.html", facts)

    def _facts(
        self, file: OrderFile, visit: Visit, part: bool, refused: Refused | None = None
    ) -> dict[str, Any]:
        """The view, its body rendered, a mark of how the body looks; `part`: alone, not in a page."""
        view = order_view(file, visit.now, visit.t, staff=visit.user.staff)
        shown = {"view": view, "token": self._desk.sessions.token(visit.session)}

        def body(said: Refused | None) -> str:
            facts = {**shown, "refused": said}
            return self._desk.renderer.page("order_body.html", visit.lang, visit.now, facts)

        plain = body(None)
        return {
            "part": part,
            "view": view,
            "body": body(refused) if refused else plain,
            # Of the body without the refusal: so it stays until the order itself looks different.
            "seen": hashlib.sha256(plain.encode()).hexdigest()[:16],
        }

    def _no_order(self, visit: Visit, number: str) -> Response:
        title = visit.t.gettext("There is no order {number} that you may see", number=number)
        text = visit.t.gettext(
            "Check the number, or look for the order in the list. Another role may see more."
        )
        return self._desk.message(visit, title, text, 404, back="/orders")

    # ---- steps by hand

    async def release(self, visit: Visit, number: str, _: Form) -> None:
        await self._desk.data.release(visit.user, number)

    async def cancel(self, visit: Visit, number: str, form: Form) -> None:
        reason = typed(form, "reason")
        if not reason:
            raise BadInput("reasonMissing", N_("Say in a few words why the order is cancelled."))
        chosen = typed(form, "what")
        item = "" if chosen in {"", WHOLE} else chosen
        await self._desk.data.cancel(visit.user, number, reason, item)

    def step(self, name: str, step: Step) -> list[BaseRoute]:
        """The routes of a step with an order: it leads back to the order's page, and a refusal stands there beside
        the form it came from."""

        async def take(visit: Visit, form: Form) -> Response:
            number = visit.path["order_id"]
            try:
                await step(visit, number, form)
            except NotFound:
                return self._no_order(visit, number)
            except (BadInput, Conflict, Forbidden, IllegalMove) as problem:
                file = await self._desk.data.order(visit.user, number)
                state = str(file.order.get("state")) if file else ""
                text = refusal(problem, state, visit.t)
                return await self._page(visit, refuse(name, problem, text, form, fields=()))
            return see(order_path(number))

        return step_routes(
            self._desk, f"/orders/{{order_id}}/{name}", take, lambda visit: order_path(visit.path["order_id"])
        )
