"""Following an order without an account: the page behind its signed address; the contract, accepted in the office."""

from starlette.routing import BaseRoute, Route

from abonent.faces.console.desk import Desk, Room
from abonent.faces.console.follow.office import CONTRACT, OfficePages
from abonent.faces.console.follow.pages import PAPER, FollowPages
from abonent.faces.signed_links import ORDERS
from abonent.kit.context import Context

__all__ = ["room"]


def room(context: Context) -> Room:
    """The room over the domain of this process."""

    def routes(desk: Desk) -> list[BaseRoute]:
        pages = FollowPages(context, desk)
        office = OfficePages(context, desk)
        path = ORDERS + "/{token}"
        return [
            Route(path, pages.show, methods=["GET"], name="console.follow"),
            Route(path, pages.take, methods=["POST"]),
            Route(path + PAPER, pages.paper, methods=["GET"]),
            Route(CONTRACT, desk.shows(office.show), methods=["GET"]),
            Route(CONTRACT, desk.takes(office.take), methods=["POST"]),
            Route(CONTRACT + "/file", desk.shows(office.paper), methods=["GET"]),
        ]

    return routes
