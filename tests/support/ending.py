"""The world's fibre with a commitment of a year and what is due at its end: half of what is left, a router back."""

from decimal import Decimal
from typing import Any

from abonent.domain.order_handling.ending_resources import ENDING_RULE
from tests.support.world import World

TERM: dict[str, Any] = {"name": "commitment", "duration": {"amount": 12, "units": "month"}}
LENT: dict[str, Any] = {
    "id": "router",
    "name": {"en": "Router", "ru": "Роутер"},
    "returnDays": 14,
    "charge": {"unit": "RUB", "value": Decimal("2500.00")},
}


def add_ending(world: World) -> None:
    """Add the rule; save the world afterwards."""
    world.add(
        ENDING_RULE,
        id="ER-fibre",
        productOffering={"id": "fibre"},
        feeType="remainingMonths",
        share=Decimal("0.5"),
        equipment=[LENT],
    )
