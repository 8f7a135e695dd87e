"""A line of a bulk order: what it asks for, what is wrong with it, and the order it becomes. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from abonent.domain.catalog.rules_sale import (
    QUANTITY,
    Catalogue,
    Choice,
    Offer,
    choices,
    is_sold,
    quantity_of,
)
from abonent.domain.catalog.texts import text_in
from abonent.domain.order_handling.lines import ADD
from abonent.domain.party.rules_contact import Contact, problems
from abonent.kit.errors import N_
from abonent.kit.i18n import LANGUAGES
from abonent.kit.values import ref, to_wire

Document = Mapping[str, Any]
# The last minute of a working day: a day asked for ends then.
DAY_ENDS = time(18, 0)
LONGEST = 200
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y")
_PAIRS = re.compile(r"[;|\n]")
_YES, _NO = frozenset({"true", "yes", "1", "да"}), frozenset({"false", "no", "0", "нет"})


def problem(column: str, text: str, **facts: Any) -> dict[str, Any]:
    """What is wrong with a line: the column it is of, a text with {named} facts."""
    return {"column": column, "text": text, "facts": facts}


@dataclass(slots=True)
class Asked:
    """What a line asks for, as far as it can be read without the network."""

    external_id: str = ""
    offer: Offer | None = None
    quantity: int = 1
    values: dict[str, Any] = field(default_factory=dict)
    requested: datetime | None = None
    contact: str = ""
    site: str = ""
    address: str = ""
    problems: list[dict[str, Any]] = field(default_factory=list)


def offers_by_name(catalogue: Catalogue) -> dict[str, Offer]:
    """Number or name, in every language, in small letters -> offering. A name that two bear leads to none."""
    found: dict[str, Offer | None] = {}
    for offer in catalogue.offers.values():
        names = {text_in(offer.offering, "name", language).casefold() for language in LANGUAGES}
        for name in names - {""}:
            found[name] = None if name in found else offer
    found |= {offer.id.casefold(): offer for offer in catalogue.offers.values()}
    return {name: offer for name, offer in found.items() if offer is not None}


def judge(cells: Mapping[str, str], offers: Mapping[str, Offer], now: datetime, zone: tzinfo) -> Asked:
    """Read a line."""
    found = Asked(site=cells.get("site", ""), address=cells.get("address", ""))
    _external_id(cells.get("externalId", ""), found)
    _offering(cells.get("offering", ""), offers, now, found)
    _date(cells.get("date", ""), now, zone, found)
    _contact(cells.get("contact", ""), found)
    if found.offer is not None:
        _quantity(cells.get("quantity", ""), found.offer, found)
        _values(cells.get("characteristics", ""), found.offer, found)
    if not found.site and not found.address:
        text = N_("Give the address, or its number in the column site.")
        found.problems.append(problem("address", text))
    return found


def _external_id(given: str, found: Asked) -> None:
    found.external_id = given
    if not given:
        text = N_("Give each line a number of your own; it keeps a line from being ordered twice.")
        found.problems.append(problem("externalId", text))
    elif len(given) > LONGEST or not given.isprintable():
        found.problems.append(
            problem("externalId", N_("Use at most {most} letters or digits."), most=LONGEST)
        )


def _offering(given: str, offers: Mapping[str, Offer], now: datetime, found: Asked) -> None:
    offer = offers.get(" ".join(given.split()).casefold())
    if not given:
        found.problems.append(problem("offering", N_("Say which offering is ordered.")))
    elif offer is None:
        text = N_("There is no offering “{given}”. Write its number or name as the catalogue has it.")
        found.problems.append(problem("offering", text, given=given))
    elif not is_sold(offer.offering, now):
        text = N_("“{given}” is not sold now. Choose another one.")
        found.problems.append(problem("offering", text, given=given))
    else:
        found.offer = offer


def _quantity(given: str, offer: Offer, found: Asked) -> None:
    least, most = quantity_of(offer)
    if not given:
        found.quantity = least
        return
    plain = given.removesuffix(".0").removesuffix(",0")
    number = int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 7 else 0
    if not least <= number <= most:
        text = N_("Give a whole number from {least} to {most}.")
        found.problems.append(problem("quantity", text, least=least, most=most))
    else:
        found.quantity = number


def _values(given: str, offer: Offer, found: Asked) -> None:
    known = {choice.name: choice for choice in choices(offer) if choice.name != QUANTITY}
    for pair in filter(None, (part.strip() for part in _PAIRS.split(given))):
        name, equals, text = (part.strip() for part in pair.partition("="))
        choice = known.get(name)
        if not equals or choice is None:
            said = N_("“{given}” is not understood. Write name=value; these may be set: {known}.")
            found.problems.append(problem("characteristics", said, given=pair, known=", ".join(known) or "-"))
            continue
        value = _value(choice, text)
        if value is None:
            allowed = ", ".join(map(str, choice.values)) or _bounds(choice)
            said = N_("{name} cannot be “{given}”. It may be: {allowed}.")
            found.problems.append(problem("characteristics", said, name=name, given=text, allowed=allowed))
        else:
            found.values[name] = value
    for choice in known.values():
        if choice.name not in found.values and choice.default is not None:
            found.values[choice.name] = choice.default
        elif choice.required and choice.name not in found.values:
            said = N_("{name} must be given: write {name}=value.")
            found.problems.append(problem("characteristics", said, name=choice.name))


def _bounds(choice: Choice) -> str:
    if choice.least is None and choice.most is None:
        return choice.value_type
    return f"{'' if choice.least is None else choice.least} - {'' if choice.most is None else choice.most}"


def _value(choice: Choice, given: str) -> Any:
    """The value as it is sent; None where it cannot be."""
    if choice.values:
        return next((v for v in choice.values if str(v).casefold() == given.casefold()), None)
    if choice.value_type == "boolean":
        low = given.casefold()
        return True if low in _YES else False if low in _NO else None
    if choice.value_type != "number":
        return given or None
    try:
        number = Decimal(given.replace(",", "."))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) > 10**12:
        return None
    if (choice.least is not None and number < choice.least) or (
        choice.most is not None and number > choice.most
    ):
        return None
    return int(number) if number == number.to_integral_value() else number


def _date(given: str, now: datetime, zone: tzinfo, found: Asked) -> None:
    if not given:
        return
    day = next((day for form in _DATES if (day := _parsed(given, form)) is not None), None)
    today = now.astimezone(zone).date()
    if day is None:
        text = N_("“{given}” is no date. Write 2026-12-31 or 31.12.2026.")
        found.problems.append(problem("date", text, given=given))
    elif day < today:
        found.problems.append(problem("date", N_("{given} has passed. Give a later day."), given=given))
    elif day.year > today.year + 2:
        found.problems.append(
            problem("date", N_("{given} is more than two years ahead. Give an earlier day."), given=given)
        )
    else:
        found.requested = datetime.combine(day, DAY_ENDS, zone)


def _parsed(given: str, form: str) -> date | None:
    try:
        return datetime.strptime(given, form).date()  # noqa: DTZ007 - a day only
    except ValueError:
        return None


def _contact(given: str, found: Asked) -> None:
    if not given:
        return
    mail = "@" in given
    wrong = problems(Contact(email=given) if mail else Contact(phone=given)).get("email" if mail else "phone")
    if wrong is not None:
        found.problems.append(problem("contact", wrong.text, **wrong.facts))
    found.contact = given


def order_of(line: Document, customer: Document, name: str) -> dict[str, Any]:
    """The product order (TMF622 create) that a checked line becomes: an item for each piece. `name`: of the file."""
    place = {"id": line["address"]["id"], "role": "installationAddress", "@referredType": "GeographicAddress"}
    if line["address"].get("name"):
        place["name"] = line["address"]["name"]
    product: dict[str, Any] = {"place": [place]}
    if values := line.get("characteristic"):
        product["productCharacteristic"] = [{"name": n, "value": v} for n, v in values.items()]
    items = [
        {
            "id": str(number),
            "action": ADD,
            "quantity": 1,
            "productOffering": ref(line["offering"], "ProductOffering"),
            "product": dict(product),
        }
        for number in range(1, line["quantity"] + 1)
    ]
    order: dict[str, Any] = {
        "externalId": line["externalId"],
        "relatedParty": [ref(customer, "Customer", role="customer")],
        "channel": [{"id": "bulkOrder", "name": "Bulk order", "@referredType": "Channel"}],
        "note": [
            {"id": line["bulkOrder"], "author": line["bulkOrder"], "text": f"{name}, line {line['line']}"}
        ],
        "productOrderItem": items,
    }
    for attribute, given in (("requestedCompletionDate", "requested"), ("notificationContact", "contact")):
        if line.get(given):
            order[attribute] = line[given]
    return order


def seen_twice(numbers: Iterable[str]) -> set[str]:
    """External ids that stand in more than one line."""
    seen: set[str] = set()
    return {number for number in numbers if number and (number in seen or seen.add(number))}


def read_line(line: Document, asked: Asked) -> dict[str, Any]:
    """The line with what it asks for."""
    found = dict(line) | {
        "externalId": asked.external_id,
        "quantity": asked.quantity,
        "problem": asked.problems,
    }
    if asked.offer is not None:
        found["offering"] = {"id": asked.offer.id, "name": asked.offer.offering.get("name") or asked.offer.id}
    if asked.values:
        found["characteristic"] = asked.values
    if asked.requested is not None:
        found["requested"] = to_wire(asked.requested)
    if asked.contact:
        found["contact"] = asked.contact
    return found
