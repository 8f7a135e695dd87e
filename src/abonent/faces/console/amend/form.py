"""What was typed into the form of an amendment, as the document that is asked for. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from typing import Any

from abonent.domain.catalog.rules_sale import QUANTITY, Catalogue, Choice, Offer, choices, quantity_of
from abonent.domain.order_handling.lines import (
    ADD,
    address_id,
    copied,
    leaves,
    line,
    offering_id,
)
from abonent.domain.order_handling.rules_amendable import Amendable
from abonent.faces.console.order_entry.answers import (
    DAY_ENDS,
    Wrong,
    count_of_form,
    day_of_form,
    value_of,
    written,
)
from abonent.kit.errors import N_
from abonent.kit.values import from_wire, ref, to_wire

Document = dict[str, Any]

START, END, NOTE, FIND = "start", "end", "note", "find"
_DATES = {START: ("requestedStartDate", time(0, 0)), END: ("requestedCompletionDate", DAY_ENDS)}
NOTE_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """An item of the order with what may still change, and the offering that says how."""

    item: Mapping[str, Any]
    may: Amendable
    offer: Offer | None
    leaf: bool

    @property
    def id(self) -> str:
        return str(self.item["id"])

    @property
    def choices(self) -> list[Choice]:
        """Characteristics that may be chosen anew."""
        if self.offer is None or not self.may.values or not self.leaf:
            return []
        return [choice for choice in choices(self.offer) if choice.name != QUANTITY]

    @property
    def quantities(self) -> tuple[int, int]:
        """Least and most that may be asked for; equal where it cannot be chosen. What is one item each already is
        lessened by cancelling items."""
        now = self.item.get("quantity", 1)
        single = self.offer is None or self.item.get("action") != ADD or not self.may.values
        if single or self.offer is None or self.item.get("quoteItem"):
            return now, now
        return now, max(now, quantity_of(self.offer)[1])

    @property
    def place(self) -> str:
        """Id of the address that may be changed; empty where there is none, or it is fixed."""
        return (address_id(self.item) or "") if self.may.place and self.leaf else ""

    def value(self, name: str) -> Any:
        """The present value of a characteristic."""
        found = (self.item.get("product") or {}).get("productCharacteristic") or ()
        return next((each.get("value") for each in found if each.get("name") == name), None)


def lines_of(order: Mapping[str, Any], may: Sequence[Amendable], catalogue: Catalogue) -> list[Line]:
    """The order's items for the form, in their order."""
    alone = {item["id"] for item in leaves(order)}
    return [
        Line(
            item := line(order, each.item),
            each,
            catalogue.offers.get(offering_id(item) or ""),
            each.item in alone,
        )
        for each in may
    ]


def quantity_name(item: str) -> str:
    return f"quantity.{item}"


def value_name(item: str, characteristic: str) -> str:
    return f"value.{item}.{characteristic}"


def place_name(item: str) -> str:
    return f"place.{item}"


@dataclass(frozen=True, slots=True)
class Changed:
    """One change that is asked for: the field, and its value before and after as documents keep it."""

    kind: str
    item: str = ""
    name: str = ""
    was: Any = None
    now: Any = None


@dataclass(slots=True)
class Asked:
    """The order as it is asked for; what changes in it; what is wrong, by the name of the field."""

    order: Document
    changes: list[Changed] = field(default_factory=list)
    wrong: dict[str, Wrong] = field(default_factory=dict)


def read(
    order: Mapping[str, Any],
    lines: Sequence[Line],
    typed: Mapping[str, str],
    addresses: Mapping[str, Mapping[str, Any]],
    now: datetime,
    zone: tzinfo,
    author: str,
) -> Asked:
    """The order with what was typed. A field that was not sent stays as it is. `addresses`: those that may be chosen,
    by id."""
    asked = Asked(copied(order))
    for each in lines:
        target = line(asked.order, each.id)
        _quantity(each, target, typed, asked)
        _values(each, target, typed, asked)
        _place(each, target, typed, addresses, asked)
    for name in (START, END):
        _date(name, typed, now, zone, asked)
    if said := typed.get(NOTE, ""):
        notes = list(asked.order.get("note") or ())
        asked.order["note"] = [*notes, {"text": said, "author": author, "date": to_wire(now)}]
        asked.changes.append(Changed("note", now=said))
    return asked


def _quantity(each: Line, target: Document, typed: Mapping[str, str], asked: Asked) -> None:
    given, was = typed.get(quantity_name(each.id)), each.item.get("quantity", 1)
    least, most = each.quantities
    if not given or least == most:
        return
    number, wrong = count_of_form(given, least, most)
    if wrong is not None:
        asked.wrong[quantity_name(each.id)] = wrong
    elif number != was:
        target["quantity"] = number
        target.pop("itemTotalPrice", None)
        asked.changes.append(Changed("quantity", each.id, was=was, now=number))


def _values(each: Line, target: Document, typed: Mapping[str, str], asked: Asked) -> None:
    for choice in each.choices:
        name = value_name(each.id, choice.name)
        given, was = typed.get(name), each.value(choice.name)
        if given is None or given == ("" if was is None else written(was)):
            continue
        if not given:
            if choice.required:
                asked.wrong[name] = Wrong(N_("Fill this in: it cannot be delivered without."))
                continue
            value, wrong = None, None
        else:
            value, wrong = value_of(choice, given)
        if wrong is not None:
            asked.wrong[name] = wrong
            continue
        product = target.setdefault("product", {})
        others = [c for c in product.get("productCharacteristic") or () if c.get("name") != choice.name]
        kept = [{"name": choice.name, "value": value}] if value is not None else []
        product["productCharacteristic"] = others + kept
        asked.changes.append(Changed("value", each.id, choice.name, was, value))


def _place(
    each: Line,
    target: Document,
    typed: Mapping[str, str],
    addresses: Mapping[str, Mapping[str, Any]],
    asked: Asked,
) -> None:
    wanted = typed.get(place_name(each.id), "")
    if not each.place or not wanted or wanted == each.place:
        return
    found = addresses.get(wanted)
    if found is None:
        asked.wrong[place_name(each.id)] = Wrong(N_("Choose one from the list."))
        return
    places = target["product"]["place"]
    target["product"]["place"] = [
        ref(found, "GeographicAddress", role=place.get("role") or "installationAddress")
        if place.get("id") == each.place
        else place
        for place in places
    ]
    asked.changes.append(Changed("place", each.id, was=each.place, now=wanted))


def day_of(order: Mapping[str, Any], name: str, zone: tzinfo) -> str:
    """A date of the order as the form shows it; empty without one."""
    kept = order.get(_DATES[name][0])
    return from_wire(kept).astimezone(zone).date().isoformat() if kept else ""


def _date(name: str, typed: Mapping[str, str], now: datetime, zone: tzinfo, asked: Asked) -> None:
    attribute, hour = _DATES[name]
    given, was = typed.get(name), day_of(asked.order, name, zone)
    if given is None or given == was:
        return
    if not given:
        asked.changes.append(Changed(name, was=asked.order.pop(attribute)))
        return
    at, wrong = day_of_form(given, hour, now, zone)
    if wrong is not None:
        asked.wrong[name] = wrong
    elif at is not None:
        before = asked.order.get(attribute)
        asked.order[attribute] = to_wire(at)
        asked.changes.append(Changed(name, was=before, now=asked.order[attribute]))
