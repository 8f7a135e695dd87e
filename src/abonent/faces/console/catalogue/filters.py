"""What the list of offerings asks for: read from an address, written back as one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

PATH = "/catalogue"
PAGE_SIZE = 50
SORTS = ("category", "name", "price", "reach", "orders")
SALE = ("sold", "all", "unsold")


@dataclass(frozen=True, slots=True)
class Wanted:
    """words of name, description or number; category: an id or empty; sale: sold | unsold | all."""

    words: str = ""
    category: str = ""
    sale: str = "all"
    sort: str = "category"
    descending: bool = False
    page: int = 1

    def address(self, **changed: object) -> str:
        new = replace(self, **{"page": 1, **changed})  # type: ignore[arg-type]
        plain = new.sort == "category" and not new.descending
        pairs = {
            "q": new.words,
            "category": new.category,
            "sale": new.sale if new.sale != "all" else "",
            "sort": "" if plain else f"{'-' if new.descending else ''}{new.sort}",
            "page": str(new.page) if new.page > 1 else "",
        }
        query = urlencode({name: value for name, value in pairs.items() if value})
        return f"{PATH}?{query}" if query else PATH


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """The filter of an address; what cannot be means nothing."""
    sort = query.get("sort", "")
    page = query.get("page", "")
    name = sort.removeprefix("-")
    words = "".join(c for c in query.get("q", "") if c.isprintable()).strip()[:200]
    category = "".join(c for c in query.get("category", "") if c.isprintable())[:150]
    return Wanted(
        words=words,
        category=category,
        sale=query.get("sale", "") if query.get("sale") in SALE else "all",
        sort=name if name in SORTS else "category",
        descending=sort.startswith("-") and name in SORTS,
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 5 else 1,
    )
