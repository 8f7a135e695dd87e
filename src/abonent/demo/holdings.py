"""Products that clients held before the days that are told, with the services and ports they run on."""

from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

from abonent.demo.catalogue import BY_ID, CURRENCY, FIBRES, specification_of
from abonent.demo.network import Network
from abonent.domain.inventory.resources import PRODUCT, SERVICE
from abonent.domain.order_handling.rules_ending import COMMITMENT, with_commitment
from abonent.kit.resource import Resource
from abonent.kit.values import Money, to_wire
from abonent.network_simulator.numbering import Numbering

Document = dict[str, Any]


def offerings_held(draw: Random, *, business: bool, large: bool = False) -> list[str]:
    """What somebody holds at one site: at most one line of each kind, options only with what they need."""
    share = draw.random()
    if large:
        return ["l2vpn", "fibre-1000", "static-ip"] if share < 0.6 else ["l2vpn"]
    if business:
        if share < 0.45:
            return ["fibre-1000", "static-ip", "sip-trunk"] if share < 0.25 else ["fibre-1000", "voice"]
        return ["fibre-300"] if share < 0.8 else ["fibre-100", "voice"] if share < 0.92 else ["mobile"]
    if share < 0.1:
        return ["mobile"]
    fibre = draw.choice(("fibre-100", "fibre-100", "fibre-100", "fibre-300", "fibre-300", "fibre-1000"))
    odds = (("tv", 0.46), ("wifi", 0.33), ("voice", 0.12), ("antivirus", 0.1), ("static-ip", 0.05))
    options = [option for option, odd in odds if draw.random() < odd]
    if "tv" in options and draw.random() < 0.3:
        options.append("set-top-box")
    return [fibre, *options, *(["mobile"] if draw.random() < 0.28 else [])]


def relied_on(offering: str, held: dict[str, Document]) -> str | None:
    """Id of the held product that an offering works over: television over the line, a box over television."""
    return next((held[needed]["id"] for needed in BY_ID[offering].any_of if needed in held), None)


class Holdings:
    """Enters products as the process leaves them behind."""

    def __init__(self, network: Network, numbering: Numbering) -> None:
        self.documents: list[tuple[Resource, Document]] = []
        self._network, self._numbering = network, numbering
        self._free = {node: list(ports) for node, ports in network.ports.items()}
        self._numbers: dict[str, int] = {}

    def add(
        self,
        customer: Document,
        account: Document,
        offering: str,
        address: str,
        begun: datetime,
        held: dict[str, Document],
    ) -> Document | None:
        """The product, None if the node has no port left. `held`: what stands at this site already."""
        sold, port = BY_ID[offering], None
        if sold.technologies:
            free = self._free[self._network.node(address, sold.technologies[0])]
            if not free:
                return None
            port = free.pop(0)
            port["resourceStatus"], port["usageState"] = "reserved", "active"
        elif sold.any_of and not any(needed in held for needed in sold.any_of) and offering not in FIBRES:
            return None
        number = self._numbers[customer["id"]] = self._numbers.get(customer["id"], 0) + 1
        key = f"{customer['id'].removeprefix('C-')}-{number}"
        party = {
            "id": customer["id"],
            "name": customer["name"],
            "role": "customer",
            "@referredType": "Customer",
        }
        place = [{"id": address, "role": "installationAddress", "@referredType": "GeographicAddress"}]
        services = self._services(key, offering, party, place, port, to_wire(begun))
        product: Document = {
            "id": f"P-{key}",
            "name": sold.name[0],
            "status": "active",
            "isBundle": False,
            "isCustomerVisible": True,
            "startDate": to_wire(begun),
            "productOffering": {"id": offering, "name": sold.name[0], "@referredType": "ProductOffering"},
            "productSpecification": {
                "id": specification_of(offering),
                "@referredType": "ProductSpecification",
            },
            "relatedParty": [party],
            "billingAccount": account,
            "place": place,
            "productPrice": [
                {
                    "name": "monthly",
                    "priceType": "recurring",
                    "recurringChargePeriod": "month",
                    "price": {"taxIncludedAmount": Money(Decimal(sold.monthly), CURRENCY).document()},
                }
            ],
            "realizingService": [
                {"id": s["id"], "name": s["serviceSpecification"]["id"], "@referredType": "Service"}
                for s in services
            ],
        }
        if port is not None:
            product["realizingResource"] = [_carrying(port)]
        if (over := relied_on(offering, held)) is not None:
            product["productRelationship"] = [{"relationshipType": "reliesOn", "product": {"id": over}}]
        if sold.commitment:
            duration = {"amount": sold.commitment, "units": "month"}
            term = {"productOfferingTerm": [{"name": COMMITMENT, "duration": duration}]}
            product = with_commitment(product, term, to_wire(begun))
        self.documents.append((PRODUCT, product))
        return product

    def _services(
        self,
        key: str,
        offering: str,
        party: Document,
        place: list[Document],
        port: Document | None,
        begun: str,
    ) -> list[Document]:
        made = []
        for task in BY_ID[offering].tasks:
            if task["kind"] != "serviceOrder":
                continue
            specification = task["spec"]["serviceSpecification"]
            service: Document = {
                "id": f"S-{key}-{task['id']}",
                "name": specification["name"],
                "serviceSpecification": specification | {"@referredType": "ServiceSpecification"},
                "state": "active",
                "startDate": begun,
                "hasStarted": True,
                "isServiceEnabled": True,
                "place": place,
                "relatedParty": [party],
            }
            service["serviceCharacteristic"] = [
                *(
                    {"name": name, "value": value}
                    for name, value in task["spec"].get("characteristic", {}).items()
                ),
                *self._numbering.assign(service, service["id"], set()),
            ]
            if port is not None:
                service["supportingResource"] = [_carrying(port)]
            self.documents.append((SERVICE, service))
            made.append(service)
        return made


def _carrying(port: Document) -> Document:
    return {"id": port["id"], "name": port["name"], "@referredType": "Resource"}
