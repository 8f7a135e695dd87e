"""The board of orders. Steps with many orders at once and the file for spreadsheets: bulk.py, export.py."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abonent.domain.order_handling.queries_open import MOST_OPEN, open_orders
from abonent.faces.console.board.view import board_view, read_board
from abonent.faces.console.desk import Desk, Room, Visit
from abonent.faces.console.home.work import stand
from abonent.kit.context import Context


def room(context: Context) -> Room:
    """The room's routes, on the domain."""

    def routes(desk: Desk) -> list[BaseRoute]:
        async def board(visit: Visit) -> Response:
            found = await open_orders(context.store, visit.caller.owner)
            stands = [stand(order, visit.now) for order in found]
            view = board_view(stands, read_board(visit.query), visit.now, visit.t)
            capped = MOST_OPEN if len(found) == MOST_OPEN else 0
            return desk.page(visit, "board/board.html", {"view": view, "capped": capped}, section="Orders")

        return [Route("/orders/board", desk.shows(board), methods=["GET"], name="console.board")]

    return routes
