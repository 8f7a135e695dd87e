"""A person's browser before the console: signs in, looks, and remembers what the browser complained about."""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Request, expect

from abonent.faces.tokens import Tokens, secret_of
from abonent.kit.access import Role
from tests.support.people import PASSWORD
from tests.support.running import Running

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = 1366, 390
STICKS_OUT = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const inner = (each) => {
    for (let up = each.parentElement; up !== null; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible") return true;
    return false;
  };
  const named = (each) => each.tagName.toLowerCase() + (each.id ? "#" + each.id : "") +
    [...each.classList].map((name) => "." + name).join("");
  const out = [...document.body.querySelectorAll("*")].filter((each) =>
    each.getBoundingClientRect().right > room + 0.5 && !inner(each));
  return ["scrolls sideways", ...out.slice(0, 4).map(named)];
}"""
_REFUSED = re.compile(r"status of (\d{3})")


@dataclass
class Desk:
    """`asked` are the paths of htmx's requests; `expected` the statuses of refusals a test provokes."""

    page: Page
    url: str
    asked: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    _log: list[str] = field(default_factory=list)

    @classmethod
    async def open(cls, browser: Browser, url: str, **context: Any) -> "Desk":
        # Colours that fade in would be measured half way.
        options = {
            "viewport": {"width": WIDE, "height": 900},
            "locale": "en-GB",
            "reduced_motion": "reduce",
            **context,
        }
        desk = cls(await (await browser.new_context(**options)).new_page(), url)
        desk.page.set_default_timeout(10_000)
        desk.page.on("console", lambda said: desk._note(f"{said.type}: {said.text}"))
        desk.page.on("pageerror", lambda error: desk._note(f"error: {error}"))
        desk.page.on("request", desk._ask)
        desk.page.on("requestfailed", lambda asked: desk._note_failed(asked))
        return desk

    def _note(self, said: str) -> None:
        if said.startswith(("error", "warning")):
            self._log.append(said)

    def _note_failed(self, asked: Request) -> None:
        # A page that is left lets its requests go.
        if asked.failure and "ERR_ABORTED" not in asked.failure:
            self._log.append(f"error: {asked.url}: {asked.failure}")

    def _ask(self, request: Request) -> None:
        if request.headers.get("hx-request"):
            self.asked.append(request.url.removeprefix(self.url))

    def complaints(self) -> list[str]:
        """Errors, warnings and broken policies in the browser's log, without the refusals that were expected."""
        return [said for said in self._log if not self._provoked(said)]

    def take_complaints(self) -> list[str]:
        """The complaints so far, and forget them."""
        found = self.complaints()
        self._log.clear()
        return found

    def _provoked(self, said: str) -> bool:
        status = _REFUSED.search(said)
        return status is not None and int(status[1]) in self.expected

    async def go(self, path: str) -> int:
        """Open a page; its status."""
        answer = await self.page.goto(self.url + path)
        return answer.status if answer else 0

    async def sign_in(self, name: str = "anna", password: str = PASSWORD) -> None:
        """Through the form, from whatever page asks for it."""
        if "/login" not in self.page.url:
            await self.go("/login")
        await self.page.fill("#name", name)
        await self.page.fill("#password", password)
        await self.page.press("#password", "Enter")
        await self.page.wait_for_load_state()

    async def prefer(self, **choice: str) -> None:
        """Press the button of a language or a theme, in the header or (narrow) in the footer."""
        for name, value in choice.items():
            await self.page.locator(f'button[name={name}][value="{value}"]:visible').click()
            await self.page.wait_for_load_state()

    async def says(self, *texts: str) -> None:
        """Each text stands on the page; no-break spaces are as good as plain ones."""
        for text in texts:
            await expect(self.page.locator("body")).to_contain_text(text)

    async def words(self, selector: str = "body") -> str:
        """What a reader sees in the first element that fits, in one line with plain spaces."""
        text = await self.page.locator(selector).first.inner_text()
        return " ".join(text.split())

    async def scrolls_sideways(self) -> bool:
        return await self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )

    async def sticks_out(self) -> list[str]:
        """The elements that make the page scroll sideways; empty when it does not."""
        return await self.page.evaluate(STICKS_OUT)

    async def barriers(self) -> list[str]:
        """What axe-core finds serious or critical, as "rule: element"."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = await self.page.evaluate("axe.run({ resultTypes: ['violations'] })")
        return [
            f"{each['id']}: {json.dumps(node['target'])}"
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]


def token(system: Running, role: Role = Role.AGENT) -> str:
    """A bearer token for the API of this system."""
    tokens = Tokens(secret_of(system.settings.data, system.settings.secret))
    return tokens.issue(role, None, "shop", datetime.now(UTC), timedelta(hours=1))
