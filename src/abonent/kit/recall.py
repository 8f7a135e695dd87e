"""Documents as they were read last, for decisions that are saved only while they still stand so.

Some documents are needed for each of many decisions and change rarely (offerings, clients). They are not read again
each time: the decision is made by what was read last, and the statement that saves it compares the versions
(`Change.rely`). Where one has changed nothing is saved, and the caller decides anew by what he reads then.
"""

from collections.abc import Iterable

from abonent.kit.change import Stored
from abonent.kit.resource import Resource
from abonent.kit.shapes import decode, encode

MOST = 5_000

Found = dict[tuple[str, str], Stored]


class Recall:
    """The last `most` documents that were kept; keys are (resource name, id)."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        # As text: each caller gets documents of his own, which he may change.
        self._kept: dict[tuple[str, str], tuple[int, bytes]] = {}

    def keep(self, stored: Iterable[Stored]) -> None:
        for each in stored:
            key = (each.resource.name, each.id)
            self._kept.pop(key, None)
            self._kept[key] = (each.version, encode(each.document))
        while len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]

    def find(self, wanted: Iterable[tuple[Resource, str]]) -> Found | None:
        """All of these documents as they were kept; None if one is not among them."""
        found: Found = {}
        for resource, id in wanted:
            kept = self._kept.get((resource.name, id))
            if kept is None:
                return None
            found[resource.name, id] = Stored(resource, decode(kept[1]), kept[0])
        return found
