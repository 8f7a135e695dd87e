"""The clients' room: search, the list, a client's page, his contact data, a product's page and the
steps with it, both as they stood on any date."""

from starlette.routing import BaseRoute, Route

from abonent.faces.console.clients.pages import Pages
from abonent.faces.console.clients.product_pages import ProductPages
from abonent.faces.console.clients.product_steps import STEPS
from abonent.faces.console.desk import Desk, Room
from abonent.kit.context import Context


def room(context: Context) -> Room:
    """The room over the domain of this process."""

    def routes(desk: Desk) -> list[BaseRoute]:
        pages, products = Pages(context, desk), ProductPages(context, desk)
        return [
            Route("/search", desk.shows(pages.search), methods=["GET"]),
            Route("/clients", desk.shows(pages.listing), methods=["GET"], name="console.clients"),
            Route("/clients/{client_id}", desk.shows(pages.client), methods=["GET"], name="console.client"),
            Route("/clients/{client_id}/contact", desk.shows(pages.contact), methods=["GET"]),
            Route("/clients/{client_id}/contact", desk.takes(pages.change), methods=["POST"]),
            Route("/clients/{client_id}/products", desk.shows(products.held), methods=["GET"]),
            Route(
                "/products/{product_id}",
                desk.shows(products.product),
                methods=["GET"],
                name="console.product",
            ),
            *(route for step in STEPS for route in products.step(step)),
        ]

    return routes
