"""Names and descriptions of offerings in several languages. Pure.

TMF620 gives an offering one `name`. What it is called in other languages stands beside it in `prodSpecCharValueUse`: an
entry called `name` or `description` with the valueType `localized`, whose value is a language -> text object.
"""

from collections.abc import Mapping
from typing import Any

LOCALIZED = "localized"


def in_languages(attribute: str, en: str, ru: str) -> dict[str, Any]:
    """The entry of prodSpecCharValueUse that says an attribute in both languages."""
    return {
        "name": attribute,
        "valueType": LOCALIZED,
        "productSpecCharacteristicValue": [{"valueType": LOCALIZED, "value": {"en": en, "ru": ru}}],
    }


def text_in(offering: Mapping[str, Any], attribute: str, language: str) -> str:
    """`name` or `description` of an offering in a language; the document's own where it says no other."""
    for use in offering.get("prodSpecCharValueUse") or ():
        if use.get("name") == attribute and use.get("valueType") == LOCALIZED:
            for value in use.get("productSpecCharacteristicValue") or ():
                said = value.get("value")
                if isinstance(said, Mapping) and said.get(language):
                    return str(said[language])
    return str(offering.get(attribute) or "")
