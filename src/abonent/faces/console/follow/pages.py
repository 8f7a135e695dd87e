"""The handlers of an order's signed address. Whoever has it acts as the client of that order, and of nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from abonent.domain.agreement import contracts
from abonent.domain.agreement.contract_resources import CONTRACT
from abonent.domain.agreement.rules_contract import contract_number
from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.domain.communication.rules import preferences_of
from abonent.domain.communication.rules_messages import translator
from abonent.domain.communication.telling_rules import days_to_follow
from abonent.domain.order_handling.credit_resources import CREDIT_CASE
from abonent.domain.order_handling.deposit_resources import PAYMENT_REQUEST
from abonent.domain.order_handling.lines import lines, offering_id
from abonent.domain.order_handling.ports import PaymentProvider
from abonent.domain.order_handling.resources import ORDER_PLAN, PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.workforce import appointments
from abonent.domain.workforce.queries import work_orders_of
from abonent.domain.workforce.resources import APPOINTMENT
from abonent.domain.workforce.rules_work import OPEN_APPOINTMENT
from abonent.domain.workforce.slots import free, need_of
from abonent.faces.console.desk import Desk, Form, read_form, said, see, typed
from abonent.faces.console.follow.view import (
    MOVE_BEFORE,
    contract_of,
    deposit_of,
    followed,
    movable,
    no_more,
    span,
)
from abonent.faces.console.signed import SAFE, no_page, signed_page
from abonent.faces.signed_links import NO_ORDER, SignedOrders
from abonent.kit.access import Caller, Role
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, IllegalMove, NotFound, Problem
from abonent.kit.i18n import Translator, choose_language
from abonent.kit.values import from_wire, to_wire, with_role

Document = dict[str, Any]
_TEMPLATE = "follow/order.html"
PAPER = "/contract.pdf"
_SLOTS = 6
_TOO_SOON = N_("This visit is soon, and the crew's day is planned. Call us to move it.")


@dataclass(frozen=True, slots=True)
class File:
    """An order with what its page needs; `ctx` acts as its client."""

    ctx: Context
    order: Document
    plan: Document | None
    customer: Document
    offerings: Mapping[str, Document]
    visits: list[Document]
    case: Document | None
    request: Document | None
    contract: Document | None


class FollowPages:
    """Handlers; each is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk
        self._links = SignedOrders(desk.settings.secret)

    async def show(self, request: Request) -> Response:
        """The order; ?move=<visit> offers other times for a visit."""
        try:
            file = await self._load(request)
        except NotFound as problem:
            return self._none(request, problem)
        return await self._page(request, file)

    async def take(self, request: Request) -> Response:
        """A step of the client; asked again it stays as it was. The address carries the secret, so no other token
        does."""
        try:
            file = await self._load(request)
        except NotFound as problem:
            return self._none(request, problem)
        form = await read_form(request)
        try:
            await self._act(file, form)
        except Problem as problem:
            return await self._page(request, await self._load(request), problem)
        return see(request.url.path)

    async def paper(self, request: Request) -> Response:
        """The contract's PDF."""
        try:
            file = await self._load(request)
            content = await contracts.file_of(file.ctx, (file.contract or {}).get("id", ""))
        except NotFound as problem:
            return self._none(request, problem)
        return pdf_answer(content, contract_number(file.order["id"]))

    async def _act(self, file: File, form: Form) -> None:
        step, id = form.get("do", ""), form.get("visit", "")
        if step == "accept" and file.contract is not None:
            await contracts.accept(file.ctx, file.contract["id"], how="link")
        if step in {"confirm", "move"}:
            visit = next((v for v in file.visits if v["id"] == id), None)
            if visit is None or visit["status"] not in OPEN_APPOINTMENT:
                raise IllegalMove(
                    "visitOver", N_("This visit is over or was moved. Look at it as it is now.")
                )
            if step == "confirm":
                await appointments.confirm(file.ctx, id)
            else:
                await self._move(file, visit, typed(form, "start", 40))

    async def _move(self, file: File, visit: Document, start: str) -> None:
        if not movable(visit, file.ctx.now()):
            raise IllegalMove("visitSoon", _TOO_SOON)
        try:
            at = from_wire(start)
        except ValueError:
            raise BadInput("noTime", N_("Choose one of the times."), path="start") from None
        await appointments.reschedule(file.ctx, visit["id"], at)

    async def _load(self, visited: Request) -> File:
        """NotFound for an address that is not ours, or whose order ended long ago."""
        id = self._links.id_of(visited.path_params["token"])
        wanted = [(resource, id) for resource in (PRODUCT_ORDER, ORDER_PLAN, CREDIT_CASE, PAYMENT_REQUEST)]
        wanted.append((CONTRACT, contract_number(id)))
        found = await self._ctx.store.find(wanted)
        stored, plan = found.get((PRODUCT_ORDER.name, id)), found.get((ORDER_PLAN.name, id))
        if stored is None:
            raise NotFound("noSuchAddress", NO_ORDER)
        order = stored.document
        if no_more(order, await days_to_follow(self._ctx), self._ctx.now()):
            raise NotFound(
                "addressOver", N_("This order ended some time ago, and its page was closed. Call us.")
            )
        client = (with_role(order.get("relatedParty"), "customer") or {}).get("id", "")
        works = await work_orders_of(self._ctx.store, id)
        visits = {a["id"] for w in works if (a := w.document.get("appointment") or {}).get("id")}
        offerings = {o for item in lines(order) if (o := offering_id(item))}
        beside = await self._ctx.store.find(
            [
                (CUSTOMER_, client),
                *((APPOINTMENT, v) for v in sorted(visits)),
                *((PRODUCT_OFFERING, o) for o in sorted(offerings)),
            ]
        )
        known = beside.get((CUSTOMER_.name, client))
        customer = known.document if known else {"id": client}
        caller = Caller(str(customer.get("name") or client), Role.CLIENT, client)
        return File(
            self._ctx.for_caller(caller),
            order,
            plan.document if plan else None,
            customer,
            {i: s.document for (kind, i), s in beside.items() if kind == PRODUCT_OFFERING.name},
            [s.document for (kind, _), s in beside.items() if kind == APPOINTMENT.name],
            case.document if (case := found.get((CREDIT_CASE.name, id))) else None,
            request.document if (request := found.get((PAYMENT_REQUEST.name, id))) else None,
            contract.document if (contract := found.get((CONTRACT.name, contract_number(id)))) else None,
        )

    async def _page(self, request: Request, file: File, problem: Problem | None = None) -> Response:
        wishes = preferences_of(file.customer)
        lang = choose_language(request.query_params.get("lang") or wishes.language)
        t, now = translator(lang, wishes.zone), self._ctx.now()
        facts = {
            "order": followed(file.order, file.plan, file.visits, file.offerings, now, t),
            "deposit": deposit_of(file.order, file.case, file.request, PaymentProvider in self._ctx.ports, t),
            "contract": contract_of(file.contract, file.order, t),
            "paper": f"{request.url.path}{PAPER}",
            "slots": await self._slots(request, file, t),
            "moving": request.query_params.get("move", ""),
            "problem": said(problem, t) if problem else "",
            "here": request.url.path,
        }
        return signed_page(self._desk, _TEMPLATE, lang, now, facts, problem.status if problem else 200)

    async def _slots(self, request: Request, file: File, t: Translator) -> list[tuple[str, str]]:
        """Times that a visit can be moved to: (start as it is sent back, in words)."""
        wanted = request.query_params.get("move", "")
        visit = next((v for v in file.visits if v["id"] == wanted), None)
        if visit is None:
            return []
        if visit["status"] not in OPEN_APPOINTMENT or not movable(visit, file.ctx.now()):
            return []
        stored, work = await appointments.load(file.ctx, wanted)
        need = await need_of(self._ctx, appointments.wish_of(stored.document, work), strict=False)
        slots = await free(self._ctx, need, after=file.ctx.now() + MOVE_BEFORE, limit=_SLOTS + 1)
        starts = from_wire(visit["validFor"]["startDateTime"])
        return [(to_wire(s.start), span(s.start, s.end, t)) for s in slots if s.start != starts][:_SLOTS]

    def _none(self, request: Request, problem: NotFound) -> Response:
        return no_page(self._desk, request, _TEMPLATE, problem, {"order": None, "here": "/"})


def pdf_answer(content: bytes, number: str) -> Response:
    """A contract's file, shown by the browser. The number is one of ours: letters, digits and dashes."""
    name = "".join(letter for letter in number if letter.isalnum() or letter == "-")
    return Response(
        content,
        media_type="application/pdf",
        headers=SAFE | {"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )
