"""The arguments of a statement that is put together by hand, and the patterns and documents among them."""

import json
from decimal import Decimal
from typing import Any


class Args(list[Any]):
    """The arguments of a statement, numbered from `used` + 1; `add` answers with the placeholder."""

    def __init__(self, used: int = 0) -> None:
        super().__init__()
        self.used = used

    def add(self, value: Any) -> str:
        self.append(value)
        return f"${self.used + len(self)}"

    def json(self, value: Any) -> str:
        # Through text, so that a codec the application sets on jsonb does not encode it twice.
        return f"{self.add(json_text(value))}::text::jsonb"

    def contains(self, column: str = "doc", **attributes: Any) -> str:
        """A condition on a document that the GIN index serves: it has these attributes."""
        return f"{column} @> {self.json(attributes)}"


def json_text(value: Any) -> str:
    """A value as JSON text; a Decimal as the number it holds."""
    match value:
        case Decimal():
            return format(value, "f")
        case dict():
            return (
                "{" + ",".join(f"{json.dumps(name)}:{json_text(part)}" for name, part in value.items()) + "}"
            )
        case list():
            return "[" + ",".join(map(json_text, value)) + "]"
        case _:
            return json.dumps(value)


def containing(text: str) -> str:
    """A pattern for LIKE that holds for what has `text` in it; its wildcards stand for themselves."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def containing_spelled(text: str) -> list[str]:
    """The same for the usual spellings one by one: what ILIKE makes of Cyrillic depends on the database's locale."""
    return sorted({containing(spell(text)) for spell in (str, str.lower, str.upper, str.capitalize)})
