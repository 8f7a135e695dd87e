"""Several planned visits at once: which crew could take which of them."""

from collections.abc import Iterable
from datetime import timedelta

from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.resources import APPOINTMENT, WORK_ORDER
from abonent.domain.workforce.rules import Crew, Need, Obstacle, obstacle
from abonent.domain.workforce.rules_work import may
from abonent.domain.workforce.slots import need_of, roster, without
from abonent.kit.change import Stored
from abonent.kit.context import Context


async def crews_for_many(
    ctx: Context, ids: Iterable[str]
) -> tuple[dict[str, Stored], list[tuple[Crew, dict[str, Obstacle | None]]]]:
    """The work orders there are of these, by id, and every crew with what keeps it from each that could be given to
    another crew (None: nothing does). Each visit is judged by itself: of two at the same time a crew may get one."""
    found = await ctx.store.find((WORK_ORDER, id) for id in ids)
    orders = {id: stored for (_, id), stored in found.items()}
    numbers = {
        id: stored.document["appointment"]["id"]
        for id, stored in orders.items()
        if may("reassign", stored.state) and stored.document.get("appointment")
    }
    booked = await ctx.store.find((APPOINTMENT, number) for number in numbers.values())
    visits = {
        id: stored.document
        for id, number in numbers.items()
        if (stored := booked.get((APPOINTMENT.name, number)))
    }
    if not visits:
        return orders, []
    needs: dict[object, Need] = {}
    for id in visits:
        wish = doc.wish_of(orders[id].document)
        if wish not in needs:
            needs[wish] = await need_of(ctx, wish, strict=False)
    start = min(map(doc.starts, visits.values()))
    end = max(map(doc.ends, visits.values()))
    known = await roster(ctx, Need(), start, min(end, start + timedelta(days=60)), every=True)
    return orders, [
        (
            crew,
            {
                id: obstacle(
                    crew,
                    needs[doc.wish_of(orders[id].document)],
                    without(known.booked[crew.id], visit["id"]),
                    doc.starts(visit),
                    doc.ends(visit),
                )
                for id, visit in visits.items()
            },
        )
        for crew in known.crews
    ]
