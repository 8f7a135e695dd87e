"""The room of a new order: an agent with a client on the line. One page, one form; nothing is kept in between."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abonent.faces.console.addresses import order_path
from abonent.faces.console.desk import Desk, Form, Room, Visit, see
from abonent.faces.console.order_entry.draft import PATH, Draft, read_draft
from abonent.faces.console.order_entry.facts import Facts, load
from abonent.faces.console.order_entry.placing import place
from abonent.faces.console.order_entry.view import view
from abonent.kit.context import Context
from abonent.kit.errors import N_, Forbidden

__all__ = ["room"]


def room(context: Context) -> Room:
    """The routes of this room, over the domain."""

    def made(desk: Desk) -> list[BaseRoute]:
        entry = _Entry(desk, context)
        return [
            Route(PATH, desk.shows(entry.show), methods=["GET"], name="console.order_entry"),
            Route(PATH, desk.takes(entry.take), methods=["POST"]),
        ]

    return made


class _Entry:
    def __init__(self, desk: Desk, context: Context) -> None:
        self._desk = desk
        self._context = context

    def _ctx(self, visit: Visit) -> Context:
        if not visit.caller.staff:
            raise Forbidden(
                "entryByStaff", N_("Orders are entered here by staff. Ask us, and we will enter it for you.")
            )
        return self._context.for_caller(visit.caller)

    async def show(self, visit: Visit) -> Response:
        """The page for what stands in its address."""
        draft = read_draft(visit.request.query_params)
        facts = await load(self._ctx(visit), draft, visit.t.zone, visit.user.display_name)
        hits = facts.hits.clients if facts.hits else []
        if len(hits) == 1 and not visit.part and facts.hits and not facts.hits.similar:
            return see(Draft(client=hits[0]["id"]).address_of())
        return self._page(visit, facts)

    async def take(self, visit: Visit, form: Form) -> Response:
        """The form: shown again with what follows from it, or placed."""
        ctx, draft = self._ctx(visit), read_draft(form)
        author, zone = visit.user.display_name, visit.t.zone
        if form.get("do") != "place":
            facts = await load(ctx, draft, zone, author, hold=True)
            shown = self._page(visit, facts)
            shown.headers["HX-Replace-Url"] = facts.draft.address_of()
            return shown
        number, facts = await place(ctx, draft, zone, author)
        if number is not None:
            return see(order_path(number))
        return self._page(visit, facts, refused=True)

    def _page(self, visit: Visit, facts: Facts, *, refused: bool = False) -> Response:
        shown = view(facts, visit.now, visit.t)
        here = facts.draft.address_of()
        page = {"view": shown, "refused": refused, "part": visit.part, "here": here}
        template = "order_entry/page.html"
        return self._desk.page(visit, template, page, section="Orders", status=422 if refused else 200)
