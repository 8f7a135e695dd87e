"""Walks through the console as a person who tries everything: each link, each form, and bad values in both.

What is wrong is collected as findings "who, where: what", so that one walk tells all of it.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urldefrag, urlencode, urljoin, urlsplit

import httpx
from starlette.routing import BaseRoute, Match, Route

from tests.support.bad_values import (
    BAD,
    IN_ADDRESS,
    UNESCAPED,
    bad_bodies,
    body,
    sample,
    sent,
    some,
    untrusted_bodies,
)
from tests.support.leaks import codes, leaks
from tests.support.markup import Form, Page, read_page

SITE = "http://console.test"
FORM = {"content-type": "application/x-www-form-urlencoded"}
# Left for the end: after it one is somebody else.
LEAVING = ("/logout", "/preferences")
# Here the places of a text, {order}, are what one comes to see.
SHOWS_PLACES = ("/messages/templates", "/messages/templates/{template_id}")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a walk goes: `pages` of one pattern (route and names of its query), `of_route` of one route; each
    `step`-th bad value in each field of a form, all with a step of 1."""

    pages: int = 1
    of_route: int = 4
    step: int = 16


LONG = Bounds(pages=6, of_route=40, step=1)


@dataclass(slots=True)
class Walk:
    """A person's walk. `seen` are the answered addresses with their status, `visited` the routes they belong to."""

    who: str
    lang: str
    http: httpx.AsyncClient
    routes: list[BaseRoute]
    bounds: Bounds = field(default_factory=Bounds)
    findings: dict[str, str] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    visited: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    forms: dict[tuple[str, ...], tuple[str, Form]] = field(default_factory=dict)
    _patterns: Counter[tuple[str, ...]] = field(default_factory=Counter)
    _waiting: deque[tuple[str, str]] = field(default_factory=deque)
    _files: set[str] = field(default_factory=set)
    _queries: dict[str, dict[str, str]] = field(default_factory=dict)

    def wrong(self, where: str, what: str, kind: str = "") -> None:
        """Note a finding; the same (or of the same kind) on other addresses of the route is one finding."""
        key = f"{self.route(where) or where}|{kind or what[:60]}"
        self.findings.setdefault(key, f"{self.who}, {where[:200]}: {what}")

    def told(self) -> str:
        return "\n".join(self.findings.values())

    def route(self, address: str) -> str:
        """The pattern of the route that answers GET at this address; empty when there is none."""
        path = urlsplit(address).path
        for route in self.routes:
            scope = {"type": "http", "method": "GET", "path": path, "root_path": ""}
            if isinstance(route, Route) and route.matches(scope)[0] is Match.FULL:
                return route.path
        return ""

    async def sign_in(self, name: str, password: str) -> None:
        page = read_page((await self.http.get("/login")).text, "/login")
        form = next(f for f in page.forms if f.method == "post" and f.action == "/login")
        fields = {c.name: c.value for c in form.controls} | {"name": name, "password": password}
        answer = await self.http.post("/login", content=urlencode(fields), headers=FORM)
        assert answer.status_code == 303, answer.text

    # ---- links

    async def follow(self, *starts: str) -> None:
        """From these addresses along all links, parts and filters, each pattern a bounded number of times."""
        for start in starts or ("/",):
            self._want(start, "start")
        while self._waiting:
            address, source = self._waiting.popleft()
            await self._open(address, source)

    def _want(self, address: str, source: str, pressed: str = "") -> None:
        parts = urlsplit(urldefrag(address).url)
        if parts.scheme in {"mailto", "tel"}:
            return
        if parts.netloc:
            self.wrong(source, f"leads away: {address}")
            return
        path = self.route(address)
        names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
        key = (path, pressed, *names) if path else ("", parts.path)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        within = self._patterns[key] < self.bounds.pages and self._patterns[path,] < self.bounds.of_route
        if target in self.seen or not (within or source == "start"):
            return
        self.seen[target] = 0
        self._patterns[key] += 1
        if names:
            self._patterns[path,] += 1
            self._queries.setdefault(path, {}).update(parse_qsl(parts.query, keep_blank_values=True))
        self._waiting.append((target, source))

    async def _open(self, address: str, source: str) -> None:
        answer = await self.get(address)
        self.seen[address] = answer.status_code
        # A filter or a step that nothing was marked for may be refused, and a day may be asked for at which a product
        # was not there yet, if the page says so.
        if answer.status_code >= 400 and (answer.status_code not in {400, 404, 422} or source != "form"):
            self.wrong(source, f"leads to {address}, which is answered with {answer.status_code}")
        if answer.is_redirect:
            target = answer.headers["location"]
            if urlsplit(target).path != "/login" and not urlsplit(target).netloc:
                self._want(urljoin(address, target), source)
            else:
                self.wrong(source, f"{address} leads to {target}")
            return
        page = self.judge(address, answer)
        if page is not None:
            await self._take_in(address, page)

    async def _take_in(self, address: str, page: Page) -> None:
        for link in page.links:
            self._want(urljoin(address, link), address)
            target, _, mark = link.partition("#")
            if mark and urljoin(address, target or address) == address and mark not in page.ids:
                self.wrong(address, f"no place on the page is called {mark}")
        for part in page.parts:
            await self._part(urljoin(address, part), address)
        for file in page.files:
            await self._file(file, address)
        for form in page.forms:
            if form.method == "get":
                self._filter(form)
            elif (
                form.method == "post"
                and (key := (self.route_of_post(form.action), *form.shape)) not in self.forms
            ):
                self.forms[key] = (address, form)
                if not key[0]:
                    self.wrong(address, f"a form leads to {form.action}, which takes none")
                if not any(c.name == "token" for c in form.controls):
                    self.wrong(address, f"the form to {form.action} has no token")

    def route_of_post(self, address: str) -> str:
        """The pattern of the route that takes a form at this address."""
        scope = {"type": "http", "method": "POST", "path": urlsplit(address).path, "root_path": ""}
        for route in self.routes:
            if isinstance(route, Route) and route.matches(scope)[0] is Match.FULL:
                return route.path
        return ""

    async def _part(self, address: str, source: str) -> None:
        """What htmx would ask for."""
        self._want(address, source)
        key = ("part", self.route(address))
        if self._patterns[key] >= self.bounds.pages:
            return
        self._patterns[key] += 1
        answer = await self.get(address, {"HX-Request": "true"})
        if answer.status_code not in {200, 204} and not answer.is_redirect:
            self.wrong(source, f"its part {address} is answered with {answer.status_code}")

    async def _file(self, address: str, source: str) -> None:
        if address in self._files:
            return
        self._files.add(address)
        answer = await self.get(address)
        if not address.startswith("data:") and answer.status_code != 200:
            self.wrong(source, f"no file {address}")

    def _filter(self, form: Form) -> None:
        """A form of a filter, with each of its fields changed once."""
        usual = {c.name: c.value for c in form.controls if c.sent}
        action = form.action.partition("?")[0]
        pressed = "".join(c.value for c in form.controls if c.kind == "submit")
        chosen = [usual | {c.name: value} for c in form.controls for value in sample(c)]
        for fields in (usual, *chosen):
            self._want(f"{action}?{urlencode(fields)}" if fields else action, "form", pressed)

    # ---- answers

    async def get(self, address: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """Ask for an address; any answer 5xx is a finding."""
        self.asked += 1
        answer = await self.http.get(address, headers=headers)
        if path := self.route(address):
            self.visited[path] += 1
        self._survived(address, "", answer)
        return answer

    def _survived(self, where: str, what: str, answer: httpx.Response) -> None:
        if answer.status_code >= 500:
            self.wrong(where, f"{what} {answer.status_code}".strip())
        for mark in UNESCAPED:
            if mark in answer.text:
                self.wrong(where, f"{what} shows {mark} unescaped".strip())
        if "\r" in answer.headers.get("location", "") or "x" in answer.cookies:
            self.wrong(where, f"{what} writes headers".strip())

    def judge(self, address: str, answer: httpx.Response, what: str = "") -> Page | None:
        """Hold a page against what every page owes; None when the answer is none."""
        kind = answer.headers.get("content-type", "")
        if answer.status_code == 204 or not kind.startswith("text/html"):
            if answer.status_code >= 400:
                self.wrong(
                    address, f"{what} {answer.status_code} is explained in {kind}, not on a page".strip()
                )
            return None
        page = read_page(answer.text, address)
        if "<html" not in answer.text:
            self._judge_words(address, page, what)
            return page
        if len(page.headings) != 1 or not page.headings[0]:
            self.wrong(address, f"{what} headings: {page.headings}".strip())
        if not page.title or page.lang != self.lang:
            self.wrong(address, f"{what} title {page.title!r}, language {page.lang!r}".strip())
        doubled = [one for one, times in Counter(page.ids).items() if times > 1]
        for finding in (*page.refused, *page.unbalanced, *(f"id {one} twice" for one in doubled)):
            self.wrong(address, f"{what} {finding}".strip())
        if answer.status_code >= 400 and sum(map(len, page.texts)) < 40:
            self.wrong(address, f"{what} {answer.status_code} without an explanation".strip())
        self._judge_words(address, page, what)
        return page

    def _judge_words(self, address: str, page: Page, what: str) -> None:
        # A title cannot name the language of a part of it; where it repeats the heading, that one is looked at.
        heading, begun = " ".join(page.headings), page.title.removesuffix(" · Abonent")
        repeated = {page.title} if begun and heading.startswith(begun) else set()
        if foreign := leaks(self.lang, [text for text in page.texts if text not in repeated]):
            self.wrong(
                address, f"{what} not in {self.lang}: {foreign[:5]}".strip(), f"language {foreign[0][:12]}"
            )
        # What bad values left behind may look like anything.
        if not what and self.route(address) not in SHOWS_PLACES and (odd := codes(page.texts)):
            self.wrong(address, f"not for people: {odd[:5]}", "codes")

    # ---- bad values

    async def try_addresses(self) -> None:
        """Bad values in the queries and paths that were seen."""
        for nth, path in enumerate(sorted({route for route in self.visited if route})):
            if "{" in path and ":path}" not in path:
                for name, value in some(IN_ADDRESS, nth, self.bounds.step):
                    if value:
                        await self._try(path_with(path, value.replace("+", "%20")), name)
            for place, name in enumerate(self._queries.get(path, {}), nth):
                for what, value in some(IN_ADDRESS, place, self.bounds.step):
                    usual = {n: sent(v) for n, v in self._queries[path].items()}
                    await self._try(
                        f"{_sample_path(path, self.seen)}?{body(usual | {name: value})}", f"{name} {what}"
                    )

    async def _try(self, address: str, what: str) -> httpx.Response:
        answer = await self.get(address)
        if not answer.is_redirect:
            self.judge(address, answer, what)
        return answer

    async def try_forms(self, stale: str, others: list[str]) -> None:
        """Every form that was found, with bad values; `stale` is the token of another session."""
        for leaving in (False, True):
            for nth, (key, (address, form)) in enumerate(list(self.forms.items())):
                if (key[0] in LEAVING) is leaving:
                    await self._try_form(address, form, stale, others, nth)

    async def _try_form(self, address: str, form: Form, stale: str, others: list[str], nth: int) -> None:
        cookies = dict(self.http.cookies)
        token = next((c.value for c in form.controls if c.name == "token"), "")
        if form.action != "/login":
            for what, text in untrusted_bodies(form, stale):
                answer = await self._post(form.action, text, f"the form of {address} with {what}")
                if answer.status_code not in {403, 404}:
                    self.wrong(
                        address, f"the form to {form.action} with {what} is answered {answer.status_code}"
                    )
        targets: set[str] = set()
        for what, text in bad_bodies(form, token, others, self.bounds.step, nth):
            answer = await self._post(form.action, text, what)
            if answer.is_redirect and self.route_of_post(form.action) not in LEAVING:
                target = answer.headers["location"]
                if urlsplit(target).netloc or not target.startswith("/"):
                    self.wrong(address, f"{what} leads to {target}")
                elif len(targets) < 3 and target not in targets:
                    targets.add(target)
                    await self._try(target, f"after {what}")
            self.http.cookies = httpx.Cookies(cookies)

    async def _post(self, address: str, text: str, what: str) -> httpx.Response:
        self.asked += 1
        answer = await self.http.post(address, content=text.encode(), headers=FORM)
        self._survived(address, what, answer)
        if answer.status_code >= 400 and address not in LEAVING:
            self.judge(address, answer, what)
        return answer


def path_with(path: str, value: str) -> str:
    """A route's path with a value in each of its places."""
    parts = [value if part.startswith("{") else quote(part) for part in path.split("/")]
    return "/".join(parts)


def _sample_path(path: str, seen: Iterable[str]) -> str:
    """An address of this route that was seen, without its query."""
    if "{" not in path:
        return path
    ends = path.split("/")
    for address in seen:
        parts = urlsplit(address).path.split("/")
        if len(parts) == len(ends) and all(
            e.startswith("{") or e == p for e, p in zip(ends, parts, strict=True)
        ):
            return urlsplit(address).path
    return path


__all__ = ["BAD", "SITE", "Bounds", "Walk"]
