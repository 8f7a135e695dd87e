"""The catalogue to look into: offerings with their prices and reach, and how each is delivered."""

from datetime import timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abonent.domain.catalog.queries_sale import addresses_known, addresses_reached, whole_catalogue
from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.domain.catalog.rules_sale import Catalogue
from abonent.domain.order_handling.queries_offerings import orders_by_offering, orders_of_offering
from abonent.domain.qualification.rules_availability import offer_demand
from abonent.faces.console.catalogue.filters import PATH, read_wanted
from abonent.faces.console.catalogue.list_view import Reach, list_view
from abonent.faces.console.catalogue.offering_view import DAYS, offering_view
from abonent.faces.console.desk import Desk, Room, Visit
from abonent.kit.context import Context
from abonent.kit.values import to_wire

__all__ = ["room"]


def room(context: Context) -> Room:
    """The routes of this room, over the domain."""

    def made(desk: Desk) -> list[BaseRoute]:
        catalogue = _Catalogue(desk, context)
        return [
            Route(PATH, desk.shows(catalogue.listing), methods=["GET"], name="console.catalogue"),
            Route(PATH + "/{offering}", desk.shows(catalogue.offering), methods=["GET"]),
        ]

    return made


class _Catalogue:
    def __init__(self, desk: Desk, context: Context) -> None:
        self._desk = desk
        self._store = context.store

    async def listing(self, visit: Visit) -> Response:
        PRODUCT_OFFERING.permissions.demand(visit.caller, write=False, what=PRODUCT_OFFERING.name)
        wanted = read_wanted(visit.query)
        catalogue = await whole_catalogue(self._store)
        # How often others order is not for clients to see.
        orders = await orders_by_offering(self._store, _since(visit)) if visit.caller.staff else None
        view = list_view(catalogue, wanted, await self._reach(catalogue), orders, visit.now, visit.t)
        facts = {"view": view, "staff": visit.caller.staff}
        shown = self._desk.page(visit, "catalogue/list.html", facts, section="Orders")
        shown.headers["HX-Push-Url"] = wanted.address(page=wanted.page)
        return shown

    async def offering(self, visit: Visit) -> Response:
        PRODUCT_OFFERING.permissions.demand(visit.caller, write=False, what=PRODUCT_OFFERING.name)
        id = visit.path["offering"]
        catalogue = await whole_catalogue(self._store)
        offer = catalogue.offers.get(id)
        if offer is None:
            title = visit.t.gettext("There is no offering {id}", id=id)
            text = visit.t.gettext("Look for it in the catalogue; it may have another number now.")
            return self._desk.message(visit, title, text, 404, back=PATH)
        staff = visit.caller.staff
        demanded = (
            await orders_of_offering(self._store, id, _since(visit), str(visit.t.zone)) if staff else None
        )
        reach = await self._reach(catalogue)
        view = offering_view(catalogue, offer, reach, demanded, visit.now, visit.t, staff=staff)
        return self._desk.page(visit, "catalogue/offering.html", {"view": view}, section="Orders")

    async def _reach(self, catalogue: Catalogue) -> Reach:
        demands = [offer_demand(offer) for offer in catalogue.offers.values()]
        lines = [(d.offering, d.technologies, d.downstream_mbps) for d in demands if d.technologies]
        return Reach(await addresses_reached(self._store, lines), await addresses_known(self._store))


def _since(visit: Visit) -> str:
    """The local midnight that begins the first of the last 30 days."""
    today = visit.t.local(visit.now).replace(hour=0, minute=0, second=0, microsecond=0)
    return to_wire(today - timedelta(days=DAYS - 1))
