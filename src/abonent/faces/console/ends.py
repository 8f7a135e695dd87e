"""What is said of ending a product: until when it was agreed, what ending before costs, what has to come back. Pure."""

from collections.abc import Mapping
from typing import Any

from abonent.domain.order_handling.rules_ending import committed_until
from abonent.kit.i18n import Translator
from abonent.kit.values import Money, amount_of


def told_of_ending(
    name: str, product: Mapping[str, Any], rule: Mapping[str, Any] | None, fee: Money | None, t: Translator
) -> list[tuple[str, str]]:
    """(icon, sentence) of each; nothing where it costs nothing and nothing was lent. `name`: the product's."""
    told: list[tuple[str, str]] = []
    until = committed_until(product)
    if fee is not None and until is not None:
        said = t.gettext(
            "{product} was agreed until {date}. Ending it before costs {fee}: tell the client.",
            product=name,
            date=t.long_day(until),
            fee=t.money(fee.amount, fee.currency),
        )
        told.append(("risk", said))
    for piece in (rule or {}).get("equipment") or ():
        charge = piece["charge"]
        said = t.gettext(
            "{name} is lent: it has to be back within {days} days, or {charge} is charged.",
            name=t.pick(piece["name"]),
            days=piece["returnDays"],
            charge=t.money(amount_of(charge), str(charge.get("unit") or "RUB")),
        )
        told.append(("tool", said))
    return told
