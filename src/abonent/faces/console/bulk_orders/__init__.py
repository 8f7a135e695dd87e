"""Bulk orders of a business: a file is sent, its lines are checked and confirmed, each line's fate is seen."""

from starlette.routing import BaseRoute, Route

from abonent.faces.console.acts import step_routes
from abonent.faces.console.addresses import bulk_path
from abonent.faces.console.bulk_orders.pages import ONE, PATH, STEPS, BulkPages, read_file
from abonent.faces.console.desk import Desk, Room
from abonent.kit.context import Context

__all__ = ["room"]


def room(context: Context) -> Room:
    """The room over the domain of this process."""

    def routes(desk: Desk) -> list[BaseRoute]:
        pages = BulkPages(context, desk)
        steps = [
            route
            for step in STEPS
            for route in step_routes(
                desk, f"{ONE}/{step}", pages.step(step), lambda visit: bulk_path(visit.path["bulk_id"])
            )
        ]
        return [
            Route(PATH, desk.shows(pages.listing), methods=["GET"]),
            Route(PATH, desk.takes(pages.send, read_file), methods=["POST"]),
            Route(f"{PATH}/sample.csv", desk.shows(pages.sample), methods=["GET"]),
            Route(ONE, desk.shows(pages.one), methods=["GET"]),
            Route(f"{ONE}/rejects.csv", desk.shows(pages.rejects), methods=["GET"]),
            *steps,
        ]

    return routes
