"""The handlers of requests: the queue, the page of one, the steps with it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from abonent.domain.agreement import documents as quoting
from abonent.domain.agreement.quotes import policy
from abonent.domain.agreement.resources import QUOTE
from abonent.domain.agreement.rules_quote import proposed, read_sum
from abonent.domain.catalog.queries_sale import whole_catalogue
from abonent.domain.catalog.rules_sale import is_sold
from abonent.domain.catalog.texts import text_in
from abonent.domain.order_handling.progress import load as load_plan
from abonent.domain.order_handling.quoted import order_for
from abonent.domain.order_handling.rules_quoted import BUILD
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification import engineering
from abonent.domain.qualification.queries_engineering import engineer_names, list_requests
from abonent.domain.qualification.resources import ENGINEERING_ASSESSMENT, GEOGRAPHIC_ADDRESS
from abonent.domain.qualification.rules_engineering import answered
from abonent.faces.console.acts import Refused, refuse, step_routes
from abonent.faces.console.addresses import request_path
from abonent.faces.console.desk import Desk, Form, Visit, said, see
from abonent.faces.console.requests.acts import Standing, acts, why_nothing
from abonent.faces.console.requests.filters import address, read_wanted
from abonent.faces.console.requests.labels import PART, PATH, SECTION
from abonent.faces.console.requests.list_view import list_view
from abonent.faces.console.requests.request_view import RequestFile, request_view
from abonent.faces.console.requests.steps import PART_ROWS, STEP_OF
from abonent.faces.console.requests.sums import calculations
from abonent.faces.console.saved import saved_view
from abonent.faces.signed_links import SignedQuotes
from abonent.kit.access import STAFF, Caller
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict, Forbidden, IllegalMove, NotFound
from abonent.kit.values import with_role

Document = dict[str, Any]


def demand_staff(caller: Caller) -> None:
    """Forbidden for clients: they get the offer."""
    if caller.role not in STAFF:
        raise Forbidden("requestsByStaff", N_("Requests are seen by the operator’s staff only."))


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What a page needs, read."""

    file: RequestFile
    stored: Stored
    quotes: list[Document]
    order: str
    building: str
    node: str


class RequestPages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk
        self._links = SignedQuotes(desk.settings.secret)

    # ---- the queue

    async def listing(self, visit: Visit) -> Response:
        demand_staff(visit.caller)
        wanted, store = read_wanted(visit.query), self._ctx.store
        (rows, total), engineers = await asyncio.gather(
            list_requests(
                store,
                wanted.criteria(visit.now),
                sort=wanted.sort,
                descending=wanted.descending,
                offset=wanted.offset,
            ),
            engineer_names(store),
        )
        if wanted.offset and not rows:
            return see(address(replace(wanted, offset=0)))
        view = list_view(rows, total, wanted, engineers, visit.user.name, visit.now, visit.t)
        saved = await saved_view(
            self._desk, visit, PATH, address(replace(wanted, offset=0)).partition("?")[2]
        )
        shown = self._desk.page(visit, "requests/list.html", {"view": view, "saved": saved}, section=SECTION)
        shown.headers["HX-Push-Url"] = address(wanted)
        return shown

    # ---- one request

    async def request(self, visit: Visit) -> Response:
        demand_staff(visit.caller)
        return await self._page(visit, visit.path["request_id"])

    async def _page(self, visit: Visit, id: str, refused: Refused | None = None) -> Response:
        ctx = self._ctx.for_caller(visit.caller)
        loaded = await self._load(ctx, id)
        rules = await policy(ctx)
        request, t = loaded.stored.document, visit.t
        newest = loaded.quotes[-1] if loaded.quotes else None
        cost = read_sum(request["total"]) if request.get("total") else None
        standing = Standing(
            request["state"],
            newest["state"] if newest else "",
            bool(loaded.building),
            tuple(request.get("part") or ()),
            cost,
        )
        legal = acts(standing, visit.caller.role, rules, t)
        price = quoting.total_of(newest) if newest and newest.get("quoteTotalPrice") else None
        usual = proposed(cost, rules) if cost else None
        steps = {act.step for act in legal}
        facts = {
            "view": request_view(loaded.file, self._links.path(newest["id"]) if newest else "", visit.now, t),
            "acts": legal,
            "why": why_nothing(standing, visit.caller.role, rules, t),
            "sums": calculations(request, price, rules, t),
            "currency": t.currency_mark(cost.currency) if cost else "",
            "refused": refused,
            "begun": self._begun(request, usual, loaded.node),
            "open_parts": [p for p in request.get("part") or () if not answered(p)],
            "mine": self._mine(request, visit.user.name),
            "kinds": PART,
            "rows": range(PART_ROWS),
            "engineers": await engineer_names(ctx.store) if "assign" in steps else [],
            "offers": await self._offers(ctx, visit) if "quote" in steps else [],
            "building": loaded.building,
            "quote_days": rules["quoteDays"],
            "here": request_path(id),
        }
        status = refused.status if refused else 200
        return self._desk.page(visit, "requests/request.html", facts, section=SECTION, status=status)

    def _begun(self, request: Document, usual: Any, node: str) -> Mapping[str, str]:
        """What stands in the forms before anything is typed."""
        begun = {
            "quote-offering": (request.get("productOffering") or {}).get("id") or "",
            "built-node": node,
        }
        if usual is not None:
            begun |= {"quote-once": str(usual.once), "quote-monthly": str(usual.monthly)}
            begun["quote-days"] = str(request.get("leadTimeDays") or 0)
        return begun

    def _mine(self, request: Document, name: str) -> str:
        """The part that the reader is asked for, else the first that is open."""
        waiting = [p for p in request.get("part") or () if not answered(p)]
        own = next((p["id"] for p in waiting if p["engineer"] == name), None)
        return own or next((p["id"] for p in waiting), "")

    async def _offers(self, ctx: Context, visit: Visit) -> list[tuple[str, str]]:
        """Offerings that are sold, by name: what it is delivered and charged as."""
        catalogue = await whole_catalogue(ctx.store)
        sold = [o.offering for o in catalogue.offers.values() if is_sold(o.offering, visit.now)]
        named = [(o["id"], text_in(o, "name", visit.lang)) for o in sold if not o.get("isBundle")]
        return sorted(named, key=lambda each: each[1])

    async def _load(self, ctx: Context, id: str) -> _Loaded:
        stored = await ctx.store.get(ctx.caller, ENGINEERING_ASSESSMENT, id)
        request = stored.document
        party = (with_role(request.get("relatedParty"), "customer") or {}).get("id") or ""
        place = next(iter(request.get("place") or ()), {}).get("id") or ""
        numbers = [q["id"] for q in request.get("quote") or ()]
        wanted = [*((kind, one) for kind, one in ((CUSTOMER_, party), (GEOGRAPHIC_ADDRESS, place)) if one)]
        found = await ctx.store.find([*wanted, *((QUOTE, number) for number in numbers)])
        open_yet = request["state"] in {"requested", "assigned"}
        similar = await engineering.remembered(ctx, request) if open_yet else []
        histories = await asyncio.gather(
            ctx.store.history(ENGINEERING_ASSESSMENT, id),
            *(ctx.store.history(QUOTE, number) for number in numbers),
        )
        customer, home = found.get((CUSTOMER_.name, party)), found.get((GEOGRAPHIC_ADDRESS.name, place))
        quotes = [found[QUOTE.name, n].document for n in numbers if (QUOTE.name, n) in found]
        accepted = next((q["id"] for q in quotes if q["state"] == "accepted"), None)
        order = await order_for(ctx, accepted) if accepted else None
        building, node = await self._building(ctx, order)
        moves = [
            {**move, "quote": name}
            for name, history in zip(["", *numbers], histories, strict=True)
            for move in history
        ]
        moves.sort(key=lambda move: move["at"], reverse=True)
        file = RequestFile(
            request,
            customer.document if customer else None,
            home.document if home else None,
            quotes,
            similar,
            order,
            moves,
        )
        return _Loaded(file, stored, quotes, order or "", building, node)

    async def _building(self, ctx: Context, order: str | None) -> tuple[str, str]:
        """The task that is being built for the order, and the node it was planned from."""
        running = await load_plan(ctx, order) if order else None
        for task in running.plan.task if running else ():
            if task.kind == BUILD and task.state == "inProgress":
                return task.id, str(task.spec.get("node") or "")
        return "", ""

    # ---- steps

    def step(self, name: str) -> list[BaseRoute]:
        """The routes of a step: it leads back to the page, and a refusal stands at its form."""

        async def take(visit: Visit, form: Form) -> Response:
            demand_staff(visit.caller)
            id, ctx = visit.path["request_id"], self._ctx.for_caller(visit.caller)
            loaded = await self._load(ctx, id)
            newest = loaded.quotes[-1]["id"] if loaded.quotes else ""
            try:
                await STEP_OF[name](ctx, id, newest, loaded.order, form, visit.t.zone)
            except (BadInput, Conflict, Forbidden, IllegalMove, NotFound) as problem:
                return await self._page(visit, id, refuse(name, problem, said(problem, visit.t), form))
            return see(request_path(id))

        return step_routes(
            self._desk,
            f"{PATH}/{{request_id}}/{name}",
            take,
            lambda visit: request_path(visit.path["request_id"]),
        )
