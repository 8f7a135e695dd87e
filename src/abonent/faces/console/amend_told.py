"""Changes of an order in the reader's words: what is asked for, and what the history keeps of an amendment. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from abonent.faces.console.labels import word
from abonent.faces.console.terms import CHARACTERISTIC
from abonent.kit.errors import N_
from abonent.kit.i18n import Translator
from abonent.kit.values import from_wire

DATES = {
    "requestedStartDate": N_("Not before"),
    "requestedCompletionDate": N_("Wanted by"),
}
# As rules_amend writes it into the history.
_VALUE = re.compile(r"Item (?P<item>\S+): (?P<name>\S+) (?P<now>.+), was (?P<was>.+)", re.DOTALL)
_DATE = re.compile(r"(?P<name>requested\w+Date): (?P<now>\S+), was (?P<was>\S+)")


def told(reason: str, t: Translator) -> list[str]:
    """What an amendment changed, a sentence each, from the reason that the history keeps."""
    return [_told_one(part, t) for part in reason.split("; ") if part]


def _told_one(part: str, t: Translator) -> str:
    date = _DATE.fullmatch(part)
    if date is not None:
        name = t.gettext(DATES.get(date["name"], date["name"]))
        return t.gettext(
            "{name}: {now}, was {was}", name=name, now=moment(date["now"], t), was=moment(date["was"], t)
        )
    value = _VALUE.fullmatch(part)
    if value is not None and value["name"] in CHARACTERISTIC:
        name = word(CHARACTERISTIC, value["name"], t)
        facts = {key: plain(value[key], t) for key in ("now", "was")}
        return t.gettext("Item {item}: {name} {now}, was {was}", item=value["item"], name=f"{name}:", **facts)
    return t.retell(part)


def moment(kept: Any, t: Translator) -> str:
    """A date of the order, or a dash."""
    try:
        return t.moment(from_wire(str(kept))) if kept else "–"
    except ValueError:
        return "–"


def plain(value: Any, t: Translator) -> str:
    """A value of a characteristic, a dash for none."""
    text = "–" if value is None or value == "" or value == "-" else str(value)
    yes_no: Mapping[str, str] = {"True": t.gettext("yes"), "False": t.gettext("no")}
    return yes_no.get(text, text)
