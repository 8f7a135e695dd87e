"""The demo's pools of telephone numbers and SIM cards, and what ending its products costs."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from abonent.demo.decompositions import CITY_NUMBERS, MOBILE_NUMBERS, SIM_CARDS
from abonent.demo.scale import Scale
from abonent.domain.inventory.reservation_resources import RESOURCE_POOL
from abonent.domain.inventory.resources import RESOURCE
from abonent.domain.order_handling.ending import timer
from abonent.domain.order_handling.ending_resources import ENDING_RULE
from abonent.domain.order_handling.queries_ending import list_returns
from abonent.domain.order_handling.rules_ending import given_back
from abonent.kit.context import Context
from abonent.kit.resource import Resource
from abonent.kit.values import Money, from_wire
from abonent.network_simulator.numbering import iccid

Document = dict[str, Any]

# Numbers of the pools: of a mobile code that nobody has, and of Yaroslavl beginning with 0, which no number does.
_MOBILE, _CITY = "+7973{:07d}", "+748520{:05d}"
# The simulated network hands out cards from the beginning; those of the stock lie far behind.
_FIRST_CARD = 5_000_000_000
LEAST = 150
# Share of the equipment that comes back.
_BROUGHT = 0.88
# Share of what was charged that comes after all, mostly while the charge is still taken back.
_LATE = 0.6
_CHUNK = 500


def many_for(scale: Scale) -> int:
    """How many numbers a demo of this scale needs of each pool, with some left to choose from."""
    return max(LEAST, scale.clients * 2 // 5)


def documents(many: int) -> list[tuple[Resource, Document]]:
    """Pools with so many numbers and cards each, and the rules of ending."""
    made: list[tuple[Resource, Document]] = [
        (RESOURCE_POOL, _pool(MOBILE_NUMBERS, "Mobile numbers", "phoneNumber", "phoneNumber", 20, 30)),
        (RESOURCE_POOL, _pool(CITY_NUMBERS, "City numbers", "phoneNumber", "phoneNumber", 20, 60)),
        (RESOURCE_POOL, _pool(SIM_CARDS, "SIM cards in stock", "simCard", "iccid", 20, 0)),
        (RESOURCE_POOL, _pool("access-ports", "Ports of access nodes", "port", "", 30, 0)),
    ]
    for n in range(many):
        # Spread, so that the last digits differ.
        spread = n * 7919 % 10_000_000
        made.append((RESOURCE, _of(MOBILE_NUMBERS, "phoneNumber", _MOBILE.format(spread))))
        made.append((RESOURCE, _of(CITY_NUMBERS, "phoneNumber", _CITY.format(n * 137 % 100_000))))
        made.append((RESOURCE, _of(SIM_CARDS, "simCard", iccid(_FIRST_CARD + n))))
    return made + [(ENDING_RULE, rule) for rule in _rules()]


def _pool(id: str, name: str, category: str, characteristic: str, minutes: int, days: int) -> Document:
    pool = {
        "id": id,
        "name": name,
        "category": category,
        "reservationMinutes": minutes,
        "quarantineDays": days,
    }
    return pool | ({"characteristic": characteristic} if characteristic else {})


def _of(pool: str, category: str, value: str) -> Document:
    return {
        "id": f"{pool}-{value.removeprefix('+')}",
        "name": value,
        "value": value,
        "category": category,
        "resourceStatus": "available",
        "usageState": "idle",
        "resourceRelationship": [
            {
                "id": pool,
                "relationshipType": "partOf",
                "@type": "ResourceRelationship",
                "resource": {"id": pool, "@type": "ResourceRef"},
            }
        ],
        "@type": "PhysicalResource" if category == "simCard" else "LogicalResource",
    }


def _rules() -> list[Document]:
    lines = [
        _rule(id, "remainingMonths", share=Decimal("0.3"), most=_rub("3000.00"))
        for id in ("fibre-100", "fibre-300", "fibre-1000")
    ]
    steps = ((0, "60000.00"), (6, "40000.00"), (12, "20000.00"), (18, "8000.00"))
    scale = [{"fromMonth": month, "amount": _rub(amount)} for month, amount in steps]
    return [
        *lines,
        _rule("l2vpn", "scale", scale=scale),
        _rule("wifi", "none", equipment=[_lent("router", "Router", "Роутер", "3500.00")]),
        _rule("set-top-box", "none", equipment=[_lent("box", "Set-top box", "Приставка", "4900.00")]),
    ]


def _rule(offering: str, fee_type: str, **more: Any) -> Document:
    return {"id": f"ER-{offering}", "productOffering": {"id": offering}, "feeType": fee_type, **more}


def _lent(id: str, en: str, ru: str, charge: str) -> Document:
    return {
        "id": id,
        "name": {"en": en, "ru": ru},
        "returnDays": 14,
        "takeBackDays": 30,
        "charge": _rub(charge),
    }


def _rub(amount: str) -> Document:
    return Money(Decimal(amount), "RUB").document()


async def bring_back(ctx: Context, seed: int, now: datetime) -> None:
    """Most of the equipment that clients have to bring back is back by now, a few days after its product ended."""
    draw = Random(f"returns|{seed}")  # noqa: S311 - no secret hangs on it
    offset = 0
    while found := (await list_returns(ctx.store, offset=offset, limit=_CHUNK))[0]:
        offset += len(found)
        change = ctx.change()
        for stored in found:
            due = from_wire(stored.document["dueDate"])
            brought = due - timedelta(days=draw.uniform(0, 13))
            if stored.state == "expected" and draw.random() < _BROUGHT and brought < now:
                change.update(stored, given_back(stored.document, brought))
                change.stop_timer(timer(stored.id))
            late = due + timedelta(days=draw.uniform(1, 40))
            if stored.state == "charged" and draw.random() < _LATE and late < now:
                change.update(stored, given_back(stored.document, late))
        if change.writes:
            await ctx.store.commit(change)
