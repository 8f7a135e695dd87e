"""What the page of a new order shows, loaded and judged: client, address, what can be delivered, the forecast."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any

from abonent.domain.catalog.queries_sale import whole_catalogue
from abonent.domain.catalog.rules_sale import Catalogue, Offer, is_sold
from abonent.domain.order_handling.ending import rules_for
from abonent.domain.order_handling.forecast import (
    Forecast,
    Slots,
    forecast,
    free_slots,
    offer_tasks,
    soonest,
    wish_of,
)
from abonent.domain.order_handling.lines import ADD, DELETE, MODIFY
from abonent.domain.order_handling.rules_ending import with_fees
from abonent.domain.order_handling.visits import WORK_ORDER_TASK
from abonent.domain.party.queries_search import Found, search
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.availability import Holding, address, holding, place_at
from abonent.domain.qualification.rules_availability import (
    Available,
    Clash,
    Place,
    availability,
    clashes,
    dependents,
)
from abonent.faces.console.order_entry.answers import Answers, Wrong, judge, written
from abonent.faces.console.order_entry.document import Meant, document, specifications
from abonent.faces.console.order_entry.draft import NOWHERE, Draft, value_field
from abonent.faces.console.order_entry.numbers import NumberChoice, asked, fill, note_chosen
from abonent.faces.console.order_entry.porting import Porting, askable, chosen_here, note_brought
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, NotFound
from abonent.kit.values import from_wire, to_wire

Document = Mapping[str, Any]


@dataclass(slots=True)
class Facts:
    """Everything the page shows. `draft` is what was sent with what follows from it: an only address is chosen.

    customer None   not chosen: `hits` are the clients found
    address         the one chosen; places: those found by words, and whether there are more
    rows            offerings sold, can be delivered or not; soonest: by when each alone
    clashes         chosen offerings that do not go together
    numbers         to be chosen from pools; portings: the client's own that may be brought
    product, also   what a change or cancellation is about; bound: products that end with it, or would be left over
    endings         what ending a product costs and what has to come back, by offering
    order           the body of the order; forecast: what would become of it, once nothing is wrong
    wrong           problems by the name of their field
    """

    draft: Draft
    catalogue: Catalogue = field(default_factory=Catalogue)
    customer: Document | None = None
    hits: Found | None = None
    holding: Holding = field(default_factory=Holding)
    address: Document | None = None
    places: list[dict[str, Any]] = field(default_factory=list)
    more_places: bool = False
    rows: list[Available] = field(default_factory=list)
    soonest: dict[str, datetime | None] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)
    chosen: tuple[Offer, ...] = ()
    answers: Answers = field(default_factory=Answers)
    numbers: tuple[NumberChoice, ...] = ()
    portings: tuple[Porting, ...] = ()
    product: Document | None = None
    bound: tuple[Document, ...] = ()
    parts: tuple[Document, ...] = ()
    endings: Mapping[str, Document] = field(default_factory=dict)
    order: dict[str, Any] | None = None
    forecast: Forecast | None = None
    wrong: dict[str, Wrong] = field(default_factory=dict)

    @property
    def own_addresses(self) -> Mapping[str, Document]:
        return self.holding.addresses or {}


async def load(ctx: Context, draft: Draft, zone: tzinfo, author: str, *, hold: bool = False) -> Facts:
    """The facts for a draft. Whatever is wrong with it stands in `wrong`; nothing raises but a database away.
    `hold`: numbers that were chosen are reserved for a while."""
    facts = Facts(draft)
    if draft.client:
        try:
            facts.customer = (await ctx.store.get(ctx.caller, CUSTOMER_, draft.client)).document
        except NotFound:
            facts.wrong["q"] = Wrong(N_("There is no client {id}. Look for the name or the telephone number."),
                                     {"id": draft.client})  # fmt: skip
    if facts.customer is None:
        if draft.search:
            facts.hits = await search(ctx.store, draft.search, None)
        return facts
    facts.catalogue = await whole_catalogue(ctx.store)
    facts.holding = await holding(ctx, draft.client)
    if draft.action == ADD:
        await _place(ctx, facts)
        if facts.draft.address:
            await _offers(ctx, facts)
    else:
        await _product(ctx, facts)
    facts.answers = judge(facts.draft, _asked_about(facts), ctx.now(), zone)
    facts.wrong |= facts.answers.wrong
    if draft.action == ADD:
        facts.portings = tuple(askable(facts.draft, _asked_about(facts)))
        facts.numbers = chosen_here(asked(facts.draft, _asked_about(facts)), facts.portings)
        facts.wrong |= await fill(ctx, facts.draft, facts.numbers, hold=hold)
        note_chosen(facts.numbers, facts.answers)
        facts.wrong |= await note_brought(ctx, facts.portings, facts.answers)
    if facts.draft.address or facts.product is not None:
        await _forecast(ctx, facts, author)
    return facts


def _asked_about(facts: Facts) -> list[Offer]:
    """Offerings whose fields are shown: the chosen ones and the parts of chosen bundles."""
    found = {o.id: o for o in facts.chosen}
    for offer in facts.chosen:
        found |= {leaf.id: leaf for leaf in facts.catalogue.leaves(offer.id)}
    return list(found.values())


async def _place(ctx: Context, facts: Facts) -> None:
    draft, own = facts.draft, facts.own_addresses
    if not draft.address and not draft.place and len(own) == 1:
        draft = facts.draft = replace(draft, address=next(iter(own)))
    if draft.place:
        found = await search(ctx.store, draft.place, None)
        facts.places, facts.more_places = found.addresses, "addresses" in found.more
        if not facts.places:
            facts.wrong["place"] = Wrong(
                N_("No address fits. Leave a word out, or give the town, the street and the house.")
            )
        elif len(facts.places) == 1 and not draft.address:
            draft = facts.draft = replace(draft, address=facts.places[0]["id"])
    if draft.address in {"", NOWHERE}:
        return
    known = own.get(draft.address) or next((p for p in facts.places if p["id"] == draft.address), None)
    try:
        facts.address = known or await address(ctx, draft.address)
    except BadInput as unknown:
        facts.wrong["place"] = Wrong(unknown.text, unknown.facts)
        facts.draft = replace(draft, address="")


async def _offers(ctx: Context, facts: Facts) -> None:
    """What can be delivered there, what is chosen, and what of that does not go together."""
    catalogue, now = facts.catalogue, ctx.now()
    held = facts.holding.specifications()
    where = await place_at(ctx, facts.address["id"] if facts.address else None, held, facts.customer)
    sold = [o for o in catalogue.offers.values() if is_sold(o.offering, now)]
    facts.rows = availability(catalogue, sold, where)
    facts.chosen = _chosen(facts, [row.offer for row in facts.rows])
    facts.clashes = clashes(catalogue, [o.id for o in facts.chosen], held)
    await _dates(ctx, facts, where)
    by_id = {row.offer.id: row for row in facts.rows}
    for offer in facts.chosen:
        refused = [r for r in by_id[offer.id].reasons if r.code not in {"needsProduct", "excludedBy"}]
        if refused:
            facts.wrong[f"offer.{offer.id}"] = Wrong(refused[0].text, refused[0].facts)
    for clash in facts.clashes:
        facts.wrong.setdefault(f"offer.{clash.offering}", _clash_text(clash))


def _chosen(facts: Facts, sold: list[Offer]) -> tuple[Offer, ...]:
    wanted = set(facts.draft.offers)
    unknown = wanted - {offer.id for offer in sold}
    if unknown:
        facts.wrong["offer"] = Wrong(
            N_("{offering} is not sold now. Choose another offering."),
            {"offering": ", ".join(sorted(unknown))},
        )
    return tuple(offer for offer in sold if offer.id in wanted)


def _clash_text(clash: Clash) -> Wrong:
    facts = {"name": clash.offering, "others": clash.others}
    if clash.code == "needsProduct" and len(clash.others) == 1:
        return Wrong(N_("{name} works only together with {others}. Choose it as well."), facts)
    if clash.code == "needsProduct":
        return Wrong(N_("{name} works only together with {others}. Choose one of them as well."), facts)
    if clash.held:
        return Wrong(
            N_("{name} cannot stand beside {others}, which the client has."),
            facts,
        )
    return Wrong(N_("{name} cannot stand beside {others}. Take one of them out."), facts)


async def _dates(ctx: Context, facts: Facts, where: Place) -> None:
    """By when each offering that can be delivered would be, alone."""
    tasks = {
        row.offer.id: offer_tasks(facts.catalogue, row.offer, where.address, row.nodes)
        for row in facts.rows
        if row.orderable
    }
    wishes = [wish_of(t) for each in tasks.values() for t in each if t.kind == WORK_ORDER_TASK]
    slots: Slots = await free_slots(ctx, wishes) if wishes else {}
    facts.soonest = {id: soonest(each, ctx.now(), slots) for id, each in tasks.items()}


async def _product(ctx: Context, facts: Facts) -> None:
    """The product that is changed or cancelled, with what hangs on it."""
    draft, catalogue = facts.draft, facts.catalogue
    by_id = {p["id"]: p for p in facts.holding.products}
    facts.product = by_id.get(draft.product)
    if facts.product is None:
        facts.wrong["product"] = Wrong(
            N_("This client has no product {id} that could be changed."), {"id": draft.product}
        )
        return
    inside = {
        (r.get("product") or {}).get("id")
        for r in facts.product.get("productRelationship") or ()
        if r.get("relationshipType") == "bundles"
    }
    facts.parts = tuple(by_id[id] for id in by_id if id in inside)
    if draft.action == DELETE:
        held = specifications(facts.holding.products)
        leaving = [draft.product, *(p["id"] for p in facts.parts)]
        left: dict[str, Document] = {}
        for id in leaving:
            left |= {d: by_id[d] for d in dependents(catalogue, id, held) if d not in leaving}
        facts.bound = tuple(left.values())
        if not draft.asked:
            facts.draft = replace(draft, also=tuple(left))
        return
    await _replacements(ctx, facts)


async def _replacements(ctx: Context, facts: Facts) -> None:
    """What a product may become: what it is now, and the offerings that exclude it (another speed of the same)."""
    assert facts.product is not None
    catalogue, now = facts.catalogue, ctx.now()
    present = catalogue.offers.get((facts.product.get("productOffering") or {}).get("id") or "")
    specification = (facts.product.get("productSpecification") or {}).get("id")
    others = [
        o
        for o in catalogue.offers.values()
        if is_sold(o.offering, now) and _rivals(o, specification, present)
    ]
    listed = ([present] if present else []) + others
    places = [p.get("id") for p in facts.product.get("place") or () if p.get("id")]
    held = facts.holding.specifications(besides=[facts.product["id"]])
    where = await place_at(ctx, places[0] if places else None, held, facts.customer)
    facts.rows = availability(catalogue, listed, where, keeps_access=True)
    wanted = set(facts.draft.offers) or ({present.id} if present else set())
    facts.chosen = tuple(row.offer for row in facts.rows if row.offer.id in wanted)[:1]
    # What he has now stands in the fields until something else is typed.
    present_values = {
        value_field(offer.id, c["name"]): written(c.get("value"))
        for offer in facts.chosen
        for c in facts.product.get("productCharacteristic") or ()
    }
    facts.draft = replace(facts.draft, fields=present_values | dict(facts.draft.fields))
    for row in facts.rows:
        if row.offer in facts.chosen and row.reasons:
            facts.wrong[f"offer.{row.offer.id}"] = Wrong(row.reasons[0].text, row.reasons[0].facts)
    if not facts.chosen:
        facts.wrong["offer"] = Wrong(N_("Choose what the product is to become."))


def _rivals(offer: Offer, specification: str | None, present: Offer | None) -> bool:
    def excludes(described: Document | None, other: str | None) -> bool:
        relations = (described or {}).get("productSpecificationRelationship") or ()
        return any(
            r["id"] == other and str(r.get("relationshipType")).lower() == "exclusivity" for r in relations
        )

    if offer.parts or (present is not None and offer.id == present.id):
        return False
    return excludes(offer.specification, specification) or (
        present is not None and excludes(present.specification, offer.specification_id)
    )


async def _forecast(ctx: Context, facts: Facts, author: str) -> None:
    """Make the order of the draft and ask what would become of it, unless something stands against it."""
    draft, customer = facts.draft, facts.customer
    nothing = not facts.chosen if draft.action != DELETE else facts.product is None
    if customer is None or nothing or (draft.action == MODIFY and not changed(facts)):
        return
    chosen_also = tuple(p for p in facts.bound if p["id"] in draft.also)
    meant = Meant(
        customer=customer,
        address=facts.address,
        chosen=facts.chosen,
        answers=facts.answers,
        product=facts.product,
        also=(*chosen_also, *facts.parts),
        author=author,
        at=to_wire(ctx.now()),
    )
    facts.order = document(meant, draft, facts.catalogue)
    if draft.action == DELETE:
        facts.endings = await rules_for(ctx, facts.holding.products)
        by_id = {p["id"]: p for p in facts.holding.products}
        facts.order = with_fees(facts.order, by_id, facts.endings, ctx.now())
    # A date or contact that is wrong does not stand against the sums.
    if any(name not in {"date", "contact", "place"} for name in facts.wrong):
        return
    try:
        facts.forecast = await forecast(ctx, facts.order, _slot(draft.slot))
    except BadInput as refused:
        facts.wrong["offer"] = Wrong(refused.text, refused.facts)


def changed(facts: Facts) -> bool:
    """Whether a change of a product changes anything: its offering or a characteristic."""
    if facts.product is None or not facts.chosen:
        return False
    offer = facts.chosen[0]
    if offer.id != (facts.product.get("productOffering") or {}).get("id"):
        return True
    present = {c["name"]: c.get("value") for c in facts.product.get("productCharacteristic") or ()}
    given = facts.answers.values.get(offer.id, {})
    return any(present.get(name) != value for name, value in given.items())


def _slot(text: str) -> datetime | None:
    try:
        return from_wire(text) if text else None
    except ValueError:
        return None
