"""The clients' room: search, the list, a client's page, his contact data, a product's page."""

from starlette.routing import BaseRoute, Route

from abonent.faces.console.clients.pages import Pages
from abonent.faces.console.desk import Desk, Room
from abonent.kit.context import Context


def room(context: Context) -> Room:
    """The room over the domain of this process."""

    def routes(desk: Desk) -> list[BaseRoute]:
        pages = Pages(context, desk)
        return [
            Route("/search", desk.shows(pages.search), methods=["GET"]),
            Route("/clients", desk.shows(pages.listing), methods=["GET"], name="console.clients"),
            Route("/clients/{client_id}", desk.shows(pages.client), methods=["GET"], name="console.client"),
            Route("/clients/{client_id}/contact", desk.shows(pages.contact), methods=["GET"]),
            Route("/clients/{client_id}/contact", desk.takes(pages.change), methods=["POST"]),
            Route(
                "/products/{product_id}", desk.shows(pages.product), methods=["GET"], name="console.product"
            ),
        ]

    return routes
