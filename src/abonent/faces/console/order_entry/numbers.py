"""Choosing a number: what an offering takes of a pool may be picked by hand. Picking it reserves it for a while."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from abonent.domain.catalog.rules_sale import Offer
from abonent.domain.inventory.queries_reservations import free_in
from abonent.domain.inventory.reservations import reserve
from abonent.domain.inventory.rules_reservations import ending_of, value_of
from abonent.faces.console.order_entry.answers import Answers, Wrong
from abonent.faces.console.order_entry.draft import Draft, value_field
from abonent.kit.context import Context
from abonent.kit.errors import BadInput, Conflict
from abonent.kit.values import from_wire

# Numbers offered at once.
SHOWN = 8


@dataclass(slots=True)
class NumberChoice:
    """One number to be chosen. `field` and `ending_field` are names in the form; `until`: how long it is kept."""

    offering: str
    pool: str
    characteristic: str
    field: str
    ending_field: str
    chosen: str = ""
    ending: str = ""
    free: tuple[str, ...] = ()
    until: datetime | None = None


def asked(draft: Draft, offers: Iterable[Offer]) -> Iterator[NumberChoice]:
    """The numbers that may be chosen about these offers, with what was typed."""
    for offer in offers:
        for task in offer.tasks:
            spec = task.get("spec") or {}
            if task.get("kind") != "reserve" or not (spec.get("pool") and spec.get("choosable")):
                continue
            name = value_field(offer.id, spec["characteristic"])
            ending = f"{name}.ending"
            yield NumberChoice(
                offer.id,
                spec["pool"],
                spec["characteristic"],
                name,
                ending,
                draft.fields.get(name, ""),
                ending_of(draft.fields.get(ending, "")),
            )


def note_chosen(choices: Iterable[NumberChoice], found: Answers) -> None:
    """Add the chosen numbers to what is ordered."""
    for choice in choices:
        if choice.chosen:
            found.values.setdefault(choice.offering, {})[choice.characteristic] = choice.chosen


async def fill(
    ctx: Context, draft: Draft, choices: Iterable[NumberChoice], *, hold: bool
) -> dict[str, Wrong]:
    """Load what is free, and with `hold` reserve what was chosen; problems by field."""
    wrong: dict[str, Wrong] = {}
    for choice in choices:
        if choice.chosen and hold:
            try:
                held = await reserve(ctx, choice.pool, value=choice.chosen, holder=f"console-{draft.key}")
                choice.until = from_wire(held["validFor"]["endDateTime"])
            except (Conflict, BadInput) as taken:
                wrong[choice.field] = Wrong(taken.text, taken.facts)
                choice.chosen = ""
        found = await free_in(ctx.store, choice.pool, ending=choice.ending, seed=draft.client, limit=SHOWN)
        choice.free = tuple(value_of(each.document) for each in found)
    return wrong


def spoken(number: str) -> str:
    """+7 999 000-00-01, as it is read aloud; numbers of other countries as they are."""
    if len(number) == 12 and number.startswith("+7") and number[1:].isdigit():
        return f"+7 {number[2:5]} {number[5:8]}-{number[8:10]}-{number[10:]}"
    return number
