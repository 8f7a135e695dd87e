"""What was typed, judged: quantities, characteristics, date, contact. Pure; each problem stands at its field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from abonent.domain.catalog.rules_sale import QUANTITY, Choice, Offer, choices, quantity_of
from abonent.domain.party.rules_contact import Contact, problems
from abonent.faces.console.order_entry.draft import Draft, quantity_field, value_field
from abonent.kit.errors import N_

# A day that the client names ends for us with the working day.
DAY_ENDS = time(18, 0)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a field and how to mend it: a text with {named} facts."""

    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Answers:
    """What the fields mean; `wrong` by the name of the field.

    quantities by offering, values (characteristic -> value) by offering; requested is the end of the day asked for
    """

    quantities: dict[str, int] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    requested: datetime | None = None
    wrong: dict[str, Wrong] = field(default_factory=dict)


def judge(draft: Draft, offers: Iterable[Offer], now: datetime, zone: tzinfo) -> Answers:
    """Read what was typed about these offers, the date and the contact."""
    found = Answers()
    for offer in offers:
        _quantity(draft, offer, found)
        _values(draft, offer, found)
    _date(draft, now, zone, found)
    _contact(draft, found)
    return found


def _quantity(draft: Draft, offer: Offer, found: Answers) -> None:
    least, most = quantity_of(offer)
    name = quantity_field(offer.id)
    given = draft.fields.get(name, "")
    found.quantities[offer.id], wrong = count_of_form(given, least, most) if given else (least, None)
    if wrong is not None:
        found.wrong[name] = wrong


def count_of_form(given: str, least: int, most: int) -> tuple[int, Wrong | None]:
    """The quantity that was typed; the least with what is wrong, if it is none from `least` to `most`."""
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
    if number is None or not least <= number <= most:
        return least, Wrong(N_("Give a whole number from {least} to {most}."), {"least": least, "most": most})
    return number, None


def _values(draft: Draft, offer: Offer, found: Answers) -> None:
    values: dict[str, Any] = {}
    for choice in choices(offer):
        if choice.name == QUANTITY:
            continue
        name = value_field(offer.id, choice.name)
        given = draft.fields.get(name)
        if given is None:
            # Not shown yet: as the catalogue says.
            given = "" if choice.default is None else written(choice.default)
        if not given:
            if choice.required:
                found.wrong[name] = Wrong(N_("Fill this in: it cannot be delivered without."))
            continue
        value, wrong = value_of(choice, given)
        if wrong is not None:
            found.wrong[name] = wrong
        else:
            values[choice.name] = value
    if values:
        found.values[offer.id] = values


def value_of(choice: Choice, given: str) -> tuple[Any, Wrong | None]:
    """What was typed as a value of the characteristic, or what is wrong with it."""
    if choice.values:
        for value in choice.values:
            if written(value) == given:
                return value, None
        return None, Wrong(N_("Choose one from the list."))
    if choice.value_type == "boolean":
        return given in {"true", "1", "on"}, None
    if choice.value_type != "number":
        return given, None
    try:
        number = Decimal(given.replace(",", ".").replace("\u00a0", "").replace(" ", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > 10**12:
        return None, Wrong(N_("Give a number."))
    if (choice.least is not None and number < choice.least) or (
        choice.most is not None and number > choice.most
    ):
        if choice.most is None:
            return None, Wrong(N_("Give a number from {least}."), {"least": choice.least})
        facts = {"least": choice.least or 0, "most": choice.most}
        return None, Wrong(N_("Give a number from {least} to {most}."), facts)
    return int(number) if number == number.to_integral_value() else number, None


def written(value: Any) -> str:
    """A value of a characteristic as it stands in a form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _date(draft: Draft, now: datetime, zone: tzinfo, found: Answers) -> None:
    if not draft.date:
        return
    found.requested, wrong = day_of_form(draft.date, DAY_ENDS, now, zone)
    if wrong is not None:
        found.wrong["date"] = wrong


def day_of_form(given: str, hour: time, now: datetime, zone: tzinfo) -> tuple[datetime | None, Wrong | None]:
    """This hour of the day that was typed, or what is wrong with it."""
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return None, Wrong(N_("This is no date. Choose one, or leave the field empty."))
    today = now.astimezone(zone).date()
    if day < today:
        return None, Wrong(N_("This day has passed. Choose today or a later day."))
    if day.year > today.year + 2:
        return None, Wrong(N_("This is more than two years ahead. Choose an earlier day."))
    return datetime.combine(day, hour, zone), None


def _contact(draft: Draft, found: Answers) -> None:
    if not draft.contact:
        return
    mail = "@" in draft.contact
    typed = Contact(email=draft.contact) if mail else Contact(phone=draft.contact)
    wrong = problems(typed).get("email" if mail else "phone")
    if wrong is not None:
        found.wrong["contact"] = Wrong(wrong.text, wrong.facts)
