"""The contract of an order, as staff see it: the paper, how it was accepted, and accepting it in the office."""

from collections.abc import Mapping

from starlette.responses import Response

from abonent.domain.agreement import contracts
from abonent.domain.agreement.contract_resources import CONTRACT as RESOURCE
from abonent.domain.agreement.contract_resources import DOCUMENT_KINDS
from abonent.domain.agreement.rules_contract import contract_number
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.faces.console.acts import Refused, refuse
from abonent.faces.console.addresses import contract_path, order_path
from abonent.faces.console.desk import Desk, Form, Visit, said, see, typed
from abonent.faces.console.follow.pages import pdf_answer
from abonent.faces.console.labels import word
from abonent.kit.context import Context
from abonent.kit.errors import N_, Forbidden, NotFound, Problem
from abonent.kit.i18n import NP_
from abonent.kit.values import from_wire

CONTRACT = "/contracts/{order_id}"
SECTION = "Orders"
_KINDS: Mapping[str, tuple[str, str]] = {
    "passport": NP_("identity document", "Passport"),
    "foreignPassport": NP_("identity document", "Foreign passport"),
    "residencePermit": NP_("identity document", "Residence permit"),
    "powerOfAttorney": NP_("identity document", "Power of attorney"),
}
_HOW: Mapping[str, tuple[str, str]] = {
    "link": NP_("accepted", "by the client at his address"),
    "office": NP_("accepted", "in the office"),
}


class OfficePages:
    """Handlers; each is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def show(self, visit: Visit) -> Response:
        """The contract of an order."""
        return await self._page(visit)

    async def take(self, visit: Visit, form: Form) -> Response:
        """Accepted in the office, after a look at the client's document."""
        order = visit.path["order_id"]
        ctx = self._ctx.for_caller(visit.caller)
        try:
            await contracts.accept(
                ctx,
                contract_number(order),
                how="office",
                kind=typed(form, "kind", 40),
                digits=typed(form, "digits", 20),
            )
        except Problem as problem:
            if problem.status not in {400, 422}:
                raise
            return await self._page(visit, refuse("accept", problem, said(problem, visit.t), form))
        return see(contract_path(order))

    async def paper(self, visit: Visit) -> Response:
        """The PDF."""
        number = contract_number(visit.path["order_id"])
        return pdf_answer(await contracts.file_of(self._ctx.for_caller(visit.caller), number), number)

    async def _page(self, visit: Visit, refused: Refused | None = None) -> Response:
        if not visit.user.staff:
            raise Forbidden("staffOnly", N_("This page is for staff."))
        order, t = visit.path["order_id"], visit.t
        await self._ctx.store.get(visit.caller, PRODUCT_ORDER, order)
        stored = await self._ctx.store.one(RESOURCE, contract_number(order))
        if stored is None:
            raise NotFound("noContract", N_("Order {order} has no contract."), order=order)
        contract = stored.document
        acceptance = contract.get("acceptance") or {}
        kind = acceptance.get("documentKind")
        facts = {
            "contract": contract,
            "order": order,
            "order_path": order_path(order),
            "path": contract_path(order),
            "client": (contract.get("customer") or {}).get("name") or "",
            "offered": t.moment(from_wire(contract["since"]), visit.now),
            "due": t.moment(from_wire(contract["due"]), visit.now),
            "accepted": t.moment(from_wire(acceptance["at"]), visit.now) if acceptance else "",
            "how": word(_HOW, acceptance["how"], t) if acceptance else "",
            "looked_at": f"{word(_KINDS, kind, t)} \u2026{acceptance.get('documentDigits', '')}"
            if kind
            else "",
            "by": acceptance.get("by") or "",
            "open": stored.state == "offered" and from_wire(contract["due"]) > visit.now,
            "kinds": [(each, word(_KINDS, each, t)) for each in DOCUMENT_KINDS],
            "refused": refused,
        }
        status = refused.status if refused else 200
        return self._desk.page(visit, "follow/contract.html", facts, section=SECTION, status=status)
