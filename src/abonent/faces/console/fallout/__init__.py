"""The fallout queue: tasks that failed, what happened to each, and what a person can do."""

from starlette.routing import BaseRoute, Route

from abonent.faces.console.desk import Desk, Room
from abonent.faces.console.fallout.pages import FalloutPages
from abonent.kit.context import Context

__all__ = ["room"]


def room(context: Context) -> Room:
    """The room over the domain of this process."""

    def routes(desk: Desk) -> list[BaseRoute]:
        pages = FalloutPages(context, desk)
        one = "/orders/fallout/{order_id}/{task_id}"
        made: list[BaseRoute] = [
            Route("/orders/fallout", desk.shows(pages.listing), methods=["GET"]),
            Route(one, desk.shows(pages.task), methods=["GET"]),
        ]
        for step, take in pages.steps.items():
            made.append(Route(f"{one}/{step}", desk.shows(pages.back), methods=["GET"]))
            made.append(Route(f"{one}/{step}", desk.takes(take), methods=["POST"]))
        return made

    return routes
