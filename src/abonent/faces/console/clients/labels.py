"""How the states and kinds of this room are shown: tones and words, as data (see console/labels)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from abonent.faces.console.labels import Label, Marked, label
from abonent.faces.console.plan_model import instant
from abonent.kit.i18n import NP_, Translator
from abonent.kit.values import amount_of

PRODUCT: Mapping[str, Marked] = {
    "created": ("new", NP_("product", "Not begun")),
    "pendingActive": ("run", NP_("product", "Being connected")),
    "active": ("ok", NP_("product", "Works")),
    "suspended": ("wait", NP_("product", "Suspended")),
    "pendingTerminate": ("run", NP_("product", "Being ceased")),
    "terminated": ("off", NP_("product", "Ceased")),
    "cancelled": ("off", NP_("product", "Cancelled")),
    "aborted": ("bad", NP_("product", "Not connected")),
}
GONE = frozenset({"terminated", "cancelled", "aborted"})
SERVICE: Mapping[str, Marked] = {
    "feasibilityChecked": ("new", NP_("service", "Feasible")),
    "designed": ("new", NP_("service", "Designed")),
    "reserved": ("new", NP_("service", "Reserved")),
    "inactive": ("wait", NP_("service", "Off")),
    "active": ("ok", NP_("service", "On")),
    "terminated": ("off", NP_("service", "Ceased")),
}
RESOURCE: Mapping[str, Marked] = {
    "alarm": ("bad", NP_("resource", "Alarm")),
    "available": ("ok", NP_("resource", "Free")),
    "installed": ("ok", NP_("resource", "Installed")),
    "not exists": ("off", NP_("resource", "Does not exist")),
    "pendingRemoval": ("wait", NP_("resource", "To be removed")),
    "planned": ("new", NP_("resource", "Planned")),
    "reserved": ("run", NP_("resource", "In use")),
    "standby": ("wait", NP_("resource", "Stands by")),
    "suspended": ("wait", NP_("resource", "Suspended")),
    "unknown": ("wait", NP_("resource", "Not known")),
}
CATEGORY: Mapping[str, tuple[str, str]] = {
    "port": NP_("equipment", "port"),
    "accessNode": NP_("equipment", "access node"),
    "aggregationNode": NP_("equipment", "aggregation node"),
    "cabinet": NP_("equipment", "cabinet"),
    "splitter": NP_("equipment", "splitter"),
    "cable": NP_("equipment", "cable"),
    "phoneNumber": NP_("equipment", "telephone number"),
    "simCard": NP_("equipment", "SIM card"),
}
KIND: Mapping[str, tuple[str, str]] = {
    "home": NP_("client kind", "home"),
    "business": NP_("client kind", "business"),
}
LANGUAGE: Mapping[str, tuple[str, str]] = {
    "en": NP_("language", "English"),
    "ru": NP_("language", "Russian"),
}
CHANNEL: Mapping[str, tuple[str, str]] = {
    "email": NP_("channel", "e-mail"),
    "SMS": NP_("channel", "SMS"),
}
# Fields of the contact data, as the history names them.
FIELD: Mapping[str, tuple[str, str]] = {
    "email": NP_("contact", "E-mail"),
    "phone": NP_("contact", "Telephone"),
    "channel": NP_("contact", "Messages go by"),
    "language": NP_("contact", "Language"),
    "street": NP_("contact", "Street and house"),
    "city": NP_("contact", "Town"),
    "postcode": NP_("contact", "Postcode"),
}


def product_label(product: Mapping[str, Any], t: Translator) -> Label:
    """The state of a product; a working one says nothing about since when."""
    return label(PRODUCT, str(product.get("status") or "created"), t)


def place_ids(product: Mapping[str, Any]) -> list[str]:
    """Ids of the addresses of a product."""
    return [str(place["id"]) for place in product.get("place") or () if place.get("id")]


def since_when(document: Mapping[str, Any], *names: str) -> Any:
    """The first instant that the document has under one of these names, or None."""
    return next((at for name in names if (at := instant(document.get(name)))), None)


def arrears(accounts: Sequence[Mapping[str, Any]]) -> tuple[Decimal, str]:
    """What is owed over all accounts that are in arrears, and the currency."""
    owed, currency = Decimal(0), "RUB"
    for account in accounts:
        if account.get("paymentStatus") != "in arrears":
            continue
        for balance in account.get("accountBalance") or ():
            amount = balance.get("amount")
            if balance.get("balanceType") == "receivableBalance" and amount:
                owed += amount_of(amount)
                currency = amount.get("unit") or currency
    return owed, currency


def shown_phone(phone: str) -> str:
    """A Russian number in groups, +7 999 000-00-12; any other as it is kept."""
    digits = phone.removeprefix("+")
    if phone.startswith("+7") and len(digits) == 11 and digits.isdigit():
        return f"+7\u00a0{digits[1:4]}\u00a0{digits[4:7]}-{digits[7:9]}-{digits[9:]}"
    return phone
