"""The credit room: orders that wait for a person or a deposit, and the tables that decide on all others."""

from starlette.routing import BaseRoute, Route

from abonent.faces.console.credit.case_pages import STEPS, CasePages
from abonent.faces.console.credit.labels import QUEUE, TABLES
from abonent.faces.console.credit.table_pages import TablePages
from abonent.faces.console.desk import Desk, Room
from abonent.kit.context import Context

__all__ = ["room"]


def room(context: Context) -> Room:
    """The room over the domain of this process."""

    def routes(desk: Desk) -> list[BaseRoute]:
        cases, tables = CasePages(context, desk), TablePages(context, desk)
        table = TABLES + "/{table_id}"
        return [
            Route(QUEUE, desk.shows(cases.listing), methods=["GET"], name="console.credit"),
            Route(TABLES, desk.shows(tables.listing), methods=["GET"]),
            Route(TABLES + "/new", desk.shows(tables.new), methods=["GET"]),
            Route(TABLES + "/new", desk.takes(tables.save), methods=["POST"]),
            Route(table, desk.shows(tables.table), methods=["GET"]),
            Route(table, desk.takes(tables.save), methods=["POST"]),
            *tables.steps(),
            Route(QUEUE + "/{order_id}", desk.shows(cases.case), methods=["GET"]),
            *(route for step in STEPS for route in cases.step(step)),
        ]

    return routes
