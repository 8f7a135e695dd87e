"""A page as a reader and a browser meet it: its words, where its links lead, its forms, what a policy would refuse."""

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import urljoin

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
# What stands in these is not prose of the console: a value someone typed, a sample, a key.
NOT_PROSE = frozenset({"script", "style", "textarea", "code", "pre", "template", "kbd"})
SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-confirm")
ASKED = ("hx-get", "hx-post", "hx-put", "hx-delete", "hx-patch")


@dataclass(frozen=True, slots=True)
class Control:
    """A field of a form with the value it would be sent with; `options` of a select, a radio or a check box."""

    name: str
    kind: str
    value: str = ""
    options: tuple[str, ...] = ()
    sent: bool = True

    @property
    def free(self) -> bool:
        """Whether a person types into it."""
        return self.kind not in {"hidden", "select", "radio", "checkbox", "submit"}


@dataclass(slots=True)
class Form:
    """`action` is an address of the site; each named button is a form of its own here."""

    method: str
    action: str
    controls: list[Control] = field(default_factory=list)

    @property
    def shape(self) -> tuple[str, ...]:
        """What makes two forms the same but for their values."""
        return (self.method, *sorted({f"{c.name}:{c.kind}" for c in self.controls}))


@dataclass(slots=True)
class Page:
    """What was read. `refused` are inline scripts, handlers and styles; `texts` what is seen or read aloud."""

    lang: str = ""
    title: str = ""
    headings: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)


def read_page(html: str, address: str) -> Page:
    """Parse a page that was answered at `address` (path and query)."""
    reader = _Reader(address)
    reader.feed(html)
    reader.close()
    return reader.finish()


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._address = address
        # (tag, its own language or None)
        self._open: list[tuple[str, str | None]] = []
        self._text: list[str] = []
        self._form: Form | None = None
        self._named: dict[str, Form] = {}
        self._others: list[tuple[str, Control]] = []
        self._buttons: dict[int, list[tuple[Control | None, dict[str, str]]]] = {}
        self._select: tuple[dict[str, str], list[str], list[str]] | None = None
        self._area: dict[str, str] | None = None

    # ---- tags

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        self._flush()
        if tag == "html":
            self.page.lang = at.get("lang", "")
        self._note(tag, at)
        if tag not in VOID:
            self._open.append((tag, at.get("lang") if tag != "html" else None))
        match tag:
            case "h1":
                self.page.headings.append("")
            case "a" if "href" in at:
                self.page.links.append(at["href"])
            case "form":
                self._begin_form(at)
            case "input" | "button":
                self._control(tag, at)
            case "select":
                self._select = (at, [], [])
            case "option" if self._select:
                self._select[1].append(at.get("value", ""))
                if "selected" in at:
                    self._select[2].append(at.get("value", ""))
            case "textarea":
                self._area = at

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        text = self._flush()
        if tag in VOID:
            return
        if not self._open or self._open[-1][0] != tag:
            self.page.unbalanced.append(f"</{tag}> closes <{self._open[-1][0] if self._open else ''}>")
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select:
            at, options, chosen = self._select
            value = (chosen or options or [""])[0]
            self._put(at, Control(at.get("name", ""), "select", value, tuple(options)))
            self._select = None
        elif tag == "textarea" and self._area is not None:
            self._put(self._area, Control(self._area.get("name", ""), "textarea", text))
            self._area = None

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    # ---- what is kept

    def _note(self, tag: str, at: dict[str, str]) -> None:
        if "id" in at:
            self.page.ids.append(at["id"])
        for name in SPOKEN:
            if at.get(name) and self._prose(at):
                self.page.texts.append(" ".join(at[name].split()))
        self.page.parts += [at[name] for name in ASKED if name in at]
        source = at.get("src") or (at.get("href") if tag == "link" else None)
        if source and tag in {"script", "img", "link"}:
            self.page.files.append(source)
        if (tag == "script" and "src" not in at) or tag == "style":
            self.page.refused.append(f"<{tag}>")
        self.page.refused += [f"<{tag} {name}=>" for name in at if name == "style" or name.startswith("on")]
        if at.get("href", "").strip().lower().startswith(("javascript:", "data:")):
            self.page.refused.append(f"<{tag} href={at['href'][:40]}>")

    def _prose(self, at: dict[str, str] | None = None) -> bool:
        languages = [lang for _, lang in self._open if lang] + [(at or {}).get("lang", "")]
        other = any(lang and lang != self.page.lang for lang in languages)
        return not other and not any(tag in NOT_PROSE for tag, _ in self._open)

    def _flush(self) -> str:
        raw = "".join(self._text)
        self._text.clear()
        text = " ".join(raw.split())
        if not text:
            return raw
        tags = [tag for tag, _ in self._open]
        if "title" in tags and "svg" not in tags:
            self.page.title += text
        if tags and "h1" in tags:
            self.page.headings[-1] = f"{self.page.headings[-1]} {text}".strip()
        if self._prose():
            self.page.texts.append(text)
        return raw

    # ---- forms

    def _begin_form(self, at: dict[str, str]) -> None:
        action = urljoin(self._address, at.get("action") or self._address)
        self._form = Form(at.get("method", "get").lower(), action)
        self.page.forms.append(self._form)
        if "id" in at:
            self._named[at["id"]] = self._form

    def _control(self, tag: str, at: dict[str, str]) -> None:
        kind = at.get("type", "submit" if tag == "button" else "text").lower()
        if kind in {"button", "reset", "image"}:
            return
        if kind == "submit":
            control = Control(at["name"], kind, at.get("value", "")) if at.get("name") else None
            self._put(at, control, at)
            return
        value = at.get("value", "on" if kind in {"checkbox", "radio"} else "")
        sent = kind not in {"checkbox", "radio"} or "checked" in at
        self._put(at, Control(at.get("name", ""), kind, value, (), sent))

    def _put(self, at: dict[str, str], control: Control | None, button: dict[str, str] | None = None) -> None:
        form = self._form
        if at.get("form"):
            form = self._named.get(at["form"])
            if form is None and control and button is None:
                self._others.append((at["form"], control))
                return
        if form is None or "disabled" in at:
            return
        if button is not None:
            self._buttons.setdefault(id(form), []).append((control, button))
        elif control and control.name:
            form.controls.append(control)

    def finish(self) -> Page:
        self._flush()
        for name, control in self._others:
            if name in self._named and control.name:
                self._named[name].controls.append(control)
        made = []
        for form in self.page.forms:
            for control, at in self._buttons.get(id(form), [(None, {})]):
                action = urljoin(self._address, at["formaction"]) if at.get("formaction") else form.action
                pressed = replace(control, kind="submit") if control else None
                controls = [*form.controls, *([pressed] if pressed else [])]
                made.append(Form(at.get("formmethod", form.method).lower(), action, controls))
        self.page.forms = made
        return self.page
