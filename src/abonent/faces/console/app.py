"""The console: its rooms put together.

Mount: `routes(data, settings, rooms(context))` gives Starlette routes for the root of the site. Every page works as
plain links and forms; htmx only asks for the same pages in parts.
"""

from collections.abc import Iterable

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from abonent.faces.console import orders, sign_in
from abonent.faces.console.data import ConsoleData
from abonent.faces.console.desk import ConsoleSettings, Desk, Room, Visit, see
from abonent.faces.console.render import STATIC
from abonent.kit.context import Context


def rooms(context: Context) -> list[Room]:
    """The rooms that work on the domain itself, in the order in which their addresses are tried."""
    return []


def routes(data: ConsoleData, settings: ConsoleSettings, more: Iterable[Room] = ()) -> list[BaseRoute]:
    """The routes of the console, for the root of the site. `more` rooms go before an order's own address."""
    desk = Desk(data, settings)
    made: list[BaseRoute] = [route for room in (sign_in.room, *more, orders.room) for route in room(desk)]
    made += [
        Route("/", desk.shows(_to_orders), methods=["GET"]),
        Route("/search", desk.shows(_to_orders), methods=["GET"]),
        Mount("/static", StaticFiles(directory=STATIC), name="console.static"),
    ]
    desk.mounted = frozenset(route.path for route in made[:-3] if isinstance(route, Route))
    return made


async def _to_orders(_: Visit) -> Response:
    """The first page while there is no home."""
    return see("/orders")
