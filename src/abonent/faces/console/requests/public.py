"""The client's own page of a quote, behind a signed address: read it, accept it, decline it. No account is needed."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from abonent.domain.agreement import documents as quoting
from abonent.domain.agreement import quotes
from abonent.domain.agreement.resources import QUOTE
from abonent.domain.communication.rules import preferences_of
from abonent.domain.order_handling.quoted import order_for
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.domain.qualification.texts import address_line
from abonent.faces.console.desk import Desk, read_form, said, see, typed
from abonent.faces.console.requests.labels import quote_label, speed_text
from abonent.faces.console.signed import no_page, signed_page
from abonent.faces.signed_links import NO_OFFER, QUOTES, SignedQuotes
from abonent.kit.access import Caller, Role
from abonent.kit.context import Context
from abonent.kit.errors import NotFound, Problem
from abonent.kit.i18n import Translator, choose_language
from abonent.kit.values import characteristic

Document = dict[str, Any]
_TEMPLATE = "requests/public.html"


class PublicQuote:
    """Handlers of the signed address. Whoever has it acts as the client of that quote, and of nothing else."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk
        self._links = SignedQuotes(desk.settings.secret)

    async def show(self, request: Request) -> Response:
        try:
            quote, customer = await self._load(request)
        except NotFound as problem:
            return self._none(request, problem)
        return await self._page(request, quote, customer)

    async def take(self, request: Request) -> Response:
        """Accept or decline; asked again it stays as it was. The address carries the secret, so no other token does."""
        try:
            quote, customer = await self._load(request)
        except NotFound as problem:
            return self._none(request, problem)
        form = await read_form(request)
        ctx = self._ctx.for_caller(
            Caller(customer.get("name") or customer["id"], Role.CLIENT, customer["id"])
        )
        reason = typed(form, "reason")
        try:
            if form.get("answer") == "accept":
                await quotes.accept(ctx, quote["id"], how="link")
            elif form.get("answer") == "decline":
                await quotes.decline(ctx, quote["id"], reason, how="link")
        except Problem as problem:
            return await self._page(request, quote, customer, problem, reason)
        return see(request.url.path)

    async def _load(self, request: Request) -> tuple[Document, Document]:
        id = self._links.id_of(request.path_params["token"])
        found = await self._ctx.store.find([(QUOTE, id)])
        stored = found.get((QUOTE.name, id))
        if stored is None:
            raise NotFound("noSuchOffer", NO_OFFER)
        client = quoting.client_of(stored.document)
        customers = await self._ctx.store.find([(CUSTOMER_, client)])
        known = customers.get((CUSTOMER_.name, client))
        return stored.document, known.document if known else {"id": client}

    async def _page(
        self,
        request: Request,
        quote: Document,
        customer: Document,
        problem: Problem | None = None,
        reason: str = "",
    ) -> Response:
        lang = choose_language(request.query_params.get("lang") or preferences_of(customer).language)
        t = self._desk.renderer.translator(lang)
        now = self._desk.settings.clock()
        until = quoting.valid_until(quote)
        over = until is not None and until <= now
        order = await order_for(self._ctx, quote["id"]) if quote["state"] == "accepted" else None
        price = quoting.total_of(quote)
        facts = {
            "quote": quote,
            "label": quote_label(quote, t),
            "client": customer.get("name") or "",
            "once": t.money(price.once, price.currency) if price.once else "",
            "monthly": t.money(price.monthly, price.currency) if price.monthly else "",
            "days": quoting.lead_days(quote),
            "until": t.moment(until, now) if until else "",
            "wishes": await self._wishes(quote, t),
            "open": quote["state"] == "approved" and not over,
            "ran_out": quoting.ran_out(quote) or (quote["state"] == "approved" and over),
            "order": order,
            "problem": said(problem, t) if problem else "",
            "reason": reason,
            "here": request.url.path,
        }
        return signed_page(self._desk, _TEMPLATE, lang, now, facts, problem.status if problem else 200)

    async def _wishes(self, quote: Document, t: Translator) -> list[tuple[str, str]]:
        """What is offered, line by line."""
        product = (quote["quoteItem"][0] or {}).get("product") or {}
        lines = []
        place = next(iter(product.get("place") or ()), {}).get("id")
        found = await self._ctx.store.find([(GEOGRAPHIC_ADDRESS, place)]) if place else {}
        for stored in found.values():
            lines.append((t.gettext("Address"), address_line(stored.document)))
        speed = characteristic(product, "productCharacteristic", "downstream")
        if isinstance(speed, int):
            lines.append((t.gettext("Speed"), speed_text(speed, t)))
        for name, label in ((quoting.SLA, t.gettext("Service level")), (quoting.TERMS, t.gettext("Terms"))):
            said_of = quoting.term_of(quote, name).get("description")
            if said_of:
                lines.append((label, str(said_of)))
        return lines

    def _none(self, request: Request, problem: NotFound) -> Response:
        return no_page(self._desk, request, _TEMPLATE, problem, {"quote": None, "here": QUOTES})
