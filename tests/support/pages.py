"""Pages of the console taken apart."""

from html.parser import HTMLParser

import httpx

EVIL = '<script>alert("x")</script>'


class Page(HTMLParser):
    """What the tests look at in a page: its text, its tags, whether every tag is closed in order."""

    VOID = frozenset({"meta", "link", "input", "br", "img"})
    SVG_EMPTY = frozenset({"path", "circle", "rect", "line", "use"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == [], "unclosed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag, f"</{tag}> out of order"

    def handle_data(self, data: str) -> None:
        self.text += data

    def found(self, tag: str, **attrs: str) -> list[dict[str, str | None]]:
        return [
            a for t, a in self.tags if t == tag and all(a.get(k.rstrip("_")) == v for k, v in attrs.items())
        ]

    def token(self) -> str:
        return str(self.found("input", name="token")[0]["value"])

    def words(self) -> str:
        return " ".join(self.text.replace("\u00a0", " ").split())


async def page_of(client: httpx.AsyncClient, path: str, status: int = 200) -> Page:
    answer = await client.get(path)
    assert answer.status_code == status
    return Page(answer.text)


def inline_scripts(page: Page) -> list[dict[str, str | None]]:
    return [attrs for attrs in page.found("script") if not attrs.get("src")]
