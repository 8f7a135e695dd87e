"""Filters that a person keeps for a list: shown with the list, saved and deleted by plain forms.

A list takes part by one line each: in its room `"saved": await saved_view(desk, visit, "/orders", query)`, in its
template `{{ saved_filters(saved) }}` of saved_filters.html.
"""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abonent.domain.party.saved_filters import SavedFilter
from abonent.faces.console.desk import Desk, Form, Visit, local, said, see, typed
from abonent.kit.errors import BadInput


@dataclass(frozen=True, slots=True)
class Kept:
    """A filter as a link; `chosen`: the list shows it now."""

    name: str
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class SavedView:
    """What the template shows: the filters, and what saving would keep (`query`, empty when nothing is filtered)."""

    page: str
    query: str
    here: str
    kept: tuple[Kept, ...]
    problem: str = ""
    typed: str = ""


async def saved_view(desk: Desk, visit: Visit, page: str, query: str) -> SavedView:
    """The filters a person keeps for the list at `page`; `query` is the present filter, as in its address."""
    saved = await desk.data.saved_filters(visit.user, page)
    kept = tuple(Kept(each.name, _address(page, each.query), each.query == query) for each in saved)
    return SavedView(page, query, _address(page, query), kept)


def _address(page: str, query: str) -> str:
    return f"{page}?{query}" if query else page


def room(desk: Desk) -> list[BaseRoute]:
    """The routes of this room."""

    async def save(visit: Visit, form: Form) -> Response:
        page, query = _page(desk, form), form.get("query", "")
        wanted = SavedFilter(typed(form, "name"), query)
        try:
            await desk.data.save_filter(visit.user, page, wanted)
        except BadInput as problem:
            found = await saved_view(desk, visit, page, query)
            view = SavedView(page, query, found.here, found.kept, said(problem, visit.t), wanted.name)
            facts = {"saved": view, "here": found.here}
            return desk.page(visit, "saved_filter.html", facts, section="", status=problem.status)
        return see(local(_address(page, query)))

    async def delete(visit: Visit, form: Form) -> Response:
        page = _page(desk, form)
        await desk.data.delete_filter(visit.user, page, form.get("name", ""))
        return see(local(_address(page, form.get("query", ""))))

    async def look(_: Visit) -> Response:
        return see("/")

    return [
        Route("/filters", desk.takes(save), methods=["POST"]),
        Route("/filters/delete", desk.takes(delete), methods=["POST"]),
        Route("/filters", desk.shows(look), methods=["GET"]),
        Route("/filters/delete", desk.shows(look), methods=["GET"]),
    ]


def _page(desk: Desk, form: Form) -> str:
    """The list a form speaks of; filters are kept for pages there are."""
    page = form.get("page", "")
    return page if page in desk.mounted else "/"
