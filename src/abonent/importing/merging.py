"""A document that exists against what the file says now: only what differs changes. Pure."""

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]

# What tells the entries of a list apart, first that fits.
_IDENTITY = ("mediumType", "balanceType", "id", "name", "priceType")
# Set when the client was first seen, where they were counted from that day.
_DATES = ("validFor", "startDate")


def merged(old: Mapping[str, Any], new: Mapping[str, Any], *, keep_dates: bool = False) -> Document:
    """`old` with what `new` says; attributes and list entries that `new` does not name stay as they are."""
    result = dict(old)
    for name, value in new.items():
        if name == "status" or (keep_dates and name in _DATES and name in old):
            continue  # a status moved since by our own processes is no affair of the file's
        if name == "accountBalance" and name in old:
            result[name] = _balances(old[name], value)
        else:
            result[name] = _merged_value(old.get(name), value)
    return result


def _merged_value(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{name: _merged_value(old.get(name), value) for name, value in new.items()}}
    if isinstance(old, list) and isinstance(new, list) and all(isinstance(e, dict) for e in [*old, *new]):
        return _merged_list(old, new)
    return new


def _merged_list(old: list[Document], new: list[Document]) -> list[Document]:
    named = next((n for n in _IDENTITY if all(n in entry for entry in [*old, *new])), None)
    told = [entry[named] for entry in new] if named else []
    if named is None or len(set(told)) != len(told):
        return new
    fresh = {entry[named]: entry for entry in new}
    kept = [_merged_value(e, fresh.pop(e[named])) if e[named] in fresh else e for e in old]
    return [*kept, *fresh.values()]


def _balances(old: list[Document], new: list[Document]) -> list[Document]:
    """A balance of the same amount is the same balance, whenever it was read."""
    known = {entry["balanceType"]: entry for entry in old}
    taken = []
    for entry in new:
        before = known.pop(entry["balanceType"], None)
        taken.append(before if before and before["amount"] == entry["amount"] else entry)
    return [*taken, *known.values()]
