"""Pages out of templates: one Jinja environment a language, autoescaped; assets with a mark of their
content.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from abonent.faces.console.plan_picture import PlanPicture
from abonent.kit.i18n import LANGUAGES, Translator

HERE = Path(__file__).parent
STATIC = HERE / "static"


@lru_cache(maxsize=64)
def _digest(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """The address of a static file with a mark of its content; empty when the file is not installed."""
    path = STATIC / name
    if not path.is_file():
        return ""
    return f"/static/{name}?v={_digest(path, path.stat().st_mtime_ns)}"


class Renderer:
    """Renders templates for a reader. `zone` is the time zone all pages are written in."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._environments = {lang: _environment(Translator(lang, zone)) for lang in LANGUAGES}

    def translator(self, lang: str) -> Translator:
        """The translator of a language, in the console's zone."""
        return self._environment(lang).globals["t"]  # type: ignore[return-value]

    def page(self, template: str, lang: str, now: datetime, facts: Mapping[str, Any]) -> str:
        """A whole page or a fragment."""
        return self._environment(lang).get_template(template).render(now=now, **facts)

    def plan_svg(self, picture: PlanPicture, lang: str) -> tuple[str, str]:
        """The wide and the narrow drawing of a plan as SVG text; they need the symbols of sprite.html on
        the page.
        """
        module: Any = self._environment(lang).get_template("plan_picture.svg").module
        return str(module.drawing(picture.wide, picture.finding)), str(
            module.drawing(picture.narrow, picture.finding)
        )

    def _environment(self, lang: str) -> Environment:
        return self._environments[lang if lang in self._environments else "en"]


def _environment(t: Translator) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        t=t,
        _=t.gettext,
        ngettext=t.ngettext,
        pgettext=t.pgettext,
        asset=asset,
    )
    return environment
