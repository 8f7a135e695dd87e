"""A new request: for which client and address, what is wanted."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from abonent.domain.party.queries_search import search
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification import engineering
from abonent.domain.qualification.availability import holding
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.domain.qualification.rules_engineering import SPEED
from abonent.domain.qualification.texts import address_line
from abonent.faces.console.addresses import request_path
from abonent.faces.console.desk import Desk, Form, Visit, said, see, typed
from abonent.faces.console.requests.fields import last_moment, whole
from abonent.faces.console.requests.labels import KIND, SECTION
from abonent.faces.console.requests.pages import demand_staff
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput

NEW = "/requests/new"
NO_CLIENT = N_("There is no client {id}. Look for the name or the telephone number.")


class NewRequestPage:
    """The form, shown for ?client=&address= and taken."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def show(self, visit: Visit) -> Response:
        demand_staff(visit.caller)
        return await self._page(visit, visit.query)

    async def take(self, visit: Visit, form: Form) -> Response:
        demand_staff(visit.caller)
        if form.get("do") == "look":
            return await self._page(visit, form)
        ctx = self._ctx.for_caller(visit.caller)
        try:
            made = await engineering.request(ctx, self._document(form, visit))
        except BadInput as problem:
            at = str(problem.facts.get("path") or "")
            return await self._page(visit, form, {at: said(problem, visit.t)}, problem.status)
        return see(request_path(made["id"]))

    def _document(self, form: Form, visit: Visit) -> dict[str, Any]:
        speed = whole(form, "speed", empty=0, most=1_000_000)
        kind, due = typed(form, "kind"), last_moment(form, "dueDate", visit.t.zone)
        if kind not in KIND:
            raise BadInput("kindMissing", N_("Choose what kind of request it is."), path="kind")
        if due is not None and due <= visit.now:
            raise BadInput("duePast", N_("Choose a day that is still to come."), path="dueDate")
        wishes = [{"name": SPEED, "value": speed}] if speed else []
        if sla := typed(form, "sla"):
            wishes.append({"name": "sla", "value": sla})
        return {
            "kind": kind,
            "description": typed(form, "description"),
            "relatedParty": [{"id": typed(form, "client", 100), "role": "customer"}],
            "place": [{"id": typed(form, "address", 100), "role": "installationAddress"}],
            "requestedCharacteristic": wishes,
            **({"dueDate": due.isoformat()} if due else {}),
        }

    async def _page(
        self,
        visit: Visit,
        kept: Mapping[str, str],
        errors: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        ctx = self._ctx.for_caller(visit.caller)
        client, address = typed(kept, "client", 100), typed(kept, "address", 100)
        found = await ctx.store.find(
            each for each in ((CUSTOMER_, client), (GEOGRAPHIC_ADDRESS, address)) if each[1]
        )
        customer, place = found.get((CUSTOMER_.name, client)), found.get((GEOGRAPHIC_ADDRESS.name, address))
        words, look = typed(kept, "place", 200), typed(kept, "q", 200)
        places = dict((await holding(ctx, client)).addresses or {}) if customer else {}
        if place is not None:
            places[place.id] = place.document
        if words:
            hits = (await search(ctx.store, words, None)).addresses
            places |= {hit["id"]: hit for hit in hits}
        clients = (await search(ctx.store, look, None)).clients if look and customer is None else []
        wrong = dict(errors or {})
        if client and customer is None:
            wrong["relatedParty"] = visit.t.gettext(NO_CLIENT, id=client)
        facts = {
            "customer": customer.document if customer else None,
            "clients": clients,
            "places": [(id, address_line(document)) for id, document in places.items()],
            "address": address or (next(iter(places), "") if len(places) == 1 else ""),
            "nowhere": bool(words) and not places,
            "kinds": KIND,
            "typed": {name: typed(kept, name) for name in kept if name != "token"},
            "errors": wrong,
            "here": NEW,
        }
        return self._desk.page(visit, "requests/new.html", facts, section=SECTION, status=status)
