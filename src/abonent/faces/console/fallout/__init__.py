"""The fallout queue: tasks that failed, what happened to each, and what a person can do."""

from starlette.routing import BaseRoute, Route

from abonent.faces.console.desk import Desk, Room
from abonent.faces.console.fallout.list_view import PATH
from abonent.faces.console.fallout.pages import ONE, STEPS, FalloutPages
from abonent.kit.context import Context

__all__ = ["room"]


def room(context: Context) -> Room:
    """The room over the domain of this process."""

    def routes(desk: Desk) -> list[BaseRoute]:
        pages = FalloutPages(context, desk)
        return [
            Route(PATH, desk.shows(pages.listing), methods=["GET"]),
            Route(ONE, desk.shows(pages.task), methods=["GET"]),
            *(route for step in STEPS for route in pages.step(step)),
        ]

    return routes
