"""How a client is reached: read from his document, checked as typed, laid over the document. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from abonent.kit.errors import N_, BadInput
from abonent.kit.i18n import DEFAULT_LANGUAGE, LANGUAGES
from abonent.kit.values import characteristic

Document = dict[str, Any]

EMAIL, SMS = "email", "SMS"
LONGEST = 200
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
# Field -> attribute of a contact medium, and the type of a medium made for it.
_PLACES: Mapping[str, tuple[str, str]] = {
    "email": ("emailAddress", "email"),
    "phone": ("phoneNumber", "mobile"),
    "street": ("street1", "postalAddress"),
    "city": ("city", "postalAddress"),
    "postcode": ("postCode", "postalAddress"),
}


@dataclass(frozen=True, slots=True)
class Contact:
    """How a client is reached; empty texts mean nothing is known. `channel` is EMAIL or SMS, which he prefers."""

    email: str = ""
    phone: str = ""
    channel: str = EMAIL
    language: str = DEFAULT_LANGUAGE
    street: str = ""
    city: str = ""
    postcode: str = ""


def contact_of(customer: Mapping[str, Any]) -> Contact:
    """What stands with the customer: the first of each kind, the preferred channel or the first there is."""
    found: dict[str, str] = {}
    media = customer.get("contactMedium") or ()
    for field, (attribute, _) in _PLACES.items():
        values = (str((medium.get("characteristic") or {}).get(attribute) or "") for medium in media)
        found[field] = next((value for value in values if value), "")
    ranked = sorted(media, key=lambda medium: not medium.get("preferred"))
    traits = [medium.get("characteristic") or {} for medium in ranked]
    ways = [SMS if t.get("phoneNumber") and not t.get("emailAddress") else EMAIL for t in traits
            if t.get("phoneNumber") or t.get("emailAddress")]  # fmt: skip
    return Contact(
        channel=ways[0] if ways else EMAIL,
        language=language_of(customer),
        **found,
    )


def language_of(customer: Mapping[str, Any] | None) -> str:
    """The language a client is spoken to."""
    language = characteristic(customer, "characteristic", "language")
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def problems(contact: Contact) -> dict[str, BadInput]:
    """What is wrong with each field, by its name; empty when all may be saved."""
    found: dict[str, BadInput] = {}
    for field in fields(contact):
        if len(getattr(contact, field.name)) > LONGEST:
            found[field.name] = BadInput(
                "tooLong", N_("At most {most} characters fit here."), path=field.name, most=LONGEST
            )
    if contact.email and not _EMAIL.fullmatch(contact.email):
        found["email"] = BadInput(
            "badEmail", N_("Write the e-mail address as name@example.org, without spaces."), path="email"
        )
    digits = re.sub(r"\D", "", contact.phone, flags=re.ASCII)
    if contact.phone and (re.search(r"[^\d\s()+.\-]", contact.phone, re.ASCII) or not 7 <= len(digits) <= 15):
        found["phone"] = BadInput(
            "badPhone",
            N_("Write the number with its codes, 7 to 15 digits, for example +7 999 000-00-00."),
            path="phone",
        )
    if contact.channel not in (EMAIL, SMS):
        found["channel"] = BadInput("badChannel", N_("Choose e-mail or SMS."), path="channel")
    if contact.language not in LANGUAGES:
        found["language"] = BadInput(
            "badLanguage", N_("Choose one of the languages in the list."), path="language"
        )
    if not contact.email and not contact.phone:
        found["email"] = BadInput(
            "notReached", N_("Give an e-mail address or a telephone number: messages go there."), path="email"
        )
    elif contact.channel == EMAIL and not contact.email:
        found["channel"] = BadInput(
            "noSuchWay", N_("There is no e-mail address; give one, or choose SMS."), path="channel"
        )
    elif contact.channel == SMS and not contact.phone:
        found["channel"] = BadInput(
            "noSuchWay", N_("There is no telephone number; give one, or choose e-mail."), path="channel"
        )
    return found


def dialled(phone: str) -> str:
    """A telephone number as it is kept: + and digits; the Russian 8 becomes +7. Empty stays empty."""
    digits = re.sub(r"\D", "", phone, flags=re.ASCII)
    if not digits:
        return ""
    if len(digits) == 11 and digits.startswith("8") and not phone.strip().startswith("+"):
        digits = "7" + digits[1:]
    elif len(digits) == 10 and not phone.strip().startswith("+"):
        digits = "7" + digits
    return f"+{digits}"


def contact_patch(customer: Mapping[str, Any], contact: Contact) -> Document:
    """The merge patch that makes a customer reached so. Media and characteristics of other kinds stay."""
    media = [
        {**medium, "characteristic": dict(medium.get("characteristic") or {})}
        for medium in customer.get("contactMedium") or ()
    ]
    made: dict[str, Document] = {}
    for field, (attribute, kind) in _PLACES.items():
        value = getattr(contact, field)
        holder = next((m for m in media if m["characteristic"].get(attribute)), None)
        if holder is not None and value:
            holder["characteristic"][attribute] = value
        elif holder is not None:
            del holder["characteristic"][attribute]
        elif value:
            present = next((m for m in media if m.get("mediumType") == kind), None) or made.get(kind)
            if present is None:
                present = made[kind] = {"mediumType": kind, "preferred": False, "characteristic": {}}
                media.append(present)
            present["characteristic"][attribute] = value
    media = [m for m in media if any(not name.startswith("@") for name in m["characteristic"])]
    wanted = _PLACES["email" if contact.channel == EMAIL else "phone"][0]
    first = next((m for m in media if m["characteristic"].get(wanted)), None)
    for medium in media:
        medium["preferred"] = medium is first
    kept = [c for c in customer.get("characteristic") or () if c.get("name") != "language"]
    return {
        "contactMedium": media or None,
        "characteristic": [*kept, {"name": "language", "value": contact.language}],
    }


def changes(old: Contact, new: Contact) -> list[tuple[str, str, str]]:
    """(field, before, after) of each field that changes."""
    return [
        (field.name, getattr(old, field.name), getattr(new, field.name))
        for field in fields(old)
        if getattr(old, field.name) != getattr(new, field.name)
    ]


def is_organization(customer: Mapping[str, Any] | None) -> bool:
    """Whether a customer is a business and no person, by the party that he is."""
    return ((customer or {}).get("engagedParty") or {}).get("@referredType") == "Organization"
