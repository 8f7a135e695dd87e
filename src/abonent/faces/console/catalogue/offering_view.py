"""An offering as its page shows it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from abonent.domain.catalog.rules import related_specifications
from abonent.domain.catalog.rules_sale import Catalogue, Offer, choices
from abonent.domain.order_handling.forecast import offer_tasks
from abonent.domain.order_handling.queries_offerings import Demanded
from abonent.faces.console.addresses import offering_path
from abonent.faces.console.catalogue.list_view import Reach, needs_line, reach_text, sale_label
from abonent.faces.console.catalogue.steps import Steps, steps_view
from abonent.faces.console.labels import ACTION, ORDER, Label, label, word
from abonent.faces.console.order_entry.answers import written
from abonent.faces.console.order_entry.words import Words, category_name, with_tax
from abonent.faces.console.terms import CHARACTERISTIC, MEASURE, UNIT
from abonent.faces.console.work.labels import SKILL
from abonent.kit.i18n import Translator
from abonent.kit.values import from_wire

DAYS = 30
_BAR_WIDTH, _BAR_HEIGHT, _GAP = 8, 56, 3


@dataclass(frozen=True, slots=True)
class Named:
    """Another offering, as a link."""

    name: str
    href: str
    monthly: str = ""


@dataclass(frozen=True, slots=True)
class Trait:
    """A characteristic: its value or the values to choose from."""

    name: str
    value: str
    chosen_by_client: bool


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of a test: bounds as text; `unit` of both."""

    test: str
    name: str
    least: str
    most: str
    unit: str


@dataclass(frozen=True, slots=True)
class Work:
    """Work on site that an order brings."""

    name: str
    skill: str
    takes: str
    actions: str


@dataclass(frozen=True, slots=True)
class Relation:
    """What it needs or excludes, in words, with the offerings meant."""

    text: str
    offerings: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """Orders of one day."""

    x: int
    y: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    id: str
    client: str
    label: Label
    ordered: str


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders of the last 30 days: bars by day on a common scale, counts by state, the newest."""

    count: int
    said: str
    bars: tuple[Bar, ...]
    width: int
    height: int
    most: str
    first: str
    last: str
    states: tuple[tuple[Label, str], ...]
    newest: tuple[OrderRow, ...]
    all: str


@dataclass(frozen=True, slots=True)
class OfferingView:
    id: str
    name: str
    about: str
    category: str
    label: Label
    monthly: str
    once: str
    tax: str
    reach: str
    access: str
    sold_since: str
    traits: tuple[Trait, ...]
    parts: tuple[Named, ...]
    saving: str
    apart: str
    inside: tuple[Named, ...]
    relations: tuple[Relation, ...]
    deliveries: tuple[tuple[str, Steps], ...]
    limits: tuple[Limit, ...]
    works: tuple[Work, ...]
    orders: Orders | None
    staff: bool


def offering_view(
    catalogue: Catalogue,
    offer: Offer,
    reach: Reach,
    demanded: Demanded | None,
    now: datetime,
    t: Translator,
    *,
    staff: bool,
) -> OfferingView:
    """`staff`: how it is delivered and ordered is shown too."""
    words = Words(catalogue, t)
    leaves = list(catalogue.leaves(offer.id))
    category = next((c for c in offer.offering.get("category") or ()), {})
    known = next((c for c in catalogue.categories if c["id"] == category.get("id")), category)
    saving = catalogue.saving(offer.id)
    return OfferingView(
        id=offer.id,
        name=words.offering(offer.id),
        about=words.about(offer.id),
        category=category_name(known, t) if known else "",
        label=sale_label(offer, now, t),
        monthly=words.money(offer.monthly),
        once=words.money(offer.once),
        tax=with_tax([offer], t),
        reach=reach_text(offer, catalogue, reach, t),
        access=_access(leaves, t),
        sold_since=_since(offer, now, t),
        traits=tuple(_traits(leaves, offer, words)),
        parts=tuple(_named(part, catalogue, words) for part in offer.parts),
        saving=words.money(saving),
        apart=t.money(saving.amount + offer.monthly.amount, saving.currency)
        if saving and offer.monthly
        else "",
        inside=tuple(
            _named(o.id, catalogue, words) for o in catalogue.offers.values() if offer.id in o.parts
        ),
        relations=tuple(_relations(offer, catalogue, words)),
        deliveries=tuple(_deliveries(leaves, offer, catalogue, words)) if staff else (),
        limits=tuple(_limits(leaves, offer, words)) if staff else (),
        works=tuple(_works(leaves, t)) if staff else (),
        orders=_orders(demanded, offer, now, t) if demanded is not None else None,
        staff=staff,
    )


def _named(id: str, catalogue: Catalogue, words: Words) -> Named:
    offer = catalogue.offers.get(id)
    return Named(words.offering(id), offering_path(id), words.money(offer.monthly) if offer else "")


def _access(leaves: Iterable[Offer], t: Translator) -> str:
    """GPON, at least 300 Mbit/s; nothing when no line is needed."""
    found = []
    for leaf in leaves:
        if needs_line(leaf):
            access = (leaf.decomposition or {}).get("access") or {}
            named = " / ".join(access.get("technology") or ())
            found.append(
                t.gettext(
                    "{technology}, {mbps} Mbit/s", technology=named, mbps=access.get("downstreamMbps") or 0
                )
            )
    return "; ".join(dict.fromkeys(found))


def _since(offer: Offer, now: datetime, t: Translator) -> str:
    period = offer.offering.get("validFor") or {}
    begins, ends = period.get("startDateTime"), period.get("endDateTime")
    if begins and ends:
        return f"{t.day(from_wire(begins), now)} – {t.day(from_wire(ends), now)}"
    if ends:
        return t.gettext("until {day}", day=t.day(from_wire(ends), now))
    return t.gettext("since {day}", day=t.day(from_wire(begins), now)) if begins else ""


def _traits(leaves: Sequence[Offer], top: Offer, words: Words) -> list[Trait]:
    t, found = words.t, []
    for leaf in leaves:
        prefix = f"{words.offering(leaf.id)}: " if leaf.id != top.id else ""
        asked = {choice.name: choice for choice in choices(leaf)}
        for each in (leaf.specification or {}).get("productSpecCharacteristic") or ():
            name = str(each.get("description") or word(CHARACTERISTIC, str(each.get("name") or "–"), t))
            listed = each.get("productSpecCharacteristicValue") or ()
            values = [written(v["value"]) for v in listed if v.get("value") is not None]
            unit = next((str(v["unitOfMeasure"]) for v in listed if v.get("unitOfMeasure")), "")
            choice = asked.get(each.get("name") or "")
            value = ", ".join(values)
            if choice and choice.most is not None:
                value = t.gettext("from {least} to {most}", least=choice.least or 0, most=choice.most)
            found.append(Trait(prefix + name, f"{value} {unit}".strip() or "–", choice is not None))
    return found


def _relations(offer: Offer, catalogue: Catalogue, words: Words) -> list[Relation]:
    """What it needs and excludes; of a bundle what its parts do, unless another part of it gives it."""
    t, leaves = words.t, list(catalogue.leaves(offer.id))
    inside = {s for leaf in leaves if (s := leaf.specification_id)}
    needs: list[str] = []
    any_of: list[str] = []
    excludes: list[str] = []
    for leaf in leaves:
        needs += [s for s in related_specifications(leaf.specification, "dependency") if s not in inside]
        one_of = related_specifications(leaf.specification, "alternativedependency")
        any_of += one_of if inside.isdisjoint(one_of) else ()
        excludes += [s for s in related_specifications(leaf.specification, "exclusivity") if s not in inside]
    needing = [o.id for o in catalogue.offers.values() if inside.intersection(_needed(o)) and not offer.parts]
    found = []
    for text, ids in (
        (t.gettext("Works only together with"), _sold_as(needs, catalogue)),
        (t.gettext("Works only together with one of"), _sold_as(any_of, catalogue)),
        (t.gettext("Cannot stand beside"), _sold_as(excludes, catalogue)),
        (t.gettext("Is needed by"), needing),
    ):
        if ids:
            found.append(Relation(text, tuple(_named(id, catalogue, words) for id in ids)))
    return found


def _sold_as(specifications: Iterable[str], catalogue: Catalogue) -> list[str]:
    return list(dict.fromkeys(o.id for s in specifications for o in catalogue.of_specification(s)))


def _needed(offer: Offer) -> tuple[str, ...]:
    needs = related_specifications(offer.specification, "dependency")
    return needs + related_specifications(offer.specification, "alternativedependency")


def _deliveries(
    leaves: Sequence[Offer], top: Offer, catalogue: Catalogue, words: Words
) -> Iterable[tuple[str, Steps]]:
    """A picture for each thing delivered; the heading is empty when it is the offering itself."""
    for leaf in leaves:
        tasks = offer_tasks(catalogue, leaf, None, {})
        raw = {f"1.{task['id']}": task for task in leaf.tasks}
        steps = steps_view(tasks, raw, words.t)
        if steps is not None:
            yield words.offering(leaf.id) if leaf.id != top.id else "", steps


def _limits(leaves: Iterable[Offer], top: Offer, words: Words) -> Iterable[Limit]:
    t = words.t
    for leaf in leaves:
        for task in leaf.tasks:
            spec = task.get("spec") or {}
            if task.get("kind") != "serviceTest":
                continue
            name = t.pick(task.get("name") or task["id"])
            test = name if leaf.id == top.id else f"{words.offering(leaf.id)}: {name}"
            for limit in spec.get("limits") or ():
                yield Limit(
                    test,
                    word(MEASURE, str(limit.get("name") or "–"), t),
                    _bound(limit.get("min"), t),
                    _bound(limit.get("max"), t),
                    word(UNIT, str(limit.get("unit") or ""), t),
                )


def _bound(value: Any, t: Translator) -> str:
    """A bound as short as it is: 285, -0.5."""
    if not isinstance(value, int | float | Decimal):
        return "–"
    exact = Decimal(str(value)).normalize()
    return t.number(exact, max(0, -int(exact.as_tuple().exponent)))


def _works(leaves: Iterable[Offer], t: Translator) -> Iterable[Work]:
    for leaf in leaves:
        for task in leaf.tasks:
            if task.get("kind") == "workOrder":
                skill = (task.get("spec") or {}).get("skill")
                takes = t.duration(timedelta(minutes=float(task.get("minutes") or 0)))
                yield Work(
                    t.pick(task.get("name") or task["id"]),
                    word(SKILL, str(skill), t) if skill else "–",
                    takes,
                    ", ".join(word(ACTION, action, t) for action in task.get("action") or ()),
                )


def _orders(demanded: Demanded, offer: Offer, now: datetime, t: Translator) -> Orders:
    today = t.local(now).date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    most = max([1, *demanded.days.values()])
    states = sorted(demanded.states.items(), key=lambda each: -each[1])
    name = str(offer.offering.get("name") or offer.id)
    return Orders(
        count=demanded.count,
        said=t.ngettext("{n} order in the last 30 days", "{n} orders in the last 30 days", demanded.count),
        bars=tuple(
            _bar(n, day, demanded.days.get(day.isoformat(), 0), most, t) for n, day in enumerate(days)
        ),
        width=DAYS * (_BAR_WIDTH + _GAP),
        height=_BAR_HEIGHT,
        most=t.number(most),
        first=_day(days[0], t),
        last=_day(days[-1], t),
        states=tuple((label(ORDER, state, t), t.number(count)) for state, count in states),
        newest=tuple(
            OrderRow(o.id, o.client, label(ORDER, o.state, t), t.near(from_wire(o.ordered), now))
            for o in demanded.newest
        ),
        all=_all_orders(name),
    )


def _all_orders(name: str) -> str:
    return "/orders?" + urlencode({"offering": name})


def _bar(place: int, day: date, count: int, most: int, t: Translator) -> Bar:
    height = round(_BAR_HEIGHT * count / most, 1)
    title = t.ngettext("{day}: {n} order", "{day}: {n} orders", count, day=_day(day, t))
    return Bar(place * (_BAR_WIDTH + _GAP), round(_BAR_HEIGHT - height, 1), height, title)


def _day(day: date, t: Translator) -> str:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=t.zone)
    return t.day(noon, noon)
