"""What places are called. Pure."""

from collections.abc import Mapping
from typing import Any


def address_line(address: Mapping[str, Any] | None) -> str:
    """An address in one line: its own name, which tells the flat too, else town, street and house, else its id."""
    if not address:
        return ""
    street = " ".join(str(address[key]) for key in ("streetName", "streetNr") if address.get(key))
    whole = ", ".join(str(part) for part in (address.get("city"), street) if part)
    return str(address.get("name") or whole or address.get("id") or "")
