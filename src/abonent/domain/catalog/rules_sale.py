"""What is on sale, as one value: offerings with their prices, specification, decomposition and parts. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from abonent.domain.catalog.rules import Document, price_of, specification_id
from abonent.kit.values import Money, from_wire

# TMF620 life cycle states in which an offering is sold; one without a state is.
_SOLD_STATES = frozenset({"", "active", "launched"})
QUANTITY = "quantity"


@dataclass(frozen=True, slots=True)
class Choice:
    """A characteristic that whoever orders may set.

    values  those allowed, as they are sent; empty: any of the type
    least, most  bounds of a number; unit: what it is counted in
    """

    name: str
    value_type: str
    values: tuple[Any, ...] = ()
    default: Any = None
    least: int | None = None
    most: int | None = None
    unit: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """An offering with what belongs to it. Prices are with tax, of which `tax_rate` (percent) may be told; `parts` are
    ids of the offerings of a bundle."""

    offering: Document
    specification: Document | None = None
    decomposition: Document | None = None
    monthly: Money | None = None
    once: Money | None = None
    parts: tuple[str, ...] = ()
    tax_rate: Decimal | None = None

    @property
    def id(self) -> str:
        return self.offering["id"]

    @property
    def specification_id(self) -> str | None:
        return specification_id(self.offering)

    @property
    def tasks(self) -> list[Any]:
        return (self.decomposition or {}).get("task") or []


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All offerings by id, in the order of their categories; categories; names of specifications by id."""

    offers: Mapping[str, Offer] = field(default_factory=dict)
    categories: tuple[Document, ...] = ()
    specifications: Mapping[str, Document] = field(default_factory=dict)

    def of_specification(self, specification: str) -> list[Offer]:
        """The offerings that sell a specification."""
        return [o for o in self.offers.values() if o.specification_id == specification]

    def leaves(self, offering: str, above: tuple[str, ...] = ()) -> Iterator[Offer]:
        """What is delivered when an offering is ordered: itself, or the parts of a bundle, all levels down."""
        offer = self.offers.get(offering)
        if offer is None or offering in above:
            return
        if not offer.parts:
            yield offer
        for part in offer.parts:
            yield from self.leaves(part, (*above, offering))

    def saving(self, offering: str) -> Money | None:
        """What a bundle's monthly price is below the sum of its parts'; None where it is not."""
        bundle = self.offers[offering]
        if not bundle.parts or bundle.monthly is None:
            return None
        each = [leaf.monthly for leaf in self.leaves(offering)]
        total = sum((m.amount for m in each if m), start=bundle.monthly.amount * 0)
        less = total - bundle.monthly.amount
        return Money(less, bundle.monthly.currency) if less > 0 else None


def catalogue(
    offerings: Iterable[Document],
    specifications: Mapping[str, Document],
    decompositions: Mapping[str, Document],
    prices: Mapping[str, Document],
    categories: Iterable[Document],
) -> Catalogue:
    """Put together what the catalogue's resources say. Decompositions by specification id, the others by their own.

    Categories with most offerings over a line of ours come first, as what else is sold hangs on one. Offerings stand in
    the order in which categories name them; those of none come last.
    """
    lines = {s for s, document in decompositions.items() if document.get("access")}
    known = list(offerings)
    with_line = {o["id"] for o in known if specification_id(o) in lines}
    listed = sorted(
        categories,
        key=lambda c: (
            -sum(r["id"] in with_line for r in c.get("productOffering") or ()),
            c.get("name") or "",
        ),
    )
    place: dict[str, int] = {}
    for category in listed:
        for reference in category.get("productOffering") or ():
            place.setdefault(reference["id"], len(place))
    ordered = sorted(known, key=lambda o: (place.get(o["id"], len(place)), o["id"]))
    made = {}
    for offering in ordered:
        specification = specification_id(offering) or ""
        parts = [b["id"] for b in offering.get("bundledProductOffering") or () if b.get("id")]
        made[offering["id"]] = Offer(
            offering,
            specifications.get(specification),
            decompositions.get(specification),
            price_of(offering, prices, "recurring"),
            price_of(offering, prices, "oneTime"),
            tuple(parts) if offering.get("isBundle") else (),
            _tax_rate(offering, prices),
        )
    return Catalogue(made, tuple(listed), dict(specifications))


def _tax_rate(offering: Document, prices: Mapping[str, Document]) -> Decimal | None:
    """The rate that all prices of an offering tell; None where they tell none or several."""
    rates = set()
    for reference in offering.get("productOfferingPrice") or ():
        price = prices.get(reference.get("id") or "") or reference
        told = [t.get("taxRate") for t in price.get("tax") or ()] or [
            (price.get("price") or {}).get("taxRate")
        ]
        rates |= set(told)
    rate = rates.pop() if len(rates) == 1 else None
    return Decimal(str(rate)) if rate is not None else None


def is_sold(offering: Document, now: datetime) -> bool:
    """Whether an offering is sold at `now`: sellable, active and within its dates."""
    period = offering.get("validFor") or {}
    begins, ends = period.get("startDateTime"), period.get("endDateTime")
    return (
        offering.get("isSellable") is not False
        and str(offering.get("lifecycleStatus") or "").lower() in _SOLD_STATES
        and not (begins and from_wire(begins) > now)
        and not (ends and from_wire(ends) <= now)
    )


def choices(offer: Offer) -> list[Choice]:
    """The characteristics of an offering that may be set when it is ordered."""
    described = (offer.specification or {}).get("productSpecCharacteristic") or ()
    return [_choice(each) for each in described if each.get("configurable") and each.get("name")]


def _choice(described: Document) -> Choice:
    listed = described.get("productSpecCharacteristicValue") or ()
    values = tuple(each["value"] for each in listed if each.get("value") is not None)
    chosen = [each["value"] for each in listed if each.get("isDefault") and each.get("value") is not None]
    bounds = next((each for each in listed if each.get("valueFrom") is not None or each.get("valueTo")), {})
    return Choice(
        name=described["name"],
        value_type=_type_of(described, values),
        # A range with a default value is not a list of one value.
        values=() if bounds else values,
        default=chosen[0] if chosen else None,
        least=bounds.get("valueFrom"),
        most=bounds.get("valueTo"),
        unit=next((str(each["unitOfMeasure"]) for each in listed if each.get("unitOfMeasure")), ""),
        required=(described.get("minCardinality") or 0) > 0,
    )


def _type_of(described: Document, values: tuple[Any, ...]) -> str:
    told = str(described.get("valueType") or "").lower()
    if told in {"boolean", "number", "integer", "string"}:
        return "number" if told == "integer" else told
    if values and all(isinstance(v, bool) for v in values):
        return "boolean"
    if values and all(isinstance(v, int | float | Decimal) and not isinstance(v, bool) for v in values):
        return "number"
    return "string"


def quantity_of(offer: Offer) -> tuple[int, int]:
    """Least and most of it that one order may ask for: what the configurable characteristic `quantity` says, else 1."""
    for choice in choices(offer):
        if choice.name == QUANTITY:
            return choice.least or 1, choice.most or max((int(v) for v in choice.values), default=1)
    return 1, 1
