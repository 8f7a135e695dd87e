"""The process map with its numbers, in the reader's words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from abonent.faces.console.home.process_map import Drawing, Flow, Station, narrow, wide
from abonent.faces.console.home.standard import titles
from abonent.kit.i18n import NP_, Translator


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the map counts. Messages: sent and failed since midnight. Money: a month, with tax, of open orders."""

    open: int
    at_risk: int
    late: int
    monthly: Decimal
    late_monthly: Decimal
    currency: str
    clients: int
    sent: int
    failed: int


@dataclass(frozen=True, slots=True)
class MapRow:
    """The same as a line of a table."""

    number: str
    title: str
    href: str
    count: str
    at_risk: str
    late: str
    money: str


@dataclass(frozen=True, slots=True)
class MapView:
    """The picture, wide and narrow, what it tells, and its data as a table."""

    wide: Drawing
    narrow: Drawing
    finding: str
    rows: tuple[MapRow, ...]


_NOT_YET = {
    "sla": (NP_("map", "It will measure"), NP_("map", "whether promises are kept.")),
    "problems": (NP_("map", "It will take clients’ troubles"), NP_("map", "and warn before they call.")),
    "retention": (NP_("map", "It will show who may leave"), NP_("map", "and what keeps them.")),
}
# Key, place in the loop, words.
_FLOWS = (
    ("promise", "1", NP_("map", "Promise becomes an SLA")),
    ("counts", "2", NP_("map", "Outage counts against it")),
    ("notice", "3", NP_("map", "Notice")),
    ("credit", "4", NP_("map", "Credit on the bill")),
    ("risk", "5", NP_("map", "Risk recomputed")),
    ("offer", "6", NP_("map", "Offer accepted, new order")),
)


def map_view(numbers: Numbers, t: Translator) -> MapView:
    """The map as it is now."""
    named = titles(t)
    stations = [_orders(numbers, named, t), *(_not_yet(key, named, t) for key in _NOT_YET)]
    told = Flow("told", "", t.gettext("Told how it goes"), used=True)
    flows = [Flow(key, number, t.pgettext(*words)) for key, number, words in _FLOWS]
    clients = [
        t.ngettext("{n} client", "{n} clients", numbers.clients),
        t.ngettext("{n} message sent today", "{n} messages sent today", numbers.sent),
        t.ngettext("{n} did not arrive", "{n} did not arrive", numbers.failed) if numbers.failed else "",
    ]
    shown = [each for each in clients if each]
    return MapView(
        wide(stations, [*flows, told], shown),
        narrow(stations, flows, shown),
        _finding(numbers, t),
        tuple(_rows(stations, numbers, t)),
    )


def _orders(numbers: Numbers, named: Mapping[str, tuple[str, str]], t: Translator) -> Station:
    number, title = named["orders"]
    late = t.ngettext("{n} late", "{n} late", numbers.late)
    if numbers.late and numbers.late_monthly:
        money = t.large_money(numbers.late_monthly, numbers.currency)
        late = t.gettext("{late}, {money} a month", late=late, money=money)
    risk = t.ngettext("{n} at risk of missing its date", "{n} at risk of missing their date", numbers.at_risk)
    return Station(
        "orders",
        title,
        number,
        "/orders/board",
        t.number(numbers.open),
        t.ngettext("order in work", "orders in work", numbers.open),
        t.gettext("{money} a month promised", money=t.large_money(numbers.monthly, numbers.currency)),
        (("risk" if numbers.at_risk else "ok", risk), ("bad" if numbers.late else "ok", late)),
        (
            (max(numbers.open - numbers.at_risk - numbers.late, 0), "soft"),
            (numbers.at_risk, "risk"),
            (numbers.late, "bad"),
        ),
    )


def _not_yet(key: str, named: Mapping[str, tuple[str, str]], t: Translator) -> Station:
    number, title = named[key]
    words = tuple(t.pgettext(*each) for each in _NOT_YET[key])
    return Station(key, title, number, plain=(t.gettext("Not in use yet."), *words))


def _finding(numbers: Numbers, t: Translator) -> str:
    return t.gettext(
        "Process map: {orders} orders in work, {risk} of them at risk and {late} late; "
        "problems, SLA and retention are not in use yet",
        orders=t.number(numbers.open),
        risk=t.number(numbers.at_risk),
        late=t.number(numbers.late),
    )


def _rows(stations: Sequence[Station], numbers: Numbers, t: Translator) -> list[MapRow]:
    rows = []
    for each in sorted(stations, key=lambda station: station.number):
        if each.used:
            money = t.large_money(numbers.monthly, numbers.currency)
            counts = (t.number(numbers.open), t.number(numbers.at_risk), t.number(numbers.late), money)
        else:
            counts = (t.gettext("not in use yet"), "–", "–", "–")
        rows.append(MapRow(each.number, each.title, each.href, *counts))
    return rows
