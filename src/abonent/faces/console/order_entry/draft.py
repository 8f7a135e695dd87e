"""What was chosen and typed so far: read from an address or a form, written back as an address. Pure.

Everything a new order is made of stands in the form itself, so that the page works as plain links and forms, and
nothing is kept in between. Contact and note never stand in an address.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import ImmutableMultiDict

from abonent.domain.order_handling.lines import ADD, DELETE, MODIFY
from abonent.faces.console.desk import typed

PATH = "/orders/new"
# The radio button for services that need no address.
NOWHERE = "-"
ACTIONS = (ADD, MODIFY, DELETE)
_MOST_OFFERS = 40
_KEY = re.compile(r"[0-9a-f]{16}")
_LONGEST_ID = 150


@dataclass(frozen=True, slots=True)
class Draft:
    """An order being entered.

    client, search   its id; words to find one by
    address, place   its id (NOWHERE: none is needed; empty: not chosen); words to find one by
    offers           ids of the chosen offerings
    fields           quantities and characteristics as typed, by the name of their field
    product, action  what a change or a cancellation is about; also: products that go with it
    asked            whether `also` was shown to him who sends it
    contact          None until something was typed
    slot             start of the visit, on the wire
    key              of this form: the same order cannot be placed from it twice
    """

    client: str = ""
    search: str = ""
    address: str = ""
    place: str = ""
    offers: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    product: str = ""
    action: str = ADD
    also: tuple[str, ...] = ()
    asked: bool = False
    contact: str | None = None
    note: str = ""
    date: str = ""
    slot: str = ""
    key: str = ""

    def address_of(self, **changed: Any) -> str:
        """The page with these choices as a link; `changed` replaces some."""
        pairs: list[tuple[str, str]] = []
        for name in ("client", "product", "action", "address", "offers", "date", "slot"):
            value = changed.get(name, getattr(self, name))
            if name == "action" and value == ADD:
                continue
            if name == "offers":
                pairs += [("offer", each) for each in value]
            elif value:
                pairs.append((name, value))
        if "offers" not in changed:
            pairs += [(name, value) for name, value in sorted(self.fields.items()) if value]
        return PATH + ("?" + urlencode(pairs) if pairs else "")


def read_draft(given: ImmutableMultiDict[str, str] | Mapping[str, Any]) -> Draft:
    """The draft of a query or a form; what cannot be is left out."""
    multi = given if isinstance(given, ImmutableMultiDict) else ImmutableMultiDict(given)
    action = multi.get("action", ADD)
    key = multi.get("key", "")
    own = {
        name: typed(multi, name)
        for name in multi.keys()  # noqa: SIM118 - of a multidict the names, not its items
        if name.startswith(("n.", "c.")) and len(name) <= 2 * _LONGEST_ID
    }
    return Draft(
        client=typed(multi, "client", _LONGEST_ID),
        search=typed(multi, "q", 200),
        # A found address is a button of its own, which says more than the one chosen before.
        address=typed(multi, "pick", _LONGEST_ID) or typed(multi, "address", _LONGEST_ID),
        place=typed(multi, "place", 200),
        offers=_ids(multi, "offer"),
        fields=own,
        product=typed(multi, "product", _LONGEST_ID),
        action=action if action in ACTIONS and multi.get("product") else ADD,
        also=_ids(multi, "also"),
        asked=bool(multi.get("asked")),
        contact=typed(multi, "contact", 200) if "contact" in multi else None,
        note=typed(multi, "note", 2000),
        date=typed(multi, "date", 20),
        slot=typed(multi, "slot", 40),
        key=key if _KEY.fullmatch(key) else secrets.token_hex(8),
    )


def _ids(multi: ImmutableMultiDict[str, str], name: str) -> tuple[str, ...]:
    listed = [each.strip() for each in multi.getlist(name) if each.isprintable()]
    return tuple(dict.fromkeys(each for each in listed if 0 < len(each) <= _LONGEST_ID))[:_MOST_OFFERS]


def quantity_field(offering: str) -> str:
    """Name of the field for how many of an offering."""
    return f"n.{offering}"


def value_field(offering: str, characteristic: str) -> str:
    """Name of the field for a characteristic of an offering."""
    return f"c.{offering}.{characteristic}"
