"""The page of all keys, for who has no script or wants it by its address; console.js shows the same in a dialog."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abonent.faces.console.desk import Desk, Visit


def room(desk: Desk) -> list[BaseRoute]:
    """The route of this room."""

    async def keys(visit: Visit) -> Response:
        return desk.page(visit, "keys.html", {}, section="")

    return [Route("/keys", desk.shows(keys), methods=["GET"])]
