"""Pages that need no account: those behind signed addresses, which whoever has the address sees, and the API's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from abonent.faces.console.desk import HEADERS, Desk, said
from abonent.kit.errors import NotFound
from abonent.kit.i18n import choose_language

# Neither the address nor what stands there is passed on.
SAFE = HEADERS | {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


def signed_page(
    desk: Desk,
    template: str,
    lang: str,
    now: datetime,
    facts: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] = SAFE,
) -> Response:
    """A page for a reader who did not sign in."""
    moved = desk.settings.clock_moved()
    shared = {"lang": lang, "theme": "light", "user": None, "moved": moved, "token": ""}
    return HTMLResponse(desk.renderer.page(template, lang, now, {**shared, **facts}), status, headers)


def asked_language(request: Request) -> str:
    """The language that the address names, else the one that the browser asks for."""
    return choose_language(request.query_params.get("lang"), request.headers.get("accept-language", ""))


def no_page(
    desk: Desk, request: Request, template: str, problem: NotFound, facts: Mapping[str, Any]
) -> Response:
    """The same template where the address leads to nothing, in the language that the browser asks for."""
    lang = asked_language(request)
    told = {"problem": said(problem, desk.renderer.translator(lang)), **facts}
    return signed_page(desk, template, lang, desk.settings.clock(), told, 404)
