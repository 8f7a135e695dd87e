"""What a client could want, given what he holds: items of an order. Drawn from a seed."""

from random import Random
from typing import Any

from abonent.demo.catalogue import BY_ID, FIBRES
from abonent.demo.clients import Client
from abonent.demo.holdings import relied_on
from abonent.demo.network import Network

Document = dict[str, Any]
Items = list[Document]

HOME_OPTIONS = ("tv", "wifi", "voice", "antivirus", "static-ip", "set-top-box")
BUSINESS_OPTIONS = ("static-ip", "sip-trunk", "voice", "antivirus", "wifi")


def add(id: str, offering: str, address: str | None = None, **more: Any) -> Document:
    """An order item that adds an offering."""
    product: Document = {}
    if address:
        product["place"] = [
            {"id": address, "role": "installationAddress", "@referredType": "GeographicAddress"}
        ]
    return {
        "id": id,
        "action": "add",
        "quantity": 1,
        "productOffering": {"id": offering, "name": BY_ID[offering].name[0]},
        "product": product,
        **more,
    }


def change(id: str, action: str, product: Document, offering: str | None = None) -> Document:
    """An order item that modifies or deletes a product; `offering` is what it becomes."""
    made: Document = {"id": id, "action": action, "product": {"id": product["id"]}}
    named = offering or (product.get("productOffering") or {}).get("id")
    if named:
        name = BY_ID[named].name[0] if named in BY_ID else (product.get("name") or named)
        made["productOffering"] = {"id": named, "name": name}
    return made


def option(client: Client, offering: str, id: str = "1") -> Document:
    """An option for what the client holds, which it will work over."""
    item = add(id, offering, client.sites[0])
    if (over := relied_on(offering, client.held)) is not None:
        item["product"]["productRelationship"] = [{"relationshipType": "reliesOn", "product": {"id": over}}]
    return item


def together(items: Items) -> Items:
    """Items numbered; each after the first relies on the first."""
    for number, item in enumerate(items, 1):
        item["id"] = str(number)
        if number > 1:
            item["productOrderItemRelationship"] = [{"id": "1", "relationshipType": "reliesOn"}]
    return items


def wish(draw: Random, client: Client, network: Network) -> Items:
    """Items of an order that suits the client; empty when nothing comes to his mind."""
    if client.business:
        return _business(draw, client, network)
    fibre = next((id for id in FIBRES if id in client.held), None)
    if fibre is None:
        return _first_line(draw, client, network)
    missing = [o for o in HOME_OPTIONS if o not in client.held and _possible(o, client)]
    share = draw.random()
    if share < 0.4 and missing:
        wanted = draw.sample(missing, min(len(missing), 2 if draw.random() < 0.2 else 1))
        return [option(client, offering, str(n)) for n, offering in enumerate(wanted, 1)]
    if share < 0.52 and "mobile" not in client.held:
        return [add("1", "mobile")]
    if share < 0.74 and fibre != FIBRES[-1]:
        faster = FIBRES[FIBRES.index(fibre) + 1]
        return [change("1", "modify", client.held[fibre], faster)]
    if share < 0.8 and fibre != FIBRES[0]:
        return [change("1", "modify", client.held[fibre], FIBRES[FIBRES.index(fibre) - 1])]
    if share < 0.92:
        return _given_up(draw, client)
    if share < 0.96:
        # He moves away and takes nothing along.
        leaving = [*(o for o in client.held if o not in FIBRES), fibre]
        return [change(str(n), "delete", client.held[o]) for n, o in enumerate(leaving, 1)]
    return []


def _first_line(draw: Random, client: Client, network: Network) -> Items:
    """A line for somebody who has none. A few live where no fibre reaches, or only a slow one."""
    share, address = draw.random(), client.sites[0]
    if share < 0.05 and network.unserved:
        return [add("1", draw.choice(FIBRES), draw.choice(network.unserved))]
    if share < 0.09 and network.slow:
        return [add("1", "fibre-1000", draw.choice(network.slow))]
    if share < 0.2 and "mobile" not in client.held:
        return [add("1", "mobile")]
    if share < 0.42 and not {"tv", "wifi"} & client.held.keys():
        return [add("1", "home-bundle", address)]
    line = add("1", draw.choices(FIBRES, (5, 4, 2))[0], address)
    free = [o for o in ("tv", "wifi", "voice") if o not in client.held]
    if share < 0.7 or not free:
        return [line]
    return together([line, add("2", draw.choice(free), address)])


def _given_up(draw: Random, client: Client) -> Items:
    """The end of an option, with what works only over it."""
    given = [o for o in client.held if o in HOME_OPTIONS or o == "mobile"]
    if not given:
        return []
    gone = draw.choice(given)
    over = [o for o in client.held if gone in BY_ID[o].any_of]
    return [change(str(n), "delete", client.held[o]) for n, o in enumerate([*over, gone], 1)]


def _possible(offering: str, client: Client) -> bool:
    needed = BY_ID[offering].any_of
    return not needed or any(one in client.held for one in needed)


def _business(draw: Random, client: Client, network: Network) -> Items:
    fibre = next((id for id in FIBRES if id in client.held), None)
    share, seat = draw.random(), client.sites[0]
    if share < 0.22 and seat in network.ethernet and "l2vpn" not in client.held:
        return [circuit(draw, client, network)]
    if fibre is None:
        if share < 0.6 and not {"static-ip", "sip-trunk"} & client.held.keys():
            return [add("1", "office-bundle", seat)]
        return [add("1", draw.choice(FIBRES[1:]), seat)]
    missing = [o for o in BUSINESS_OPTIONS if o not in client.held]
    if share < 0.65 and missing:
        return [option(client, draw.choice(missing))]
    if fibre != FIBRES[-1]:
        return [change("1", "modify", client.held[fibre], FIBRES[-1])]
    given = [o for o in ("voice", "antivirus", "wifi") if o in client.held]
    return [change("1", "delete", client.held[given[0]])] if given else []


def circuit(draw: Random, client: Client, network: Network) -> Document:
    """An L2VPN to a further site of a business, or to one it opens."""
    sites = [site for site in client.sites if site in network.ethernet]
    return add("1", "l2vpn", draw.choice(sites) if sites else draw.choice(list(network.ethernet)))
