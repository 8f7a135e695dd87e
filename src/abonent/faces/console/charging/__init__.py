"""Charging: what billing is told of starts, changes and stops, and the exports that handed it over."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abonent.domain.billing.queries import events_listed, exports_listed, last_exported
from abonent.faces.console.charging.view import PATH, charging_view, read_filter
from abonent.faces.console.desk import Desk, Room, Visit, demand_staff
from abonent.kit.context import Context

__all__ = ["room"]


def room(context: Context) -> Room:
    """The room over the domain of this process."""

    def routes(desk: Desk) -> list[BaseRoute]:
        async def listing(visit: Visit) -> Response:
            demand_staff(visit)
            wanted = read_filter(visit.query)
            store = context.store
            found, total = await events_listed(store, type=wanted.type, of=wanted.of, before=wanted.before)
            exported = await last_exported(store, [event["id"] for event in found])
            exports = await exports_listed(store)
            view = charging_view(found, total, exported, exports, wanted, visit.now, visit.t)
            return desk.page(visit, "charging/list.html", {"view": view}, section="Orders")

        return [Route(PATH, desk.shows(listing), methods=["GET"])]

    return routes
