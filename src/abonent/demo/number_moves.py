"""Numbers that clients of the demo bring from another operator: one that came, some on their way, one refused."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from abonent.demo.clients import Client, Clients
from abonent.demo.endings import AGENT
from abonent.demo.player import Course, Player
from abonent.demo.wishes import add
from abonent.domain.order_handling import porting
from abonent.domain.order_handling.ports import PortingReport
from abonent.kit.values import ref

Document = dict[str, Any]
# What the simulated clearing house does, too: the donor decides within an hour, the number moves in the third night.
_DECIDES, _MOVES, _WINDOW = timedelta(hours=1), timedelta(days=3), timedelta(hours=6)
_MOSCOW = timezone(timedelta(hours=3))
_DONORS = ("Северная сотовая", "Волга Мобайл", "Связь-7")


@dataclass(frozen=True, slots=True)
class _Move:
    """Days ago it was ordered; the number; how far it is: received, accepted, ported or a reason to refuse it."""

    days: float
    number: str
    stands: str
    business: bool = False


# Of mobile codes of other operators; those that are refused end as the simulated clearing house refuses them.
_MOVES_TOLD = (
    _Move(13.2, "+79161203458", "ported"),
    _Move(2.1, "+79031174401", "debt"),
    _Move(1.3, "+79166540917", "accepted"),
    _Move(1.05, "+79265518840", "accepted", business=True),
    _Move(0.02, "+79037712366", "received"),
)


async def number_moves(player: Player, people: Clients, now: datetime) -> int:
    """Order them one after the other; how many."""
    told = 0
    for move in _MOVES_TOLD:
        client = _who(people, business=move.business)
        if client is not None:
            await _play(player, client, move, now)
            told += 1
    return told


def _who(people: Clients, *, business: bool) -> Client | None:
    """A client without a mobile service who owes nothing and waits for nothing."""
    among = (c for c in people.kind(business=business) if not c.busy and not c.fresh and not c.owed)
    client = next((c for c in among if "mobile" not in c.held), None)
    if client is not None:
        client.busy = True
    return client


async def _play(player: Player, client: Client, move: _Move, now: datetime) -> None:
    at = now - timedelta(days=move.days)
    donor = _DONORS[sum(map(ord, move.number)) % len(_DONORS)]
    traits = {"portIn": True, "phoneNumber": move.number, "donorOperator": donor}
    item = add("1", "mobile")
    item["product"]["productCharacteristic"] = [{"name": n, "value": v} for n, v in traits.items()]
    order: Document = {
        "productOrderItem": [item],
        "channel": [{"id": "console", "name": "Console", "@referredType": "Channel"}],
        "relatedParty": [ref(client.document, "Customer", role="customer")],
    }
    placed = await player.place(AGENT, order, at, Course())
    key = f"{placed['id']}/1.number"
    for told in _reports(key, move.stands, at):
        player.clock.at = told.at or player.clock.at
        await porting.report(player.context, told)
        await player.run(Course())
    await player.store.settled()


def _reports(key: str, stands: str, at: datetime) -> list[PortingReport]:
    decided = at + _DECIDES
    moves = (at + _MOVES).astimezone(_MOSCOW).replace(hour=0, minute=0, second=0, microsecond=0)
    agreed = PortingReport(key, "accepted", at=decided, window=(moves, moves + _WINDOW))
    if stands == "received":
        return []
    if stands == "accepted":
        return [agreed]
    if stands == "ported":
        return [agreed, PortingReport(key, "ported", at=moves)]
    return [PortingReport(key, "refused", at=decided, code=stands, text="the subscriber owes 340.00")]
