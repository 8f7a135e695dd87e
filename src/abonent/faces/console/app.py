"""The console's routes: sign in, preferences, the order list, an order.

Mount: `routes(data, settings)` gives Starlette routes for the root of the site. Every page works as plain
links and forms; htmx only asks for the same pages in parts.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from abonent.faces.console.data import ConsoleData, OrderFile, User
from abonent.faces.console.labels import ROLE, word
from abonent.faces.console.order_acts import Refused, refusal
from abonent.faces.console.order_list import address, list_view, read_filter
from abonent.faces.console.order_view import order_view
from abonent.faces.console.render import STATIC, Renderer
from abonent.faces.console.session import LoginBrake, Session, Sessions
from abonent.kit.errors import N_, BadInput, Conflict, Forbidden, IllegalMove, NotFound
from abonent.kit.i18n import LANGUAGES, Translator, choose_language

HEADERS = {
    # data: pictures are the arrows and ticks inside Tabler's form controls
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "object-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_THEMES = ("light", "dark")
_FORM_BYTES = 64 * 1024
_REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """secret signs the cookies; secure_cookies for a public https address; clock gives the time shown, and
    clock_moved whether it is another than the machine's, which every page then says.
    """

    secret: str
    secure_cookies: bool = False
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("Europe/Moscow"))
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock_moved: Callable[[], bool] = lambda: False
    brake: LoginBrake = field(default_factory=LoginBrake)


def routes(data: ConsoleData, settings: ConsoleSettings) -> list[BaseRoute]:
    """The routes of the console, for the root of the site."""
    console = _Console(data, settings)
    return [
        Route("/login", console.login_page, methods=["GET"], name="console.login"),
        Route("/login", console.login, methods=["POST"]),
        Route("/logout", console.logout, methods=["POST"]),
        Route("/preferences", console.preferences, methods=["POST"]),
        Route("/", console.home, methods=["GET"]),
        Route("/orders", console.orders, methods=["GET"], name="console.orders"),
        Route("/orders/{order_id}", console.order, methods=["GET"], name="console.order"),
        Route("/orders/{order_id}/live", console.order_live, methods=["GET"]),
        Route("/orders/{order_id}/release", console.release, methods=["GET", "POST"]),
        Route("/orders/{order_id}/cancel", console.cancel, methods=["GET", "POST"]),
        Mount("/static", StaticFiles(directory=STATIC), name="console.static"),
    ]


@dataclass(frozen=True, slots=True)
class _Visit:
    """A request with what was found out about its sender."""

    request: Request
    session: Session
    user: User
    lang: str
    t: Translator


class _Console:
    """The handlers; holds the port, the signer and the templates."""

    def __init__(self, data: ConsoleData, settings: ConsoleSettings) -> None:
        self._data = data
        self._settings = settings
        self._sessions = Sessions(settings.secret, settings.secure_cookies)
        self._renderer = Renderer(settings.zone)

    # ---- signing in and out ----

    async def login_page(self, request: Request) -> Response:
        return self._login_form(request, self._sessions.read(request), request.query_params)

    async def login(self, request: Request) -> Response:
        session = self._sessions.read(request)
        form = await _form(request)
        t = self._renderer.translator(_language(request, form))
        name = form.get("name", "").strip()
        if not self._sessions.fits(session, form.get("token", "")):
            text = t.gettext("The page was open too long or cookies are off. Type the password again.")
            return self._login_form(request, session, form, text, 403)
        key = f"{request.client.host if request.client else ''} {name.lower()}"
        wait = self._settings.brake.wait(key)
        if wait > 0:
            text = t.gettext("Too many wrong passwords. Try again in {time}.", time=t.duration(int(wait) + 1))
            refused = self._login_form(request, session, form, text, 429)
            refused.headers["Retry-After"] = str(int(wait) + 1)
            return refused
        user = await self._data.authenticate(name, form.get("password", ""))
        if user is None:
            self._settings.brake.failed(key)
            text = t.gettext(
                "The name and the password do not fit together. Check both; letters are told apart by case."
            )
            return self._login_form(request, session, form, text, 401)
        self._settings.brake.passed(key)
        response = RedirectResponse(_local(form.get("next")), 303, HEADERS)
        self._sessions.begin(response, user.name)
        return response

    def _login_form(
        self,
        request: Request,
        session: Session,
        kept: Mapping[str, str],
        problem: str = "",
        status: int = 200,
    ) -> Response:
        lang = _language(request, kept)
        facts = {
            "lang": lang,
            "theme": "light",
            "user": None,
            "section": "",
            "moved": self._settings.clock_moved(),
            "token": self._sessions.token(session),
            "name": kept.get("name", ""),
            "next": _local(kept.get("next")),
            "problem": problem,
        }
        page = self._renderer.page("login.html", lang, self._settings.clock(), facts)
        response = HTMLResponse(page, status, HEADERS)
        if session.fresh:
            self._sessions.write(response, session)
        return response

    async def logout(self, request: Request) -> Response:
        session = self._sessions.read(request)
        form = await _form(request)
        if not self._sessions.fits(session, form.get("token", "")):
            return await self._stale(request)
        response = RedirectResponse("/login", 303, HEADERS)
        self._sessions.end(response)
        return response

    async def preferences(self, request: Request) -> Response:
        async def act(visit: _Visit) -> Response:
            form = await _form(request)
            if not self._sessions.fits(visit.session, form.get("token", "")):
                return self._message(visit, *_stale_words(visit.t), 403)
            lang = form.get("language", "")
            theme = form.get("theme", "")
            await self._data.set_preferences(
                visit.user,
                lang if lang in LANGUAGES else visit.lang,
                theme if theme in _THEMES else visit.user.theme,
            )
            return RedirectResponse(_local(form.get("next")), 303, HEADERS)

        return await self._signed_in(request, act)

    # ---- pages ----

    async def home(self, request: Request) -> Response:
        return RedirectResponse("/orders", 303, HEADERS)

    async def orders(self, request: Request) -> Response:
        async def act(visit: _Visit) -> Response:
            wanted = read_filter(request.query_params)
            now = self._settings.clock()
            page = await self._data.list_orders(visit.user, wanted)
            if wanted.offset and not page.rows:
                return RedirectResponse(address(replace(wanted, offset=0)), 303, HEADERS)
            shown = self._page(visit, "orders.html", {"view": list_view(page, wanted, now, visit.t)}, now=now)
            shown.headers["HX-Push-Url"] = address(wanted)
            return shown

        return await self._signed_in(request, act)

    async def order(self, request: Request) -> Response:
        return await self._signed_in(request, self._order_page)

    async def _order_page(self, visit: _Visit, refused: Refused | None = None, status: int = 200) -> Response:
        now = self._settings.clock()
        number = visit.request.path_params["order_id"]
        file = await self._data.order(visit.user, number)
        if file is None:
            return self._no_order(visit, number)
        facts = self._order_facts(file, visit, now, part=False, refused=refused)
        return self._page(visit, "order.html", {**facts, "here": _order_path(number)}, status, now)

    async def order_live(self, request: Request) -> Response:
        """The part of the page that changes by itself; 204 while it looks as the reader has it (`seen`)."""

        async def act(visit: _Visit) -> Response:
            now = self._settings.clock()
            file = await self._data.order(visit.user, request.path_params["order_id"])
            if file is None:
                return Response(status_code=204, headers=HEADERS)
            facts = self._order_facts(file, visit, now, part=True)
            if facts["seen"] == request.query_params.get("seen"):
                return Response(status_code=204, headers=HEADERS)
            return HTMLResponse(
                self._renderer.page("order_live.html", visit.lang, now, facts), headers=HEADERS
            )

        return await self._signed_in(request, act)

    def _order_facts(
        self, file: OrderFile, visit: _Visit, now: datetime, part: bool, refused: Refused | None = None
    ) -> dict[str, Any]:
        """The view, its body rendered, a mark of how the body looks; `part`: alone, not in a page."""
        view = order_view(file, now, visit.t, staff=visit.user.staff)
        shown = {"view": view, "token": self._sessions.token(visit.session)}

        def body(said: Refused | None) -> str:
            return self._renderer.page("order_body.html", visit.lang, now, {**shown, "refused": said})

        plain = body(None)
        return {
            "part": part,
            "view": view,
            "body": body(refused) if refused else plain,
            # Of the body without the refusal: so it stays until the order itself looks different.
            "seen": hashlib.sha256(plain.encode()).hexdigest()[:16],
        }

    # ---- steps by hand ----

    async def release(self, request: Request) -> Response:
        async def step(visit: _Visit, number: str, _: Mapping[str, str]) -> None:
            await self._data.release(visit.user, number)

        return await self._step(request, "release", step)

    async def cancel(self, request: Request) -> Response:
        async def step(visit: _Visit, number: str, form: Mapping[str, str]) -> None:
            reason = _typed(form)
            if not reason:
                raise BadInput("reasonMissing", N_("Say in a few words why the order is cancelled."))
            await self._data.cancel(visit.user, number, reason)

        return await self._step(request, "cancel", step)

    async def _step(
        self,
        request: Request,
        name: str,
        step: Callable[[_Visit, str, Mapping[str, str]], Awaitable[None]],
    ) -> Response:
        """Take a step with an order and show its page; a refusal stands beside the form it came from."""

        async def act(visit: _Visit) -> Response:
            number = request.path_params["order_id"]
            if request.method != "POST":
                return RedirectResponse(_order_path(number), 303, HEADERS)
            form = await _form(request)
            if not self._sessions.fits(visit.session, form.get("token", "")):
                return self._message(visit, *_stale_words(visit.t), 403)
            try:
                await step(visit, number, form)
            except NotFound:
                return self._no_order(visit, number)
            except (BadInput, Conflict, Forbidden, IllegalMove) as problem:
                file = await self._data.order(visit.user, number)
                state = str(file.order.get("state")) if file else ""
                refused = Refused(name, refusal(problem, state, visit.t), _typed(form))
                return await self._order_page(visit, refused, problem.status)
            return RedirectResponse(_order_path(number), 303, HEADERS)

        return await self._signed_in(request, act)

    # ---- shared ----

    async def _signed_in(self, request: Request, act: Callable[[_Visit], Awaitable[Response]]) -> Response:
        session = self._sessions.read(request)
        user = await self._data.user(session.name) if session.name else None
        if user is None:
            return _to_login(request)
        lang = choose_language(user.language, request.headers.get("accept-language", ""))
        return await act(_Visit(request, session, user, lang, self._renderer.translator(lang)))

    def _page(
        self,
        visit: _Visit,
        template: str,
        facts: Mapping[str, Any],
        status: int = 200,
        now: datetime | None = None,
    ) -> Response:
        query = visit.request.url.query
        shared = {
            "lang": visit.lang,
            "theme": visit.user.theme if visit.user.theme in _THEMES else "light",
            "user": visit.user,
            "role": word(ROLE, visit.user.role, visit.t),
            "section": "Orders",
            "moved": self._settings.clock_moved(),
            "token": self._sessions.token(visit.session),
            "here": _local(visit.request.url.path + (f"?{query}" if query else "")),
        }
        page = self._renderer.page(template, visit.lang, now or self._settings.clock(), {**shared, **facts})
        return HTMLResponse(page, status, HEADERS)

    def _message(self, visit: _Visit, title: str, text: str, status: int) -> Response:
        facts = {"title": title, "text": text, "here": "/orders"}
        return self._page(visit, "message.html", facts, status)

    def _no_order(self, visit: _Visit, number: str) -> Response:
        title = visit.t.gettext("There is no order {number} that you may see", number=number)
        text = visit.t.gettext(
            "Check the number, or look for the order in the list. Another role may see more."
        )
        return self._message(visit, title, text, 404)

    async def _stale(self, request: Request) -> Response:
        async def act(visit: _Visit) -> Response:
            return self._message(visit, *_stale_words(visit.t), 403)

        return await self._signed_in(request, act)


def _stale_words(t: Translator) -> tuple[str, str]:
    text = t.gettext("The page was open too long. Open it again and repeat the step.")
    return t.gettext("Nothing was changed"), text


async def _form(request: Request) -> dict[str, str]:
    """The text fields of a short form; a body that is too long or no form reads as empty."""
    size = request.headers.get("content-length", "")
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if not size.isdigit() or int(size) > _FORM_BYTES or kind != "application/x-www-form-urlencoded":
        return {}
    async with request.form(max_files=0, max_fields=20) as form:
        return {key: value for key, value in form.items() if isinstance(value, str)}


def _typed(form: Mapping[str, str]) -> str:
    """The reason typed into a form, without what no one can type."""
    text = "".join(each for each in form.get("reason", "") if each.isprintable() or each == "\n")
    return text.strip()[:_REASON_LENGTH]


def _order_path(number: str) -> str:
    return f"/orders/{quote(number, safe='')}"


def _language(request: Request, kept: Mapping[str, str]) -> str:
    return choose_language(kept.get("lang"), request.headers.get("accept-language", ""))


def _local(target: str | None) -> str:
    """A path of this site to go to, or the first page: never another site, never a control character."""
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\") or not target.isprintable():
        return "/"
    return target


def _to_login(request: Request) -> Response:
    """To the sign-in page and back after it; htmx is told to load the whole page."""
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={**HEADERS, "HX-Refresh": "true"})
    if request.method != "GET":
        return RedirectResponse("/login", 303, HEADERS)
    query = request.url.query
    target = request.url.path + (f"?{query}" if query else "")
    return RedirectResponse("/login?" + urlencode({"next": target}), 303, HEADERS)
