"""Requests outside the catalogue: the queue, a request with its offer, the client's own page of the offer."""

from starlette.routing import BaseRoute, Route

from abonent.faces.console.desk import Desk, Room
from abonent.faces.console.requests.labels import PATH
from abonent.faces.console.requests.new_page import NEW, NewRequestPage
from abonent.faces.console.requests.pages import RequestPages
from abonent.faces.console.requests.public import PublicQuote
from abonent.faces.console.requests.steps import STEP_OF
from abonent.faces.signed_links import QUOTES
from abonent.kit.context import Context

__all__ = ["room"]


def room(context: Context) -> Room:
    """The room over the domain of this process."""

    def routes(desk: Desk) -> list[BaseRoute]:
        pages, new = RequestPages(context, desk), NewRequestPage(context, desk)
        public = PublicQuote(context, desk)
        return [
            Route(PATH, desk.shows(pages.listing), methods=["GET"], name="console.requests"),
            Route(NEW, desk.shows(new.show), methods=["GET"]),
            Route(NEW, desk.takes(new.take), methods=["POST"]),
            Route(PATH + "/{request_id}", desk.shows(pages.request), methods=["GET"]),
            *(route for step in STEP_OF for route in pages.step(step)),
            Route(QUOTES + "/{token}", public.show, methods=["GET"], name="console.quote"),
            Route(QUOTES + "/{token}", public.take, methods=["POST"]),
        ]

    return routes
