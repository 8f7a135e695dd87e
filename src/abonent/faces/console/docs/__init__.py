"""The API's own pages: which APIs there are, each one's OpenAPI document, and that document to browse and try out.

They are open to everybody: they say what can be asked, and asking needs a token.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from abonent.faces.console.desk import HEADERS, Desk, Room
from abonent.faces.console.signed import asked_language, signed_page
from abonent.faces.tmf.openapi import Api, apis, document
from abonent.kit.errors import N_, NotFound
from abonent.kit.resource import Registry

PATH = "/docs"
# What the viewer draws has styles of its own in it.
_STYLED = HEADERS | {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"] + "; style-src 'self' 'unsafe-inline'"
}


def room(registry: Registry) -> Room:
    """The room over all resources that are on the wire."""
    known = {api.name: api for api in apis(registry)}

    def api_of(request: Request) -> Api:
        api = known.get(request.path_params["api"])
        if api is None:
            raise NotFound("noSuchApi", N_("There is no such API. Choose one from the list at /docs."))
        return api

    def routes(desk: Desk) -> list[BaseRoute]:
        async def listing(request: Request) -> Response:
            facts = {"apis": list(known.values()), "base": str(request.base_url).rstrip("/")}
            return _page(desk, request, "docs/list.html", facts, HEADERS)

        async def one(request: Request) -> Response:
            return _page(desk, request, "docs/one.html", {"api": api_of(request)}, _STYLED)

        async def openapi(request: Request) -> Response:
            return JSONResponse(document(api_of(request)))

        return [
            Route(PATH, listing, methods=["GET"]),
            Route(f"{PATH}/{{api}}", one, methods=["GET"]),
            Route(f"{PATH}/{{api}}/openapi.json", openapi, methods=["GET"]),
        ]

    return routes


def _page(
    desk: Desk, request: Request, template: str, facts: Mapping[str, Any], headers: Mapping[str, str]
) -> Response:
    return signed_page(desk, template, asked_language(request), desk.settings.clock(), facts, headers=headers)
