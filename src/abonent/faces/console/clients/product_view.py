"""A product's page: what it is, what it runs on, which orders changed it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abonent.domain.order_handling.rules_ending import committed_until
from abonent.domain.party.queries_file import ProductFile
from abonent.domain.qualification.texts import address_line
from abonent.faces.console.addresses import client_path
from abonent.faces.console.clients.client_view import Fact, OrderRow, order_row
from abonent.faces.console.clients.labels import (
    CATEGORY,
    PRODUCT,
    RESOURCE,
    SERVICE,
    place_ids,
    product_label,
    since_when,
)
from abonent.faces.console.clients.timeline import TAKEN_OVER
from abonent.faces.console.labels import Label, label, word
from abonent.faces.console.order_parts import prices_of
from abonent.faces.console.terms import SERVICE_NAME
from abonent.faces.console.traits import TRAIT, result_told
from abonent.kit.access import SYSTEM
from abonent.kit.i18n import Translator
from abonent.kit.values import with_role


@dataclass(frozen=True, slots=True)
class Part:
    """A service or a piece of equipment. `traits`: (name, value) of what it was given."""

    id: str
    name: str
    kind: str
    label: Label
    traits: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A move of the product."""

    at: datetime
    label: Label
    detail: str
    by: str


@dataclass(frozen=True, slots=True)
class ProductView:
    """Everything the template of the page shows."""

    id: str
    name: str
    label: Label
    client: str
    client_href: str
    facts: tuple[Fact, ...]
    traits: tuple[tuple[str, str], ...]
    services: tuple[Part, ...]
    path: tuple[Part, ...]
    orders: tuple[OrderRow, ...]
    history: tuple[HistoryLine, ...]


def product_view(
    product: Mapping[str, Any],
    file: ProductFile,
    history: Sequence[Mapping[str, Any]],
    places: Mapping[str, Mapping[str, Any]],
    now: datetime,
    t: Translator,
) -> ProductView:
    """The page of a product."""
    parties = product.get("relatedParty")
    holder = with_role(parties, "customer") or next(iter(parties or ()), None) or {}
    return ProductView(
        id=product["id"],
        name=t.name(product.get("name") or product["id"]),
        label=product_label(product, t),
        client=str(holder.get("name") or holder.get("id") or ""),
        client_href=client_path(str(holder["id"])) if holder.get("id") else "",
        facts=tuple(_facts(product, places, now, t)),
        traits=tuple(_traits(product.get("productCharacteristic"), t)),
        services=tuple(_service(each, t) for each in file.services),
        path=tuple(_equipment(each, t) for each in file.path),
        orders=tuple(order_row(order, now, t) for order in file.orders),
        history=tuple(_history(row, t) for row in history if row["new_state"]),
    )


def _facts(
    product: Mapping[str, Any], places: Mapping[str, Mapping[str, Any]], now: datetime, t: Translator
) -> list[Fact]:
    prices = prices_of([{"itemPrice": product.get("productPrice") or ()}])
    taxed = t.gettext("with tax") if prices.taxed else t.gettext("without tax")
    facts = []
    if prices.monthly is not None:
        facts.append(Fact(t.gettext("A month"), t.money(prices.monthly, prices.currency), taxed))
    if prices.once:
        facts.append(Fact(t.gettext("Once"), t.money(prices.once, prices.currency), taxed))
    begun, ended = since_when(product, "startDate"), since_when(product, "terminationDate")
    if begun:
        facts.append(Fact(t.gettext("Since"), t.day(begun, now)))
    if ended:
        facts.append(Fact(t.gettext("Until"), t.day(ended, now)))
    agreed = committed_until(product)
    if agreed and not ended:
        facts.append(Fact(t.gettext("Agreed until"), t.day(agreed, now)))
    facts += [
        Fact(t.gettext("Connected at"), address_line(places.get(id)) or id) for id in place_ids(product)[:3]
    ]
    offering = product.get("productOffering") or {}
    if offering.get("id"):
        facts.append(
            Fact(t.gettext("Offering"), t.name(offering.get("name") or offering["id"]), str(offering["id"]))
        )
    account = product.get("billingAccount") or {}
    if account.get("id"):
        facts.append(Fact(t.gettext("Account"), str(account["id"])))
    if product.get("productSerialNumber"):
        facts.append(Fact(t.gettext("Serial number"), str(product["productSerialNumber"])))
    return facts


def _traits(found: Any, t: Translator) -> list[tuple[str, str]]:
    """Characteristics with a plain value or a list of such; others have no line to stand in."""
    lines = []
    for each in found or ():
        value = each.get("value")
        if isinstance(value, Mapping):
            value = ", ".join(str(part) for key, part in value.items() if not str(key).startswith("@"))
        elif isinstance(value, list):
            value = ", ".join(str(part) for part in value)
        if each.get("name") and value not in (None, ""):
            lines.append((word(TRAIT, str(each["name"]), t), str(value)))
    return lines


def _service(service: Mapping[str, Any], t: Translator) -> Part:
    specification = service.get("serviceSpecification") or {}
    return Part(
        id=service["id"],
        name=_service_name(str(service.get("name") or specification.get("name") or service["id"]), t),
        kind=str(specification.get("id") or ""),
        label=label(SERVICE, str(service.get("state") or "designed"), t),
        traits=tuple(_traits(service.get("serviceCharacteristic"), t)),
    )


def _service_name(name: str, t: Translator) -> str:
    return word(SERVICE_NAME, name, t)


def _equipment(resource: Mapping[str, Any], t: Translator) -> Part:
    broken = resource.get("operationalState") == "disable"
    state = "alarm" if broken else str(resource.get("resourceStatus") or "unknown")
    return Part(
        id=resource["id"],
        name=result_told(str(resource.get("name") or resource["id"]), t),
        # A port is called so by its name already.
        kind=""
        if resource.get("category") == "port"
        else word(CATEGORY, str(resource.get("category") or ""), t),
        label=label(RESOURCE, state, t),
        traits=tuple(_traits(resource.get("resourceCharacteristic"), t)),
    )


def _history(row: Mapping[str, Any], t: Translator) -> HistoryLine:
    if row.get("attribute") == "customer":
        moved = Label("ok", t.gettext("Given to client {client}", client=row["new_state"]))
    elif row.get("attribute") == "offering":
        names = {"offering": t.name(row["new_state"]), "before": t.name(row["old_state"] or "–")}
        moved = Label("ok", t.gettext("Now {offering}, was {before}", **names))
    else:
        moved = label(PRODUCT, row["new_state"], t)
    return HistoryLine(
        row["at"],
        moved,
        _reason(row["reason"] or "", t),
        "" if row["by"] == SYSTEM.name else row["by"] or "",
    )


def _reason(reason: str, t: Translator) -> str:
    if reason in TAKEN_OVER:
        return t.gettext("taken over from another system")
    return t.retell(reason) if reason else ""
