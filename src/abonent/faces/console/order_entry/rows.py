"""The offerings on the page: what can be delivered with its fields, and what cannot with its reasons. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from abonent.domain.catalog.rules_sale import QUANTITY, Choice, Offer, choices, quantity_of
from abonent.domain.order_handling.lines import ADD, MODIFY
from abonent.domain.party.rules_contact import is_organization
from abonent.domain.qualification.rules_availability import Available
from abonent.faces.console.labels import word
from abonent.faces.console.order_entry.answers import written
from abonent.faces.console.order_entry.document import monthly_of
from abonent.faces.console.order_entry.draft import Draft, quantity_field, value_field
from abonent.faces.console.order_entry.facts import Facts
from abonent.faces.console.order_entry.numbers import NumberChoice, spoken
from abonent.faces.console.order_entry.porting import Porting
from abonent.faces.console.order_entry.words import Words, category_name, signed
from abonent.faces.console.terms import CHARACTERISTIC
from abonent.kit.i18n import Translator


@dataclass(frozen=True, slots=True)
class Option:
    """A radio button, an option of a list, or a link (`value` is its address)."""

    value: str
    word: str
    chosen: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A quantity or a characteristic. kind: select, number, checkbox or text."""

    name: str
    label: str
    kind: str
    value: str = ""
    options: tuple[Option, ...] = ()
    least: int | None = None
    most: int | None = None
    unit: str = ""
    required: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An offering that can be delivered."""

    id: str
    name: str
    about: str
    monthly: str
    once: str
    promised: str
    chosen: bool
    error: str = ""
    notes: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    numbers: tuple["Numbers", ...] = ()
    difference: str = ""
    instead: tuple[Option, ...] = ()
    changes: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number to be chosen: those that are free, found by their last digits."""

    name: str
    label: str
    ending_name: str
    ending: str
    options: tuple[Option, ...]
    kept: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """An offering that cannot be delivered, why, and what could be instead (as links)."""

    id: str
    name: str
    reasons: tuple[str, ...]
    alternatives: tuple[Option, ...]


def groups(facts: Facts, words: Words, now: datetime) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """Offerings that can be delivered, and those chosen that cannot, by their category."""
    chosen = {offer.id for offer in facts.chosen}
    marked = {leaf.id for each in facts.chosen for leaf in (each, *facts.catalogue.leaves(each.id))}
    names = {c["id"]: category_name(c, words.t) for c in facts.catalogue.categories}
    grouped: dict[str, list[Row]] = {}
    for row in facts.rows:
        if not row.orderable and row.offer.id not in chosen:
            continue
        category = next((c.get("id") for c in row.offer.offering.get("category") or ()), None) or ""
        grouped.setdefault(category, []).append(_row(row, facts, words, now, row.offer.id in chosen, marked))
    ordered = sorted(grouped, key=lambda c: list(names).index(c) if c in names else len(names))
    return tuple((str(names.get(c) or ""), tuple(grouped[c])) for c in ordered)


def _row(row: Available, facts: Facts, words: Words, now: datetime, chosen: bool, marked: set[str]) -> Row:
    """`marked`: all that is chosen, with the parts of bundles."""
    offer, t = row.offer, words.t
    wrong = facts.wrong.get(f"offer.{offer.id}")
    soonest = soonest_of(row, facts, marked)
    asked = [leaf for leaf in (offer, *facts.catalogue.leaves(offer.id)) if chosen]
    fields = [f for each in {o.id: o for o in asked}.values() for f in _fields(each, offer, facts, words)]
    portings = [p for p in facts.portings if p.offering in {o.id for o in asked}]
    fields += [f for each in portings for f in _porting_fields(each, facts, words)]
    promised = near(soonest, now, t) if soonest else ""
    if row.orderable and not soonest and facts.draft.action == ADD:
        promised = t.gettext("no crew is free for two weeks")
    return Row(
        offer.id,
        words.offering(offer.id),
        words.about(offer.id),
        words.money(offer.monthly),
        words.money(offer.once),
        promised,
        chosen,
        words.wrong(wrong) if wrong else "",
        (*_notes(row, facts, words, chosen, marked), *(_days(p, facts, words) for p in portings if p.wanted)),
        tuple(fields),
        tuple(_numbers(c, facts, words, now) for c in facts.numbers if c.offering in {o.id for o in asked}),
        _difference(offer, facts, words),
        _instead(row, facts, words) if wrong else (),
        tuple(_changes(offer, facts, words)),
    )


def soonest_of(row: Available, facts: Facts, marked: set[str]) -> datetime | None:
    """By when it could be ready: not before what it works only together with, of that what is chosen, else the first
    of it that could be."""
    own, needed = facts.soonest.get(row.offer.id), set(row.with_one_of)
    if own is None or not needed or facts.draft.action != ADD:
        return own
    others = [facts.soonest.get(id) for id in needed & marked or needed]
    first = min((each for each in others if each), default=None)
    return max(own, first) if first else None


def near(at: datetime, now: datetime, t: Translator) -> str:
    """today, 14:20 or 26 Nov, 14:20."""
    if t.local(at).date() == t.local(now).date():
        return t.gettext("today, {time}", time=t.time(at))
    return t.moment(at, now)


def _notes(row: Available, facts: Facts, words: Words, chosen: bool, marked: set[str]) -> list[str]:
    offer, t, notes = row.offer, words.t, []
    if offer.parts:
        parts = ", ".join(words.offering(part) for part in offer.parts)
        saving = facts.catalogue.saving(offer.id)
        told = t.gettext("Made of: {parts}.", parts=parts)
        if saving:
            told += " " + t.gettext("{money} a month less than apart.", money=words.money(saving))
        notes.append(told)
    if facts.draft.action == ADD:
        if row.with_one_of and not chosen and marked.isdisjoint(row.with_one_of):
            names = words.one_of(words.offering(id) for id in row.with_one_of)
            if len(row.with_one_of) == 1:
                notes.append(t.gettext("Only together with {other}: choose it as well.", other=names))
            else:
                notes.append(t.gettext("Only together with {others}: choose one as well.", others=names))
        ids = {leaf.id for leaf in facts.catalogue.leaves(offer.id)} | {offer.id}
        has = [p["id"] for p in facts.holding.products if (p.get("productOffering") or {}).get("id") in ids]
        if has:
            notes.append(t.gettext("The client has it already: {products}.", products=", ".join(has)))
    elif (facts.product or {}).get("productOffering", {}).get("id") == offer.id:
        notes.append(t.gettext("This is what the client has now."))
    return notes


def _held_of(offer: Offer, facts: Facts) -> list[str]:
    """Ids of the client's products of this very offering, without the parts of a bundle."""
    return [p["id"] for p in facts.holding.products if (p.get("productOffering") or {}).get("id") == offer.id]


def _changes(offer: Offer, facts: Facts, words: Words) -> list[Option]:
    """Links to change what the client has of this offering, for who meant that and not one more."""
    if facts.draft.action != ADD or offer.parts:
        return []
    draft = facts.draft
    return [
        Option(
            Draft(client=draft.client, product=id).address_of(action=MODIFY),
            words.t.gettext("change {product}", product=id),
        )
        for id in _held_of(offer, facts)
    ]


def _difference(offer: Offer, facts: Facts, words: Words) -> str:
    """A month more or less than the product costs now."""
    if facts.draft.action != MODIFY or facts.product is None or offer.monthly is None:
        return ""
    present = monthly_of(facts.product, facts.catalogue)
    return signed(
        offer.monthly.amount - (present.amount if present else Decimal(0)), offer.monthly.currency, words.t
    )


def _fields(offer: Offer, top: Offer, facts: Facts, words: Words) -> list[Field]:
    """Quantity (of what is ordered itself) and the characteristics that may be chosen."""
    fields = []
    least, most = quantity_of(offer)
    if most > 1 and offer.id == top.id and facts.draft.action == ADD:
        name = quantity_field(offer.id)
        fields.append(
            Field(
                name,
                words.t.gettext("How many"),
                "number",
                facts.draft.fields.get(name) or str(facts.answers.quantities.get(offer.id, least)),
                least=least,
                most=most,
                error=words.wrong(facts.wrong[name]) if name in facts.wrong else "",
            )
        )
    for choice in choices(offer):
        if choice.name != QUANTITY:
            fields.append(_field(choice, offer, top, facts, words))
    return fields


def _porting_fields(asked: Porting, facts: Facts, words: Words) -> list[Field]:
    """Whether the client keeps his number; where he does, which one it is and where it is now."""
    t = words.t
    kept = "true" if asked.wanted else ""
    fields = [Field(asked.field, t.gettext("Keep the number of another operator"), "checkbox", kept)]
    if not asked.wanted:
        return fields
    wrong = facts.wrong.get(asked.number_field)
    number = Field(
        asked.number_field, t.gettext("Number that is brought"), "text", asked.number, required=True,
        error=words.wrong(wrong) if wrong and asked.number else "",
    )  # fmt: skip
    donor = Field(asked.donor_field, t.gettext("Its operator now"), "text", asked.donor)
    owner = Field(asked.owner_field, t.gettext("In whose name, if another"), "text", asked.owner)
    return [*fields, number, donor, owner]


def _days(asked: Porting, facts: Facts, words: Words) -> str:
    days = asked.terms.days(business=is_organization(facts.customer))
    return words.t.ngettext(
        "The number comes within {n} day; until then the client uses his present SIM card.",
        "The number comes within {n} days; until then the client uses his present SIM card.",
        days,
    )


def _numbers(choice: NumberChoice, facts: Facts, words: Words, now: datetime) -> Numbers:
    values = [v for v in (choice.chosen, *choice.free) if v]
    options = [Option("", words.t.gettext("any free one"), not choice.chosen)]
    options += [Option(v, spoken(v), v == choice.chosen) for v in dict.fromkeys(values)]
    kept = (
        words.t.gettext("Kept for this order until {time}.", time=near(choice.until, now, words.t))
        if choice.until
        else ""
    )
    return Numbers(
        choice.field,
        word(CHARACTERISTIC, choice.characteristic, words.t),
        choice.ending_field,
        choice.ending,
        tuple(options),
        kept,
        words.wrong(facts.wrong[choice.field]) if choice.field in facts.wrong else "",
    )


def _field(choice: Choice, offer: Offer, top: Offer, facts: Facts, words: Words) -> Field:
    name = value_field(offer.id, choice.name)
    value = facts.draft.fields.get(name)
    if value is None:
        value = "" if choice.default is None else written(choice.default)
    described = (offer.specification or {}).get("productSpecCharacteristic") or ()
    about = next((d.get("description") for d in described if d.get("name") == choice.name), None)
    label = str(about or word(CHARACTERISTIC, choice.name, words.t))
    if offer.id != top.id:
        label = f"{words.offering(offer.id)}: {label}"
    kind = {"number": "number", "boolean": "checkbox"}.get(choice.value_type, "text")
    options: tuple[Option, ...] = ()
    if choice.values:
        kind = "select"
        options = tuple(value_option(v, value, choice.unit, words.t) for v in choice.values)
        if not choice.required and choice.default is None:
            options = (Option("", words.t.gettext("not chosen"), not value), *options)
    return Field(
        name, label, kind, value, options, choice.least, choice.most, choice.unit, choice.required,
        words.wrong(facts.wrong[name]) if name in facts.wrong else "",
    )  # fmt: skip


def value_option(value: Any, chosen: str, unit: str, t: Translator) -> Option:
    """A value that the catalogue offers for a characteristic."""
    text = written(value)
    word = {"true": t.gettext("yes"), "false": t.gettext("no")}.get(text, text)
    return Option(text, f"{word} {unit}".strip(), text == chosen)


def refused(row: Available, facts: Facts, words: Words) -> Refused:
    """An offering that cannot be delivered."""
    reasons = tuple(dict.fromkeys(words.reason(reason) for reason in row.reasons))
    return Refused(row.offer.id, words.offering(row.offer.id), reasons, _instead(row, facts, words))


def _instead(row: Available, facts: Facts, words: Words) -> tuple[Option, ...]:
    """Links to what could be delivered instead; what stands in the way may be a product that can be changed into it."""
    draft = facts.draft
    links: list[Option] = []
    rivals = {r.facts.get("rival") for r in row.reasons if r.code == "excludedBy"}
    if draft.action == ADD and not row.offer.parts:
        for product in facts.holding.products:
            if (product.get("productSpecification") or {}).get("id") in rivals:
                text = words.t.gettext("change {product} into it", product=words.product(product))
                change = Draft(client=draft.client, product=product["id"])
                links.append(Option(change.address_of(action=MODIFY, offers=(row.offer.id,)), text))
    others = [o for o in draft.offers if o != row.offer.id]
    for id in row.alternatives:
        links.append(Option(draft.address_of(offers=(*dict.fromkeys([*others, id]),)), words.offering(id)))
    return tuple(links)
