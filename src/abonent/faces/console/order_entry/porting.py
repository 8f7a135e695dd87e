"""Keeping a number: where an offering allows it, the client's present number may be brought from its operator."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from abonent.domain.catalog.rules_sale import Offer
from abonent.domain.inventory import ported
from abonent.domain.order_handling import rules_porting as rules
from abonent.faces.console.order_entry.answers import Answers, Wrong
from abonent.faces.console.order_entry.draft import Draft, value_field
from abonent.faces.console.order_entry.numbers import NumberChoice
from abonent.kit.context import Context
from abonent.kit.errors import N_, Conflict

ONE_EACH = N_("A number is brought once: order one of these, and the others separately.")


@dataclass(frozen=True, slots=True)
class Porting:
    """What was typed about a number that may be brought. `field` is the name of the box that asks for it; those of the
    other fields begin with it."""

    offering: str
    terms: rules.Terms
    field: str
    wanted: bool
    number: str = ""
    donor: str = ""
    owner: str = ""

    @property
    def number_field(self) -> str:
        return f"{self.field}.number"

    @property
    def donor_field(self) -> str:
        return f"{self.field}.donor"

    @property
    def owner_field(self) -> str:
        return f"{self.field}.owner"


def askable(draft: Draft, offers: Iterable[Offer]) -> Iterator[Porting]:
    """The numbers that may be brought to these offers, with what was typed."""
    for offer in offers:
        terms = rules.terms_of(offer.tasks)
        if terms is not None:
            name = value_field(offer.id, rules.PORT_IN)
            typed = draft.fields
            yield Porting(
                offer.id,
                terms,
                name,
                typed.get(name) == "true",
                typed.get(f"{name}.number", ""),
                typed.get(f"{name}.donor", ""),
                typed.get(f"{name}.owner", ""),
            )


def chosen_here(choices: Iterable[NumberChoice], portings: Iterable[Porting]) -> tuple[NumberChoice, ...]:
    """The numbers of ours that are still to be chosen: none where the client keeps his own."""
    kept = {each.offering for each in portings if each.wanted}
    return tuple(c for c in choices if c.offering not in kept or c.characteristic != rules.NUMBER)


async def note_brought(ctx: Context, portings: Iterable[Porting], found: Answers) -> dict[str, Wrong]:
    """Add the numbers that are brought to what is ordered; problems by field."""
    wrong: dict[str, Wrong] = {}
    for each in portings:
        if not each.wanted:
            continue
        number = rules.plain(each.number)
        bad = rules.problem(number, each.terms)
        if bad is not None:
            wrong[each.number_field] = Wrong(bad[1], {"number": number[:40], "prefix": each.terms.prefix})
            continue
        if found.quantities.get(each.offering, 1) > 1:
            wrong[each.number_field] = Wrong(ONE_EACH)
            continue
        try:
            await ported.check(ctx, each.offering, number)
        except Conflict as taken:
            wrong[each.number_field] = Wrong(taken.text, taken.facts)
            continue
        values: dict[str, object] = {rules.PORT_IN: True, rules.NUMBER: number}
        values |= {n: v for n, v in ((rules.DONOR, each.donor), (rules.OWNER, each.owner)) if v}
        found.values.setdefault(each.offering, {}).update(values)
    return wrong
