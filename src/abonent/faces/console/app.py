"""The console: its rooms put together.

Mount: `routes(data, settings, rooms(context))` gives Starlette routes for the root of the site. Every page works as
plain links and forms; htmx only asks for the same pages in parts.
"""

from collections.abc import Iterable

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from abonent.faces.console import (
    amend,
    board,
    bulk_orders,
    catalogue,
    charging,
    clients,
    credit,
    fallout,
    follow,
    home,
    integrations,
    keys,
    messages,
    order_entry,
    orders,
    refunds,
    requests,
    returns,
    saved,
    sign_in,
    work,
)
from abonent.faces.console.board import bulk, export
from abonent.faces.console.data import ConsoleData
from abonent.faces.console.desk import ConsoleSettings, Desk, Room, Visit
from abonent.faces.console.render import STATIC
from abonent.kit.context import Context
from abonent.kit.errors import N_, NotFound


def rooms(context: Context) -> list[Room]:
    """The rooms that work on the domain itself, in the order in which their addresses are tried."""
    return [
        home.room(context),
        board.room(context),
        fallout.room(context),
        bulk_orders.room(context),
        charging.room(context),
        integrations.room(context),
        amend.room(context),
        clients.room(context),
        messages.room(context),
        order_entry.room(context),
        catalogue.room(context),
        credit.room(context),
        work.room(context),
        requests.room(context),
        returns.room(context),
        refunds.room(context),
        follow.room(context),
    ]


def routes(data: ConsoleData, settings: ConsoleSettings, more: Iterable[Room] = ()) -> list[BaseRoute]:
    """The routes of the console, for the root of the site. `more` rooms go before an order's own address."""
    desk = Desk(data, settings)
    always: tuple[Room, ...] = (sign_in.room, saved.room, keys.room, bulk.room, export.room)
    made: list[BaseRoute] = [route for room in (*always, *more, orders.room) for route in room(desk)]
    desk.mounted = frozenset(route.path for route in made if isinstance(route, Route))
    return [
        *made,
        Mount("/static", StaticFiles(directory=STATIC), name="console.static"),
        Route("/{missing:path}", desk.shows(_missing), methods=["GET"]),
    ]


async def _missing(visit: Visit) -> Response:
    """An address that nothing answers: said on a page, as everything else."""
    raise NotFound("noPage", N_("There is no page at this address. Begin from the first page, or search."))
