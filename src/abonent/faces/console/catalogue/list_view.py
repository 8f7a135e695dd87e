"""The list of offerings as its template shows it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from abonent.domain.catalog.rules import related_specifications
from abonent.domain.catalog.rules_sale import Catalogue, Offer, is_sold
from abonent.domain.order_handling.forecast import offer_tasks, soonest
from abonent.faces.console.addresses import offering_path
from abonent.faces.console.catalogue.filters import PAGE_SIZE, Wanted
from abonent.faces.console.labels import Label, Marked, label
from abonent.faces.console.order_entry.words import Words, category_name, with_tax
from abonent.kit.i18n import NP_, Translator

# TMF620 life cycle.
LIFECYCLE: Mapping[str, Marked] = {
    "in study": ("new", NP_("offering", "In study")),
    "in design": ("new", NP_("offering", "In design")),
    "in test": ("new", NP_("offering", "In test")),
    "active": ("ok", NP_("offering", "On sale")),
    "launched": ("ok", NP_("offering", "On sale")),
    "unsold": ("wait", NP_("offering", "Not sold now")),
    "rejected": ("bad", NP_("offering", "Rejected")),
    "retired": ("off", NP_("offering", "Retired")),
    "obsolete": ("off", NP_("offering", "Obsolete")),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """How many addresses a line exists for, by offering that needs one, and how many addresses there are."""

    by_offering: Mapping[str, int]
    addresses: int


@dataclass(frozen=True, slots=True)
class Row:
    """An offering of the list."""

    id: str
    href: str
    name: str
    about: str
    category: str
    label: Label
    monthly: str
    once: str
    reach: str
    made_of: str
    orders: str


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    word: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Column:
    word: str
    href: str
    sorted: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class ListView:
    wanted: Wanted
    rows: tuple[Row, ...]
    sentence: str
    tax: str
    categories: tuple[Choice, ...]
    sales: tuple[Choice, ...]
    columns: tuple[Column, ...]
    filtered: bool
    previous: str
    next: str
    range: str
    all: str


def list_view(
    catalogue: Catalogue,
    wanted: Wanted,
    reach: Reach,
    orders: Mapping[str, int] | None,
    now: datetime,
    t: Translator,
) -> ListView:
    """`orders` None: the reader may not see how often each is ordered."""
    words = Words(catalogue, t)
    found = [o for o in catalogue.offers.values() if _fits(o, wanted, words, now)]
    _sort(found, wanted, words, reach, orders or {})
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(wanted.page, pages)
    start = (page - 1) * PAGE_SIZE
    shown = found[start : start + PAGE_SIZE]
    return ListView(
        wanted=wanted,
        rows=tuple(_row(o, catalogue, reach, orders, now, words) for o in shown),
        sentence=_sentence(len(found), wanted, t),
        tax=with_tax(shown, t),
        categories=tuple(_categories(catalogue, wanted, t)),
        sales=tuple(
            Choice(value, word, wanted.sale == value)
            for value, word in (
                ("all", t.pgettext("catalogue", "all")),
                ("sold", t.gettext("on sale")),
                ("unsold", t.gettext("not on sale")),
            )
        ),
        columns=tuple(_columns(wanted, t, orders is not None)),
        filtered=bool(wanted.words or wanted.category or wanted.sale != "all"),
        previous=wanted.address(page=page - 1) if page > 1 else "",
        next=wanted.address(page=page + 1) if page < pages else "",
        range=f"{t.number(start + 1)}–{t.number(start + len(shown))}" if shown else "",
        all=Wanted().address(),
    )


def _fits(offer: Offer, wanted: Wanted, words: Words, now: datetime) -> bool:
    if wanted.category and wanted.category not in {c.get("id") for c in offer.offering.get("category") or ()}:
        return False
    if wanted.sale != "all" and is_sold(offer.offering, now) != (wanted.sale == "sold"):
        return False
    names = (offer.id, words.offering(offer.id), words.about(offer.id), str(offer.offering.get("name") or ""))
    return all(w in " ".join(names).casefold() for w in wanted.words.casefold().split())


def _sort(found: list[Offer], wanted: Wanted, words: Words, reach: Reach, orders: Mapping[str, int]) -> None:
    if wanted.sort == "name":
        found.sort(key=lambda o: words.offering(o.id).casefold(), reverse=wanted.descending)
    elif wanted.sort == "price":
        found.sort(key=lambda o: o.monthly.amount if o.monthly else Decimal(-1), reverse=wanted.descending)
    elif wanted.sort == "reach":
        found.sort(key=lambda o: reach.by_offering.get(o.id, reach.addresses), reverse=wanted.descending)
    elif wanted.sort == "orders":
        found.sort(key=lambda o: orders.get(o.id, 0), reverse=wanted.descending)
    elif wanted.descending:
        found.reverse()


def _row(
    offer: Offer,
    catalogue: Catalogue,
    reach: Reach,
    orders: Mapping[str, int] | None,
    now: datetime,
    words: Words,
) -> Row:
    t = words.t
    category = next((c for c in offer.offering.get("category") or ()), {})
    known = next((c for c in catalogue.categories if c["id"] == category.get("id")), category)
    return Row(
        offer.id,
        offering_path(offer.id),
        words.offering(offer.id),
        words.about(offer.id),
        category_name(known, t) if known else "",
        sale_label(offer, now, t),
        words.money(offer.monthly),
        words.money(offer.once),
        reach_text(offer, catalogue, reach, t),
        made_of(offer, catalogue, now, words),
        t.number(orders.get(offer.id, 0)) if orders is not None else "",
    )


def sale_label(offer: Offer, now: datetime, t: Translator) -> Label:
    """The state of its life cycle; an active one that is not sold says so."""
    state = str(offer.offering.get("lifecycleStatus") or "Active")
    if state.lower() in {"active", "launched"} and not is_sold(offer.offering, now):
        state = "unsold"
    return label(LIFECYCLE, state.lower() if state.lower() in LIFECYCLE else state, t)


def reach_text(offer: Offer, catalogue: Catalogue, reach: Reach, t: Translator) -> str:
    """1,180 of 1,200, or everywhere; a bundle reaches as far as its part that reaches least."""
    limits = [n for leaf in catalogue.leaves(offer.id) if (n := _reached(leaf, catalogue, reach)) is not None]
    if not limits:
        return t.gettext("everywhere")
    return t.gettext("{n} of {all}", n=t.number(min(limits)), all=t.number(reach.addresses))


def _reached(leaf: Offer, catalogue: Catalogue, reach: Reach, above: tuple[str, ...] = ()) -> int | None:
    """Addresses of a line of its own, else of the offerings over which it works; None: it needs no line."""
    if needs_line(leaf):
        return reach.by_offering.get(leaf.id, 0)
    over = related_specifications(leaf.specification, "dependency")
    any_of = related_specifications(leaf.specification, "alternativedependency")
    found = [
        n
        for specification in (*over, *any_of)
        for other in catalogue.of_specification(specification)
        if other.id not in above and (n := _reached(other, catalogue, reach, (*above, leaf.id))) is not None
    ]
    return max(found, default=None)


def needs_line(offer: Offer) -> bool:
    return bool(((offer.decomposition or {}).get("access") or {}).get("technology"))


def made_of(offer: Offer, catalogue: Catalogue, now: datetime, words: Words) -> str:
    """Its parts, or the number of its steps and how long they take."""
    t = words.t
    if offer.parts:
        return ", ".join(words.offering(part) for part in offer.parts)
    tasks = offer_tasks(catalogue, offer, None, {})
    if not offer.tasks:
        return t.gettext("entered into the inventory")
    ready = (
        soonest([task for task in tasks if task.kind != "workOrder"], now, {}) if not _visits(offer) else None
    )
    length = ready - now if ready else sum((timedelta(minutes=x.minutes) for x in tasks), timedelta())
    return t.ngettext("{n} step, {time}", "{n} steps, {time}", len(tasks), time=t.duration(length))


def _visits(offer: Offer) -> bool:
    return any(task.get("kind") == "workOrder" for task in offer.tasks)


def _sentence(count: int, wanted: Wanted, t: Translator) -> str:
    orders = {
        "category": t.gettext("by category"),
        "name": t.gettext("by name"),
        "price": t.gettext("by price a month"),
        "reach": t.gettext("by addresses reached"),
        "orders": t.gettext("by orders of the last 30 days"),
    }
    return t.ngettext("{n} offering, {order}", "{n} offerings, {order}", count, order=orders[wanted.sort])


def _categories(catalogue: Catalogue, wanted: Wanted, t: Translator) -> list[Choice]:
    each = [Choice(c["id"], category_name(c, t), wanted.category == c["id"]) for c in catalogue.categories]
    return [Choice("", t.pgettext("catalogue", "any"), not wanted.category), *each]


def _columns(wanted: Wanted, t: Translator, orders: bool) -> list[Column]:
    def column(key: str, word: str, numeric: bool = False) -> Column:
        now_sorted = wanted.sort == key
        first = numeric  # the largest first
        descending = not wanted.descending if now_sorted else first
        way = ("descending" if wanted.descending else "ascending") if now_sorted else ""
        return Column(word, wanted.address(sort=key, descending=descending), way, numeric)

    listed = [
        column("name", t.gettext("Offering")),
        column("category", t.gettext("Category")),
        Column(t.gettext("State"), "", ""),
        column("price", t.gettext("A month"), numeric=True),
        Column(t.gettext("Once"), "", "", numeric=True),
        column("reach", t.gettext("Addresses reached"), numeric=True),
        Column(t.gettext("Made of"), "", ""),
    ]
    if orders:
        listed.append(column("orders", t.gettext("Orders, 30 days"), numeric=True))
    return listed
