"""Steps by hand: the forms a page shows, a step that was refused, the address a form is sent to.

A room says which of its steps are legal, what follows from each and what a refusal means; templates/act_form.html shows
them.
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abonent.faces.console.desk import Desk, Form, ReadForm, Take, Visit, see, typed
from abonent.kit.errors import Problem


@dataclass(frozen=True, slots=True)
class Act:
    """A form of a page; `step` is the last word of its address, `follows` what happens when it is sent, `key` the
    letter that leads to it, `primary` whether it leads, `href` the page that asks for it, where it has one of its own.
    """

    step: str
    verb: str
    follows: str
    key: str = ""
    primary: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that was refused: why, in the reader's words; at which field, or "" for the whole form; what was typed;
    the status of the page that says so."""

    step: str
    text: str
    at: str
    typed: Mapping[str, str]
    status: int


def refuse(
    step: str, problem: Problem, text: str, form: Form, *, fields: Container[str] | None = None
) -> Refused:
    """The refusal of a step in a room's words. It stands at the field that the problem names, or at the form's head if
    that is none of `fields`; None: what problems name are this form's fields alone."""
    path = str(problem.facts.get("path") or "")
    at = path if fields is None or path in fields else ""
    kept = {name: typed(form, name) for name in form if name != "token"}
    return Refused(step, text, at, kept, problem.status)


def step_routes(
    desk: Desk, path: str, take: Take, page: Callable[[Visit], str], read: ReadForm | None = None
) -> list[BaseRoute]:
    """The routes of a step: its form is sent to `path`, which opened by hand leads back to its page. `read`: how its
    form is read, where it may hold files."""

    async def look(visit: Visit) -> Response:
        return see(page(visit))

    return [
        Route(path, desk.shows(look), methods=["GET"]),
        Route(path, desk.takes(take, read), methods=["POST"]),
    ]
