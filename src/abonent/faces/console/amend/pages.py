"""Pages of amending: the form is looked at first, then sent; only what was looked at is sent."""

import hashlib
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from abonent.domain.catalog.queries_sale import whole_catalogue
from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.amend_preview import preview
from abonent.domain.order_handling.lines import address_id, lines
from abonent.domain.order_handling.plan import from_document
from abonent.domain.order_handling.resources import ORDER_PLAN, PRODUCT_ORDER
from abonent.domain.order_handling.rules import client_reference
from abonent.domain.order_handling.rules_amendable import amendable, is_open
from abonent.domain.party.queries_search import search
from abonent.domain.qualification.queries_places import places_of
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.faces.console.addresses import amend_path, amended_path, order_path
from abonent.faces.console.amend.form import (
    FIND,
    NOTE,
    NOTE_LENGTH,
    Asked,
    lines_of,
    place_name,
    read,
)
from abonent.faces.console.amend.view import AmendView, Typed, follows_of, page_of
from abonent.faces.console.amend_told import moment, told
from abonent.faces.console.desk import Desk, Form, Visit, see, typed
from abonent.faces.console.labels import ORDER, label
from abonent.faces.console.order_acts import refusal
from abonent.faces.console.order_view import title_of
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict, Forbidden, IllegalMove
from abonent.kit.retry import repeated

SECTION = "Orders"
Document = Mapping[str, Any]


class AmendPages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._context = context
        self._desk = desk

    def _ctx(self, visit: Visit) -> Context:
        if not visit.user.staff:
            raise Forbidden(
                "amendByStaff", N_("Orders are changed here by staff. Ask us, and we will do it.")
            )
        return self._context.for_caller(visit.caller)

    async def form(self, visit: Visit) -> Response:
        """The form as the order stands."""
        ctx = self._ctx(visit)
        stored = await ctx.store.get(visit.caller, PRODUCT_ORDER, visit.path["order_id"])
        return self._show(visit, stored, await self._typed(ctx, visit, stored, {}))

    async def take(self, visit: Visit, form: Form) -> Response:
        """The form with what would follow from it; or sent, if that was looked at."""
        ctx = self._ctx(visit)
        fields = {
            name: typed(form, name, NOTE_LENGTH if name == NOTE else 500)
            for name in form
            if name not in {"token", "do", "seen"}
        }
        # A box that is not ticked is sent by the hidden field before it.
        fields |= {name: str(values[-1]) for name in fields if len(values := form.getlist(name)) > 1}
        stored = await ctx.store.get(visit.caller, PRODUCT_ORDER, visit.path["order_id"])
        given = await self._typed(ctx, visit, stored, fields)
        if given.asked.wrong or form.get("do") == "find":
            return self._show(visit, stored, given)
        if not given.asked.changes:
            return self._show(visit, stored, given, nothing=True)
        seen = _mark(stored, given.asked)
        sending = form.get("do") == "send"
        try:
            if sending and form.get("seen") == seen:
                await self._send(ctx, stored, given.asked)
                # A note alone is no amendment of the plan's concern: it stands on the order, not in its history.
                alone = all(change.kind == "note" for change in given.asked.changes)
                return see(order_path(stored.id) if alone else amended_path(stored.id))
            follows = await preview(ctx, stored, dict(given.asked.order))
        except (BadInput, Conflict, Forbidden, IllegalMove) as problem:
            said = refusal(problem, str(stored.state), visit.t)
            return self._show(visit, stored, given, refused=said, status=problem.status)
        shown = follows_of(stored.document, follows, given.asked, given, visit.t)
        return self._show(visit, stored, given, follows=shown, seen=seen, stale=sending)

    async def _send(self, ctx: Context, stored: Stored, asked: Asked) -> None:
        """Only an order that still stands as it was looked at is changed; its plan may have gone on."""

        async def once() -> None:
            current = await ctx.store.get(ctx.caller, PRODUCT_ORDER, stored.id)
            if current.version != stored.version:
                raise Conflict(
                    "orderChanged",
                    N_("The order changed at the same moment. Look at it as it is now and repeat the step."),
                )
            await change_order(ctx, current, dict(asked.order))

        await repeated(once)

    async def done(self, visit: Visit) -> Response:
        """What the last amendment changed, and what the order stands at now."""
        ctx, t = self._ctx(visit), visit.t
        number = visit.path["order_id"]
        stored = await ctx.store.get(visit.caller, PRODUCT_ORDER, number)
        history = await ctx.store.history(PRODUCT_ORDER, number)
        rows = [row for row in history if row["attribute"] == "amendment"]
        last = max(rows, key=lambda row: row["at"], default=None)
        facts = {
            "number": number,
            "title": title_of(stored.document, t),
            "path": order_path(number),
            "label": label(ORDER, stored.state or "acknowledged", t),
            "changes": told(last["reason"] or "", t) if last else [],
            "at": last["at"] if last else None,
            "by": last["by"] if last else "",
            "promised": moment(stored.document.get("expectedCompletionDate"), t),
        }
        return self._desk.page(visit, "amend/done.html", facts, section=SECTION)

    async def _typed(self, ctx: Context, visit: Visit, stored: Stored, fields: Mapping[str, str]) -> Typed:
        """The form with what was typed, and what it is judged by."""
        found = await ctx.store.find([(ORDER_PLAN, stored.id)])
        order = stored.document
        plan = next((from_document(each.document) for each in found.values()), None)
        if not is_open(str(stored.state), planned=plan is not None):
            word = label(ORDER, str(stored.state), visit.t).word
            raise IllegalMove(
                "orderClosed", N_("Order {order} is “{state}”; nothing of it can be changed now."),
                order=stored.id, state=word,
            )  # fmt: skip
        items = lines_of(order, amendable(order, plan), await whole_catalogue(ctx.store))
        addresses = await self._addresses(ctx, order, [each.place for each in items], fields)
        count: int | None = None
        if any(each.place for each in items) and fields.get(FIND):
            hits = (await search(ctx.store, fields[FIND], None)).addresses
            addresses |= {each["id"]: each for each in hits}
            count = len(hits)
        author = visit.user.display_name
        asked = read(order, items, fields, addresses, visit.now, visit.t.zone, author)
        return Typed(order, items, fields, addresses, asked, count)

    async def _addresses(
        self, ctx: Context, order: Document, places: list[str], fields: Mapping[str, str]
    ) -> dict[str, Document]:
        """Addresses that may be chosen: those of the order, of its client, and what was chosen before."""
        if not any(places):
            return {}
        client = (client_reference(order) or {}).get("id") or ""
        known = await places_of(ctx.store, client) if client else []
        chosen = [value for name, value in fields.items() if name.startswith(place_name("")) and value]
        named = [*(id for each in lines(order) if (id := address_id(each))), *chosen]
        wanted = [*(id for id in dict.fromkeys(named) if id not in known), *known]
        found = await ctx.store.find((GEOGRAPHIC_ADDRESS, id) for id in wanted)
        stored = {id: each.document for (_, id), each in found.items()}
        return {id: stored[id] for id in wanted if id in stored}

    def _show(
        self, visit: Visit, stored: Stored, given: Typed, *, status: int = 200, **more: Any
    ) -> Response:
        view: AmendView = page_of(given, visit.now, visit.t.zone, visit.t, **more)
        if given.asked.wrong:
            status = 400
        facts = {
            "view": view,
            "title": title_of(stored.document, visit.t),
            "path": order_path(stored.id),
            "here": amend_path(stored.id),
        }
        return self._desk.page(visit, "amend/page.html", facts, section=SECTION, status=status)


def _mark(stored: Stored, asked: Asked) -> str:
    """Of the order as it stands and what is asked: what is sent is what was looked at."""
    whole = f"{stored.id} {stored.version} {asked.changes!r}"
    return hashlib.sha256(whole.encode()).hexdigest()[:16]
