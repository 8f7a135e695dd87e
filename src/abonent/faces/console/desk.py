"""What every room of the console shares: who visits, forms and their tokens, pages, refusals.

A room is a function of the Desk that returns its routes; its handlers are made by `desk.shows` (GET) and
`desk.takes` (POST, with the form's token checked). A Problem that a handler raises becomes a page that says it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import ImmutableMultiDict, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from abonent.faces.console.data import ConsoleData, User
from abonent.faces.console.labels import ROLE, word
from abonent.faces.console.navigation import new_links, sections
from abonent.faces.console.render import Renderer
from abonent.faces.console.session import LoginBrake, Session, Sessions
from abonent.kit.access import Caller
from abonent.kit.errors import N_, BadInput, Forbidden, Problem, Unavailable
from abonent.kit.i18n import Translator, choose_language

HEADERS = {
    # data: pictures are the arrows and ticks inside Tabler's form controls
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "object-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
THEMES = ("light", "dark")
_FORM_BYTES = 256 * 1024
_FORM_FIELDS = 400
_FILE_FORM_FIELDS = 60
TEXT_LENGTH = 500

Form = ImmutableMultiDict[str, str]


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


@dataclass(frozen=True, slots=True)
class Visit:
    """A request with what was found out about its sender. `now` is the domain's time, once for the whole page."""

    request: Request
    session: Session
    user: User
    lang: str
    t: Translator
    now: datetime

    @property
    def caller(self) -> Caller:
        return self.user.caller

    @property
    def path(self) -> Mapping[str, Any]:
        """Values of the address, {"client_id": ...}."""
        return self.request.path_params

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query_params

    @property
    def part(self) -> bool:
        """Whether htmx asks, for a part of the page."""
        return bool(self.request.headers.get("hx-request"))


Show = Callable[[Visit], Awaitable[Response]]
Take = Callable[[Visit, Form], Awaitable[Response]]


Endpoint = Callable[[Request], Awaitable[Response]]
ReadForm = Callable[[Request], Awaitable[Form]]


class Desk:
    """Makes handlers and pages. `settings`, `sessions` and `data` are for the room that signs people in."""

    def __init__(self, data: ConsoleData, settings: ConsoleSettings) -> None:
        self.data = data
        self.settings = settings
        self.sessions = Sessions(settings.secret, settings.secure_cookies)
        self.renderer = Renderer(settings.zone)
        # Paths that have a page; the navigation shows no other.
        self.mounted: frozenset[str] = frozenset()

    # ---- handlers

    def shows(self, show: Show) -> Endpoint:
        """A handler of GET for people who signed in; others are sent to the sign-in page and back."""

        async def endpoint(request: Request) -> Response:
            visit = await self._visit(request)
            return _to_login(request) if visit is None else await self._answer(visit, show(visit))

        return endpoint

    def takes(self, take: Take, read: ReadForm | None = None) -> Endpoint:
        """A handler of POST whose form carries this session's token. Answer with a redirect (303), or with the
        page, its problem at the field and what was typed. `read`: in place of `read_form`, where files are sent."""

        async def endpoint(request: Request) -> Response:
            visit = await self._visit(request)
            if visit is None:
                return _to_login(request)
            try:
                form = await (read or read_form)(request)
            except Problem as problem:
                return self.refused(visit, problem)
            if not self.sessions.fits(visit.session, form.get("token", "")):
                text = visit.t.gettext("The page was open too long. Open it again and repeat the step.")
                return self.message(visit, visit.t.gettext("Nothing was changed"), text, 403)
            return await self._answer(visit, take(visit, form))

        return endpoint

    async def _answer(self, visit: Visit, handled: Awaitable[Response]) -> Response:
        try:
            return await handled
        except Unavailable:
            raise  # the site answers for the whole console
        except Problem as problem:
            return self.refused(visit, problem)

    async def _visit(self, request: Request) -> Visit | None:
        session = self.sessions.read(request)
        user = await self.data.user(session.name) if session.name else None
        if user is None:
            return None
        lang = choose_language(user.language, request.headers.get("accept-language", ""))
        t = self.renderer.translator(lang)
        t.names = (await self.data.names()).get(lang, {})
        return Visit(request, session, user, lang, t, self.settings.clock())

    # ---- pages

    def page(
        self, visit: Visit, template: str, facts: Mapping[str, Any], *, section: str, status: int = 200
    ) -> Response:
        """A whole page. `section` is a key of the navigation; facts may say `here`, where switches lead back."""
        query = visit.request.url.query
        shared = {
            "lang": visit.lang,
            "theme": visit.user.theme if visit.user.theme in THEMES else "light",
            "user": visit.user,
            "role": word(ROLE, visit.user.role, visit.t),
            "section": section,
            "sections": sections(
                visit.t, section, visit.request.url.path, self.mounted, staff=visit.user.staff
            ),
            "new_links": new_links(visit.t, self.mounted, staff=visit.user.staff),
            "moved": self.settings.clock_moved(),
            "token": self.sessions.token(visit.session),
            "here": local(visit.request.url.path + (f"?{query}" if query else "")),
        }
        return HTMLResponse(
            self.renderer.page(template, visit.lang, visit.now, {**shared, **facts}), status, HEADERS
        )

    def fragment(self, visit: Visit, template: str, facts: Mapping[str, Any]) -> Response:
        """A part of a page for htmx."""
        shared = {"lang": visit.lang, "token": self.sessions.token(visit.session)}
        return HTMLResponse(
            self.renderer.page(template, visit.lang, visit.now, {**shared, **facts}), headers=HEADERS
        )

    def message(self, visit: Visit, title: str, text: str, status: int, back: str = "/") -> Response:
        """A page that says one thing; `back` is where its link leads."""
        facts = {"title": title, "text": text, "back": back, "here": back}
        return self.page(visit, "message.html", facts, section="", status=status)

    def refused(self, visit: Visit, problem: Problem, back: str = "/") -> Response:
        """A page that says a Problem in the reader's words."""
        title = {
            403: visit.t.gettext("You may not see or do this"),
            404: visit.t.gettext("It is not here"),
        }.get(problem.status, visit.t.gettext("This was not done"))
        return self.message(visit, title, said(problem, visit.t), problem.status, back)


def see(target: str) -> Response:
    """Go on to another page of the console after a step (303)."""
    return RedirectResponse(target, 303, HEADERS)


def said(problem: Problem, t: Translator) -> str:
    """What a Problem says, in the reader's language."""
    return t.gettext(problem.text, **problem.facts)


async def read_form(request: Request) -> Form:
    """The text fields of a form (`get`, `getlist`); a body that is too long or no form reads as empty."""
    size = request.headers.get("content-length", "")
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if not size.isdigit() or int(size) > _FORM_BYTES or kind != "application/x-www-form-urlencoded":
        return ImmutableMultiDict()
    async with request.form(max_files=0, max_fields=_FORM_FIELDS) as form:
        return ImmutableMultiDict([(k, v) for k, v in form.multi_items() if isinstance(v, str)])


def reads_files(field: str, at_once: int, longest: int, too_large: Callable[[], Problem]) -> ReadForm:
    """How a form is read that may hold files: at most `at_once` of `longest` bytes each. It gives the text fields; the
    files named `field` stand in `request.state.files`, a pair (name, content) each, of a longer one its beginning.
    Raises `too_large` by the head alone, BadInput for what is no such form; a form without files is read as any other.
    """

    async def read(request: Request) -> Form:
        files: list[tuple[str, bytes]] = []
        request.state.files = files
        size = request.headers.get("content-length", "")
        if not size.isdigit() or int(size) > at_once * longest + _FORM_BYTES:
            raise too_large()
        if request.headers.get("content-type", "").partition(";")[0].strip() != "multipart/form-data":
            return await read_form(request)
        try:
            async with request.form(max_files=at_once, max_fields=_FILE_FORM_FIELDS) as form:
                for name, value in form.multi_items():
                    if isinstance(value, UploadFile) and name == field and value.filename:
                        files.append((value.filename, await value.read(longest + 1)))
                return ImmutableMultiDict([(k, v) for k, v in form.multi_items() if isinstance(v, str)])
        except (HTTPException, MultiPartException):
            # Starlette raises the one inside an application, the other outside.
            raise BadInput(
                "tooManyFiles",
                N_(
                    "The form could not be read. Files at once: {most} at most. Choose fewer and send it again."
                ),
                most=at_once,
            ) from None

    return read


def typed(form: Mapping[str, str], name: str, longest: int = TEXT_LENGTH) -> str:
    """What was typed into a field, trimmed, without what no one can type, at most `longest` characters."""
    text = "".join(each for each in form.get(name, "") if each.isprintable() or each == "\n")
    return text.strip()[:longest]


def local(target: str | None) -> str:
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


def demand_staff(visit: Visit) -> None:
    """Forbidden for a client."""
    if not visit.user.staff:
        raise Forbidden("staffOnly", N_("Only staff may see and do this."))


Room = Callable[[Desk], list[BaseRoute]]
