"""Crews for the small operator of tests/support/world, and an offering that needs a visit.

The place is Yaroslavl, three hours ahead of UTC all year. Crews work 09:00 to 13:00 and 14:00 to 18:00, so a day holds
four slots of two hours, at 06:00, 08:00, 11:00 and 13:00 UTC.
"""

from datetime import UTC, datetime
from typing import Any

from abonent.domain.catalog.resources import DECOMPOSITION
from abonent.domain.workforce.resources import CREW
from abonent.kit.context import Context
from tests.support.world import FIBRE_TASKS, World, customer

VISIT: dict[str, Any] = {
    "id": "visit",
    "name": {"en": "Lay the cable and set up the router", "ru": "Провести кабель и настроить роутер"},
    "kind": "workOrder",
    "minutes": 120,
    "dependsOn": ["port"],
    "action": ["add"],
    "spec": {"skill": "fibre"},
}
VISIT_TASKS: list[dict[str, Any]] = [
    FIBRE_TASKS[0],
    VISIT,
    *({**t, "dependsOn": [*t["dependsOn"], "visit"]} if t["id"] == "access" else t for t in FIBRE_TASKS[1:]),
]

HAND_MADE: dict[str, Any] = {
    "description": "Move the socket",
    "place": {"id": "A-1"},
    "relatedParty": customer("C-1"),
    "order": [{"id": "O-77"}],
    "workOrderItem": [
        {"id": "1", "action": "modify", "work": {"name": "Move the socket", "workType": "fibre"}}
    ],
}


def crew(id: str, name: str, **more: Any) -> dict[str, Any]:
    """A crew's document: fibre in Yaroslavl, working days with lunch."""
    return {
        "id": id,
        "name": name,
        "person": [{"name": f"{name} 1"}, {"name": f"{name} 2"}],
        "skill": ["fibre"],
        "district": [{"city": "Yaroslavl"}],
        "timeZone": "Europe/Moscow",
        "workingHours": [
            {
                "day": ["mon", "tue", "wed", "thu", "fri"],
                "from": "09:00",
                "to": "18:00",
                "break": [{"from": "13:00", "to": "14:00"}],
            }
        ],
    } | more


NORTH = crew("CR-1", "North")
SOUTH = crew("CR-2", "South")
COPPER = crew("CR-3", "Copper", skill=["copper"])
KOSTROMA = crew("CR-4", "Kostroma", district=[{"city": "Kostroma"}])


async def hire(ctx: Context, *crews: dict[str, Any]) -> None:
    change = ctx.change()
    for document in crews:
        CREW.shape.check(document)
        change.insert(CREW, document)
    await ctx.store.commit(change)


async def sell_with_visit(ctx: Context, tasks: list[dict[str, Any]] | None = None) -> None:
    """From now on the fibre of the world is installed by a crew."""
    stored = await ctx.store.get(ctx.caller, DECOMPOSITION, f"DC-{World().fibre}")
    document = stored.document | {"task": tasks or VISIT_TASKS}
    DECOMPOSITION.shape.check(document)
    change = ctx.change()
    change.update(stored, document)
    await ctx.store.commit(change)


def june(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in June 2026, UTC. The 3rd is a Wednesday."""
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC)
