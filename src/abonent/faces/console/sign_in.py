"""Signing in and out, and the reader's language and theme."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from abonent.faces.console.desk import HEADERS, THEMES, Desk, Form, Visit, local, read_form, see
from abonent.faces.console.session import Session
from abonent.kit.i18n import LANGUAGES, choose_language


def room(desk: Desk) -> list[BaseRoute]:
    """The routes of this room."""
    sign_in = _SignIn(desk)
    return [
        Route("/login", sign_in.login_page, methods=["GET"], name="console.login"),
        Route("/login", sign_in.login, methods=["POST"]),
        Route("/logout", desk.takes(sign_in.logout), methods=["POST"]),
        Route("/preferences", desk.takes(sign_in.preferences), methods=["POST"]),
    ]


class _SignIn:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def login_page(self, request: Request) -> Response:
        return self._form(request, self._desk.sessions.read(request), request.query_params)

    async def login(self, request: Request) -> Response:
        sessions, brake = self._desk.sessions, self._desk.settings.brake
        session = sessions.read(request)
        form = await read_form(request)
        t = self._desk.renderer.translator(_language(request, form))
        name = form.get("name", "").strip()
        if not sessions.fits(session, form.get("token", "")):
            text = t.gettext("The page was open too long or cookies are off. Type the password again.")
            return self._form(request, session, form, text, 403)
        key = f"{request.client.host if request.client else ''} {name.lower()}"
        wait = brake.wait(key)
        if wait > 0:
            text = t.gettext("Too many wrong passwords. Try again in {time}.", time=t.duration(int(wait) + 1))
            refused = self._form(request, session, form, text, 429)
            refused.headers["Retry-After"] = str(int(wait) + 1)
            return refused
        user = await self._desk.data.authenticate(name, form.get("password", ""))
        if user is None:
            brake.failed(key)
            text = t.gettext(
                "The name and the password do not fit together. Check both; letters are told apart by case."
            )
            return self._form(request, session, form, text, 401)
        brake.passed(key)
        response = RedirectResponse(local(form.get("next")), 303, HEADERS)
        sessions.begin(response, user.name)
        return response

    def _form(
        self,
        request: Request,
        session: Session,
        kept: Mapping[str, str],
        problem: str = "",
        status: int = 200,
    ) -> Response:
        lang = _language(request, kept)
        settings = self._desk.settings
        facts = {
            "lang": lang,
            "theme": "light",
            "user": None,
            "moved": settings.clock_moved(),
            "token": self._desk.sessions.token(session),
            "name": kept.get("name", ""),
            "next": local(kept.get("next")),
            "problem": problem,
        }
        page = self._desk.renderer.page("login.html", lang, settings.clock(), facts)
        response = HTMLResponse(page, status, HEADERS)
        if session.fresh:
            self._desk.sessions.write(response, session)
        return response

    async def logout(self, visit: Visit, form: Form) -> Response:
        response = see("/login")
        self._desk.sessions.end(response)
        return response

    async def preferences(self, visit: Visit, form: Form) -> Response:
        lang, theme = form.get("language", ""), form.get("theme", "")
        await self._desk.data.set_preferences(
            visit.user,
            lang if lang in LANGUAGES else visit.lang,
            theme if theme in THEMES else visit.user.theme,
        )
        return see(local(form.get("next")))


def _language(request: Request, kept: Mapping[str, str]) -> str:
    return choose_language(kept.get("lang"), request.headers.get("accept-language", ""))
