"""Answering qualifications (TMF679 offerings, TMF645 services) at once, by the rules an order is assessed with."""

from typing import Any

from abonent.domain.catalog.queries import access_offerings, decompositions, decompositions_with_service
from abonent.domain.catalog.resources import PRODUCT_OFFERING, PRODUCT_SPECIFICATION
from abonent.domain.catalog.rules import specification_id
from abonent.domain.inventory import held_ports
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.queries import access_paths, held_products
from abonent.domain.qualification.resources import CHECK_SERVICE_QUALIFICATION, PRODUCT_OFFERING_QUALIFICATION
from abonent.domain.qualification.rules import AccessPath, Demand, Feasibility, qualify
from abonent.domain.qualification.rules_availability import demand_of, segment_of
from abonent.domain.qualification.rules_holding import expiry, holder_of, pool_asked, with_reservation
from abonent.kit.context import Context
from abonent.kit.errors import N_, Forbidden
from abonent.kit.values import to_wire, with_role

Document = dict[str, Any]


async def catalogue_demands(ctx: Context) -> list[Demand]:
    """Demands of every offering that needs an access line: the candidates for alternatives."""
    return [
        demand_of(offering, decomposition) for offering, decomposition in await access_offerings(ctx.store)
    ]


async def qualify_offering(ctx: Context, document: Document) -> Document:
    """Answer a qualification request: state done, a result an item with reasons and alternatives.

    An item whose offering the catalogue does not have is answered terminatedWithError; the others are answered.
    """
    asked = document.get("productOfferingQualificationItem") or []
    ids = [(i.get("productOffering") or {}).get("id") or "" for i in asked]
    offerings = await ctx.store.find((PRODUCT_OFFERING, id) for id in ids if id)
    specs = {s for o in offerings.values() if (s := specification_id(o.document))}
    relations = await ctx.store.find((PRODUCT_SPECIFICATION, s) for s in sorted(specs))
    by_specification = await decompositions(ctx.store, specs)
    document = for_whom(ctx, document)
    client = with_role(document.get("relatedParty"), "customer") or {}
    held = [s for p in await held_products(ctx.store, client.get("id", "")) if (s := specification_id(p))]
    customer = await ctx.store.one(CUSTOMER_, client["id"]) if client.get("id") else None
    segment = segment_of(customer.document if customer else None)
    number = await ctx.store.next_id(PRODUCT_OFFERING_QUALIFICATION)
    pools = await _pools(ctx, asked)
    answered, kept = [], []
    for item, id in zip(asked, ids, strict=True):
        stored = offerings.get((PRODUCT_OFFERING.name, id))
        if stored is None:
            error = {
                "id": "unknownProductOffering",
                "value": f"There is no product offering {id or '(none named)'}.",
            }
            answered.append({**item, "state": "terminatedWithError", "terminationError": [error]})
            continue
        spec = specification_id(stored.document) or ""
        relation = relations.get((PRODUCT_SPECIFICATION.name, spec))
        demand = demand_of(
            stored.document,
            by_specification.get(spec),
            relation.document if relation else None,
            keeps_access=item.get("action", "add") != "add",
        )
        address = _address(item) or _address(document)
        answer, paths, made = await _judged(ctx, demand, address, held, segment, item, pools, number)
        kept += [made] if made else []
        if not answer.eligible and document.get("provideAlternative", True):
            answer = qualify(demand, address, paths, held, await catalogue_demands(ctx), segment)
        answered.append(
            _answered(with_reservation(item, made) if pool_asked(item) is not None else item, answer)
        )
    return await _keep(ctx, document, answered, number, expiry(kept))


async def _pools(ctx: Context, items: list[Document]) -> dict[str, Document]:
    """The pools of ports that items name to have one held. Forbidden for a client: it is the operator's to promise."""
    asked = {pool for item in items if (pool := pool_asked(item)) is not None}
    if asked and not ctx.caller.staff:
        raise Forbidden("heldByStaff", N_("A port is held by staff; ask without naming a pool."))
    return {pool: await held_ports.terms(ctx, pool) for pool in sorted(asked)}


async def _judged(
    ctx: Context,
    demand: Demand,
    address: str | None,
    held: list[str],
    segment: str,
    item: Document,
    pools: dict[str, Document],
    number: str,
) -> tuple[Feasibility, list[AccessPath], Document | None]:
    """The answer to an item, the ways there, and the port that is held for it where it asks for one. Whoever loses the
    last port to another at that moment is answered as it stands then."""
    pool = pools.get(pool_asked(item) or "")
    while True:
        paths = (await access_paths(ctx.store, [address])).get(address, []) if address else []
        answer = qualify(demand, address, paths, held, segment=segment)
        if pool is None or not answer.eligible or answer.path is None or demand.keeps_access:
            return answer, paths, None
        made = await held_ports.hold(ctx, answer.path.node, pool, holder_of(number, str(item["id"])))
        if made is not None:
            return answer, paths, made


def for_whom(ctx: Context, document: Document) -> Document:
    """A client asks for himself: whatever he names, the answer reads his products and is his to see."""
    if ctx.caller.owner is None:
        return document
    return {
        **document,
        "relatedParty": [{"id": ctx.caller.owner, "role": "customer", "@referredType": "Customer"}],
    }


def _address(holder: Document) -> str | None:
    places = (holder.get("product") or holder).get("place") or []
    return places[0].get("id") if places else None


def _answered(item: Document, answer: Feasibility) -> Document:
    done = {
        **item,
        "state": "done",
        "qualificationItemResult": "qualified" if answer.eligible else "unqualified",
    }
    if not answer.eligible:
        done["eligibilityUnavailabilityReason"] = _why_not(answer)
        done["alternateProductOfferingProposal"] = [
            {"id": str(n), "alternateProductOffering": {"id": o}}
            for n, o in enumerate(answer.alternatives, 1)
        ]
    return done


def _why_not(answer: Feasibility) -> list[Document]:
    return [{"code": r.code, "label": r.text.format(**r.facts)} for r in answer.reasons if not r.ok]


async def _keep(
    ctx: Context, document: Document, items: list[Document], number: str, expires: str | None
) -> Document:
    now = ctx.now()
    failed = items and all(i["state"] == "terminatedWithError" for i in items)
    results = [i.get("qualificationItemResult") == "qualified" for i in items]
    new = {
        **document,
        "id": number,
        **({"expirationDate": expires} if expires else {}),
        "productOfferingQualificationItem": items,
        "productOfferingQualificationDate": to_wire(now),
        "effectiveQualificationDate": to_wire(now),
        "state": "terminatedWithError" if failed else "done",
        "qualificationResult": _overall(results),
    }
    change = ctx.change()
    change.insert(PRODUCT_OFFERING_QUALIFICATION, new)
    await ctx.store.commit(change)
    return new


async def check_service(ctx: Context, document: Document) -> Document:
    """Answer a service qualification check: state done, a result an item, with the reasons where it is not qualified.

    What a service needs of the access network stands in the decompositions that activate it; it is qualified when
    one of them can be carried at the place. A service no decomposition knows is answered with a termination error.
    """
    document = for_whom(ctx, document)
    items = [await _checked(ctx, item) for item in document["serviceQualificationItem"]]
    now = to_wire(ctx.now())
    new = {
        **document,
        "id": await ctx.store.next_id(CHECK_SERVICE_QUALIFICATION),
        "serviceQualificationItem": items,
        "checkServiceQualificationDate": now,
        "effectiveQualificationDate": now,
        "state": "terminatedWithError" if all(i["state"] == "terminatedWithError" for i in items) else "done",
        "qualificationResult": _overall([i.get("qualificationResult") == "qualified" for i in items]),
    }
    change = ctx.change()
    change.insert(CHECK_SERVICE_QUALIFICATION, new)
    await ctx.store.commit(change)
    return new


def _overall(results: list[bool]) -> str:
    return "qualified" if results and all(results) else "unqualified"


async def _checked(ctx: Context, item: Document) -> Document:
    service = item.get("service") or {}
    wanted = (service.get("serviceSpecification") or {}).get("id") or ""
    decompositions = await decompositions_with_service(ctx.store, wanted)
    if not decompositions:
        told = f"No product activates the service specification {wanted or '(none named)'}."
        error = {"id": "unknownServiceSpecification", "value": told}
        return {**item, "state": "terminatedWithError", "terminationError": [error]}
    address = _address({"product": service})
    paths = (await access_paths(ctx.store, [address])).get(address, []) if address else []
    named = {"id": wanted, "name": service.get("name") or wanted}
    answers = [qualify(demand_of(named, d), address, paths, ()) for d in decompositions]
    best = next((a for a in answers if a.eligible), answers[0])
    return {
        **item,
        "state": "done",
        "qualificationResult": _overall([best.eligible]),
        **({} if best.eligible else {"eligibilityUnavailabilityReason": _why_not(best)}),
    }
