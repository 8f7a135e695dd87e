"""The room in which an order is amended: its form, what would follow, and what an amendment changed."""

from starlette.routing import BaseRoute, Route

from abonent.faces.console.amend.pages import AmendPages
from abonent.faces.console.desk import Desk, Room
from abonent.kit.context import Context

__all__ = ["room"]


def room(context: Context) -> Room:
    """The room over the domain of this process."""

    def routes(desk: Desk) -> list[BaseRoute]:
        pages = AmendPages(context, desk)
        return [
            Route("/orders/{order_id}/amend", desk.shows(pages.form), methods=["GET"]),
            Route("/orders/{order_id}/amend", desk.takes(pages.take), methods=["POST"]),
            Route("/orders/{order_id}/amended", desk.shows(pages.done), methods=["GET"]),
        ]

    return routes
