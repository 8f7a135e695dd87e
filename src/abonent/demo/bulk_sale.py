"""Bulk orders of the demo: a chain connects its shops by a file whose lines meet every fate; another file waits to be
confirmed."""

from datetime import datetime, timedelta
from typing import Any

from abonent.demo.clients import Client, Clients
from abonent.demo.endings import AGENT
from abonent.demo.network import Network
from abonent.demo.player import Course, Player
from abonent.demo.visits import play_visits
from abonent.domain.order_handling import bulk
from abonent.domain.order_handling.bulk_resources import BULK_ORDER_LINE
from abonent.domain.order_handling.lines import with_state
from abonent.domain.order_handling.queries_bulk import lines_shown
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.qualification.texts import address_line
from abonent.kit.access import SYSTEM

_HEADER = "external_id;site;address;offering;quantity;characteristics;date;contact"
# A circuit for shops on the Ethernet network, a SIM card for the others.
CIRCUIT, MOBILE = "l2vpn", "mobile"
_SHOPS, _CIRCUITS = 14, 7
# Lines whose crews have been there, and lines called off before they were ordered.
_DONE, _CALLED_OFF = 3, 2


async def bulk_sales(player: Player, people: Clients, wires: Network, now: datetime) -> int:
    """Send, check and order a file of some days ago, and send the next one; how many orders were placed."""
    client = _buyer(people)
    shops = _shops(people, wires)
    day = now - timedelta(days=9)
    player.clock.at = day.replace(hour=8, minute=12, second=0)
    id = await _sent(player, client, "Подключение магазинов, 1 этап.csv", _first(shops, wires))
    player.clock.forward(60 * 40)
    ctx = player.context.for_caller(AGENT)
    await bulk.confirm(ctx, id)
    await _call_off(player, id)
    await _withdraw(player, id)
    await player.run(Course())
    await player.store.settled()
    for shown in (await lines_shown(player.store, id, "placed", 0, _SHOPS))[:_DONE]:
        await play_visits(player, shown.line["productOrder"]["id"], Course())
    await _hold(player, id)
    player.clock.at = now - timedelta(minutes=50)
    await _sent(player, client, "Подключение магазинов, 2 этап.csv", _second(shops, wires))
    return sum(
        "productOrder" in shown.line for shown in await lines_shown(player.store, id, "", 0, 2 * _SHOPS)
    )


def _buyer(people: Clients) -> Client:
    """A business with several sites that owes nothing; else any."""
    businesses = people.kind(business=True)
    sound = [c for c in businesses if not c.owed and not c.fresh]
    return max(sound or businesses, key=lambda c: (len(c.sites), c.id))


def _shops(people: Clients, wires: Network) -> list[str]:
    """Addresses of offices where nobody of ours is yet; where they are few, those of others too."""
    taken = {site for client in people.by_id.values() for site in client.sites}
    among = [site for site in wires.ethernet if site not in taken][:_CIRCUITS]
    among += [site for site in [*wires.offices, *wires.homes] if site not in {*taken, *among}]
    return among[: 2 * _SHOPS]


async def _sent(player: Player, client: Client, name: str, lines: list[str]) -> str:
    text = "\r\n".join([_HEADER, *lines])
    made = await bulk.take_file(player.context.for_caller(AGENT), client.id, name, text.encode())
    await player.run(Course())
    await player.store.settled()
    return made["id"]


def _told(wires: Network, site: str) -> str:
    """An address as somebody typed it in a hurry: two letters of the street are swapped."""
    address = wires.address[site]
    word = str(address["streetName"]).split()[-1]
    return address_line(address).replace(word, word[:2] + word[3:4] + word[2:3] + word[4:])


def _first(shops: list[str], wires: Network) -> list[str]:
    lines = [
        f"SH-{n:03};{site};;{CIRCUIT if site in wires.ethernet else MOBILE};;;;"
        for n, site in enumerate(shops[:_SHOPS], 1)
    ]
    lines[1] = f"SH-002;;{_told(wires, shops[1])};{CIRCUIT};;;;"
    lines.append(f"SH-015;;Ярославль, Неведомая 400;{CIRCUIT};;;;")
    lines.append(f"SH-016;{shops[0]};;L2VPN 9000;;;;")
    lines.append(f"SH-017;{(wires.unserved or shops)[0]};;{CIRCUIT};;;;")
    return lines


def _second(shops: list[str], wires: Network) -> list[str]:
    more = shops[_SHOPS : _SHOPS + 8]
    lines = [
        f"SH-{n:03};{site};;{CIRCUIT if site in wires.ethernet else MOBILE};;;;"
        for n, site in enumerate(more, 101)
    ]
    lines.append(f"SH-109;{shops[0]};;{MOBILE};0;;31.12.2020;it@")
    return lines


async def _call_off(player: Player, id: str) -> None:
    """The last lines are called off, as those shops do not open."""
    await player.store.settled()
    waiting = await lines_shown(player.store, id, "waiting", 0, _SHOPS)
    await _change(player, [each.line["id"] for each in waiting[-_CALLED_OFF:]], {"state": "cancelled"})


async def _withdraw(player: Player, id: str) -> None:
    """The offering of one line is taken from the catalogue before the line is ordered."""
    await _change(player, [f"{id}/0004"], {"offering": {"id": "l2vpn-50", "name": "L2VPN 50"}})


async def _hold(player: Player, id: str) -> None:
    """One shop is not rented yet: its order waits."""
    await player.store.settled()
    working = await lines_shown(player.store, id, "placed", 0, _SHOPS)
    if not working:
        return
    order = await player.store.get(SYSTEM, PRODUCT_ORDER, working[-1].line["productOrder"]["id"])
    change = player.context.change()
    change.update(
        order, with_state(order.document, "held") | {"state": "held"}, "The shop is not rented yet."
    )
    await player.store.commit(change)


async def _change(player: Player, ids: list[str], attributes: dict[str, Any]) -> None:
    found = await player.store.find([(BULK_ORDER_LINE, id) for id in ids])
    change = player.context.change()
    for line in found.values():
        change.update(line, line.document | attributes)
    await player.store.commit(change)
