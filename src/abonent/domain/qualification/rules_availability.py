"""Which offerings can be delivered at an address to a client, and why the others cannot. Pure.

The same rule decides that decides on orders (rules.qualify); here it is asked for the whole catalogue at once, before
anything is ordered.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from abonent.domain.catalog.rules import related_specifications, specification_id
from abonent.domain.catalog.rules_sale import Catalogue, Offer
from abonent.domain.party.rules_contact import is_organization
from abonent.domain.qualification.rules import (
    BUSINESS,
    HOME,
    AccessPath,
    Demand,
    Feasibility,
    Reason,
    qualify,
)


def demand_of(
    offering: Mapping[str, Any],
    decomposition: Mapping[str, Any] | None,
    relations: Mapping[str, Any] | None = None,
    *,
    specification: str | None = None,
    keeps_access: bool = False,
) -> Demand:
    """What an offering needs, from the catalogue's documents: its decomposition says which access, its
    specification (`relations`) what it cannot be without or beside."""
    access = (decomposition or {}).get("access") or {}
    return Demand(
        offering=offering["id"],
        name=offering.get("name") or offering["id"],
        specification=specification or specification_id(offering),
        technologies=tuple(access.get("technology") or ()),
        downstream_mbps=access.get("downstreamMbps") or 0,
        requires=related_specifications(relations, "dependency"),
        excludes=related_specifications(relations, "exclusivity"),
        requires_any=related_specifications(relations, "alternativedependency"),
        keeps_access=keeps_access,
        segments=tuple(each["id"] for each in offering.get("marketSegment") or ()),
    )


def segment_of(customer: Mapping[str, Any] | None) -> str:
    """The market segment of a client; empty while there is none."""
    if customer is None:
        return ""
    return BUSINESS if is_organization(customer) else HOME


def offer_demand(offer: Offer, *, keeps_access: bool = False) -> Demand:
    """What an offer of the catalogue needs."""
    return demand_of(offer.offering, offer.decomposition, offer.specification, keeps_access=keeps_access)


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is wanted and by whom: an address (None: not chosen), what reaches it, specifications the client has,
    his market segment (empty: any)."""

    address: str | None = None
    paths: Sequence[AccessPath] = ()
    held: Collection[str] = ()
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Available:
    """Whether one offering can be delivered.

    eligible      it can, as things are
    with_one_of   it can, if one of these offerings is ordered with it
    reasons       why not; empty when it can, also when only together with another
    alternatives  ids of offerings that can be delivered instead
    nodes         access node for each part that needs a line, by offering id
    """

    offer: Offer
    eligible: bool
    with_one_of: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    alternatives: tuple[str, ...] = ()
    nodes: Mapping[str, str] = field(default_factory=dict)

    @property
    def orderable(self) -> bool:
        return not self.reasons


def availability(
    catalogue: Catalogue, offers: Iterable[Offer], place: Place, *, keeps_access: bool = False
) -> list[Available]:
    """The answer for each of `offers`, in their order. `keeps_access`: they would replace a product that has its
    line."""
    listed = list(offers)
    leaves = {leaf.id: leaf for offer in listed for leaf in catalogue.leaves(offer.id)}
    demands = {id: offer_demand(leaf, keeps_access=keeps_access) for id, leaf in leaves.items()}
    alone = {
        id: qualify(demand, place.address, place.paths, place.held, demands.values(), place.segment)
        for id, demand in demands.items()
    }
    return [_available(catalogue, offer, place, demands, alone) for offer in listed]


def _available(
    catalogue: Catalogue,
    offer: Offer,
    place: Place,
    demands: Mapping[str, Demand],
    alone: Mapping[str, Feasibility],
) -> Available:
    leaves = list(catalogue.leaves(offer.id))
    inside = [s for leaf in leaves if (s := leaf.specification_id)]
    answers: dict[str, Feasibility] = {}
    for leaf in leaves:
        beside = [s for s in inside if s != leaf.specification_id]
        answers[leaf.id] = (
            qualify(
                demands[leaf.id], place.address, place.paths, [*place.held, *beside], segment=place.segment
            )
            if beside
            else alone[leaf.id]
        )
    failed = tuple(r for answer in answers.values() for r in answer.reasons if not r.ok)
    if not failed:
        nodes = {id: answer.path.node for id, answer in answers.items() if answer.path}
        return Available(offer, True, nodes=nodes)
    if all(r.code == "needsProduct" for r in failed):
        partners = _partners(catalogue, [demands[leaf.id] for leaf in leaves], {*place.held, *inside}, alone)
        if partners:
            nodes = {id: answer.path.node for id, answer in answers.items() if answer.path}
            return Available(offer, False, with_one_of=partners, nodes=nodes)
    others = alone[leaves[0].id].alternatives if len(leaves) == 1 else _bundles(catalogue, leaves, alone)
    # What the client has already is no offer to him.
    fresh = tuple(id for id in others if catalogue.offers[id].specification_id not in place.held)
    return Available(offer, False, reasons=failed, alternatives=fresh)


def _partners(
    catalogue: Catalogue, demands: Iterable[Demand], owned: Collection[str], alone: Mapping[str, Feasibility]
) -> tuple[str, ...]:
    """Offerings of which one, ordered besides, gives all that is missing; empty if none of them can be delivered.

    Where several different ones are missing, one alone does not do: then there are none.
    """
    missing: list[set[str]] = []
    for demand in demands:
        missing += [{needed} for needed in demand.requires if needed not in owned]
        if demand.requires_any and set(demand.requires_any).isdisjoint(owned):
            missing.append(set(demand.requires_any))
    common = set.intersection(*missing) if missing else set()
    fitting = [
        o.id for s in common for o in catalogue.of_specification(s) if o.id in alone and alone[o.id].eligible
    ]
    return tuple(id for id in catalogue.offers if id in fitting)


def _bundles(
    catalogue: Catalogue, leaves: Iterable[Offer], alone: Mapping[str, Feasibility]
) -> tuple[str, ...]:
    """Instead of a bundle: those of its parts that can be delivered by themselves, and what stands in for its line."""
    found = [leaf.id for leaf in leaves if alone[leaf.id].eligible]
    found += [id for leaf in leaves for id in alone[leaf.id].alternatives]
    return tuple(id for id in catalogue.offers if id in found)


@dataclass(frozen=True, slots=True)
class Clash:
    """A chosen offering that does not go with the rest: codes needsProduct (`others`: one of them would do) or
    excludedBy (`others`: what it cannot stand beside; `held` when the client has it, else it is chosen too)."""

    offering: str
    code: str
    others: tuple[str, ...]
    held: bool = False


def clashes(catalogue: Catalogue, chosen: Iterable[str], held: Collection[str]) -> list[Clash]:
    """What is wrong between the chosen offerings, and between them and what the client has."""
    leaves = [(top, leaf) for top in chosen for leaf in catalogue.leaves(top)]
    found: list[Clash] = []
    for top, leaf in leaves:
        demand = offer_demand(leaf)
        beside = {s for _, other in leaves if other.id != leaf.id and (s := other.specification_id)}
        sold_as = {s: tuple(o.id for o in catalogue.of_specification(s)) for s in
                   (*demand.requires, *demand.requires_any, *demand.excludes)}  # fmt: skip
        owned = {*held, *beside}
        for needed in demand.requires:
            if needed not in owned:
                found.append(Clash(top, "needsProduct", sold_as[needed] or (needed,)))
        if demand.requires_any and owned.isdisjoint(demand.requires_any):
            one_of = tuple(o for s in demand.requires_any for o in sold_as[s]) or demand.requires_any
            found.append(Clash(top, "needsProduct", one_of))
        for rival in demand.excludes:
            if rival in owned:
                named = sold_as[rival] or (rival,)
                found.append(Clash(top, "excludedBy", named, held=rival not in beside))
    return _once(found)


def _once(found: Iterable[Clash]) -> list[Clash]:
    return list(dict.fromkeys(found))


def dependents(catalogue: Catalogue, product: str, held: Mapping[str, str]) -> tuple[str, ...]:
    """Products that would be left without what they need if `product` ended. `held`: product id -> specification."""
    staying = {s for id, s in held.items() if id != product}
    gone = held.get(product)
    left: list[str] = []
    for id, specification in held.items():
        described = catalogue.specifications.get(specification)
        if id == product or described is None:
            continue
        needs = related_specifications(described, "dependency")
        any_of = related_specifications(described, "alternativedependency")
        lost = gone in needs and gone not in staying
        if lost or (gone in any_of and staying.isdisjoint(any_of)):
            left.append(id)
    return tuple(left)
