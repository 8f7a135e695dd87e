"""A client's own first page: his orders that are on their way, and what he has. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abonent.faces.console.addresses import order_path
from abonent.faces.console.home.lines import title
from abonent.faces.console.home.work import Stand
from abonent.faces.console.labels import ORDER, Label, Marked, label
from abonent.kit.i18n import NP_, Translator

PRODUCT: Mapping[str, Marked] = {
    "created": ("new", NP_("product", "Being prepared")),
    "pendingActive": ("new", NP_("product", "Being prepared")),
    "active": ("ok", NP_("product", "Works")),
    "suspended": ("wait", NP_("product", "Suspended")),
    "pendingTerminate": ("wait", NP_("product", "Is being ceased")),
    "terminated": ("off", NP_("product", "Ceased")),
    "cancelled": ("off", NP_("product", "Cancelled")),
    "aborted": ("off", NP_("product", "Not provided")),
}


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """An order of the client that is not finished; tone as of a late or endangered promise."""

    href: str
    title: str
    label: Label
    promised: str
    tone: str


@dataclass(frozen=True, slots=True)
class OwnProduct:
    """Something the client has."""

    name: str
    number: str
    label: Label


def own_orders(stands: Sequence[Stand], now: datetime, t: Translator) -> list[OwnOrder]:
    """His open orders, the nearest promise first."""
    tones = {"critical": "bad", "hazard": "risk"}
    return [
        OwnOrder(
            order_path(each.order.id),
            title(each.order, t),
            label(ORDER, each.order.state, t),
            t.near(each.order.promised, now) if each.order.promised else t.gettext("not yet"),
            tones.get(each.danger or "", ""),
        )
        for each in stands
    ]


def own_products(documents: Sequence[Mapping[str, Any]], t: Translator) -> list[OwnProduct]:
    """What he has, without what has ended."""
    ended = ("terminated", "cancelled", "aborted")
    return [
        OwnProduct(
            t.name(each.get("name") or (each.get("productOffering") or {}).get("name") or each["id"]),
            str(each["id"]),
            label(PRODUCT, str(each.get("status") or "created"), t),
        )
        for each in documents
        if each.get("status") not in ended
    ]
