"""The demo's clients: homes and businesses, with their accounts and what they hold already."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from abonent.demo.catalogue import BY_ID, CURRENCY, specification_of
from abonent.demo.network import Network
from abonent.domain.inventory.resources import PRODUCT, SERVICE
from abonent.domain.party.resources import BILLING_ACCOUNT, CUSTOMER_, INDIVIDUAL, ORGANIZATION
from abonent.kit.resource import Resource
from abonent.kit.values import Money, to_wire
from abonent.network_simulator.numbering import Numbering

Document = dict[str, Any]

HOMES, BUSINESSES = 160, 40

# Name and its Latin letters for the e-mail address.
_WOMEN = (("Анна", "anna"), ("Мария", "maria"), ("Елена", "elena"), ("Ольга", "olga"), ("Дарья", "daria"))
_MEN = (("Иван", "ivan"), ("Пётр", "petr"), ("Алексей", "alexey"), ("Сергей", "sergey"), ("Никита", "nikita"))
_FAMILIES = (
    ("Соколов", "sokolov"),
    ("Лебедев", "lebedev"),
    ("Орлов", "orlov"),
    ("Кузнецов", "kuznetsov"),
    ("Морозов", "morozov"),
    ("Волков", "volkov"),
    ("Зайцев", "zaitsev"),
    ("Павлов", "pavlov"),
    ("Беляев", "belyaev"),
    ("Тарасов", "tarasov"),
)
_ENGLISH_FIRST = ("Emma", "Oliver", "Grace", "Harry", "Ruby", "Leo", "Alice", "Owen")
_ENGLISH_LAST = ("Barnes", "Clarke", "Dawson", "Ellis", "Foster", "Harding", "Marsh", "Walsh")
_TRADES = (
    ("Пекарня «Тёплый хлеб»", "teply-hleb"),
    ("Аптека «Ландыш»", "landysh"),
    ("Типография «Строка»", "stroka"),
    ("Кафе «Волга»", "kafe-volga"),
    ("Стоматология «Улыбка»", "ulybka"),
    ("Автосервис «Маяк»", "mayak"),
    ("North Quay Logistics", "north-quay"),
    ("Silver Birch Design", "silver-birch"),
)


@dataclass(slots=True)
class Clients:
    """Documents, and ids by what makes a client interesting for an order."""

    documents: list[tuple[Resource, Document]] = field(default_factory=list)
    customer: dict[str, Document] = field(default_factory=dict)
    address: dict[str, str] = field(default_factory=dict)
    held: dict[str, dict[str, Document]] = field(default_factory=dict)
    businesses: list[str] = field(default_factory=list)
    owing: dict[str, Decimal] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)

    def quiet(self, *, holding: str | None = None, without: tuple[str, ...] = ()) -> list[str]:
        """Homes without arrears that hold an offering (None: anything) and none of `without`."""
        return [
            id
            for id, held in self.held.items()
            if id not in self.owing
            and id not in self.businesses
            and (holding is None or holding in held)
            and not held.keys() & set(without)
        ]


def build(seed: int, now: datetime, network: Network) -> Clients:
    """All clients; ports they use are marked in the network's documents. The same seed gives the same clients."""
    draw = Random(f"clients|{seed}")  # noqa: S311 - no secret hangs on it
    clients, numbering = Clients(), Numbering()
    free = {node: list(ports) for node, ports in network.ports.items()}
    addresses = network.served
    for number in range(1, HOMES + BUSINESSES + 1):
        business = number > HOMES
        id = f"C-{1000 + number}"
        # The last ten of each kind became clients within the last weeks.
        fresh = number % HOMES > HOMES - 10 or number > HOMES + BUSINESSES - 6
        since = now - timedelta(days=draw.randrange(3, 25) if fresh else draw.randrange(70, 2800))
        name, latin, language = _business(number) if business else _person(draw)
        _party(clients, id, name, language, business=business)
        _customer(clients, id, name, (latin, number, language), since, business=business)
        _account(clients, id, name, since, draw, business=business)
        clients.address[id] = address = draw.choice(addresses)
        clients.held[id] = {}
        if fresh:
            clients.fresh.append(id)
            continue
        for offering in _holdings(draw, business=business):
            port = free[network.node_of[address]].pop(0) if BY_ID[offering].technologies else None
            _product(clients, numbering, id, name, offering, address, port, since)
    return clients


def _person(draw: Random) -> tuple[str, str, str]:
    if draw.random() < 0.2:
        first, last = draw.choice(_ENGLISH_FIRST), draw.choice(_ENGLISH_LAST)
        return f"{first} {last}", f"{first}.{last}".lower(), "en"
    woman = draw.random() < 0.5
    first, last = draw.choice(_WOMEN if woman else _MEN), draw.choice(_FAMILIES)
    ending, latin = ("а", "a") if woman else ("", "")
    return f"{first[0]} {last[0]}{ending}", f"{first[1]}.{last[1]}{latin}", "ru"


def _business(number: int) -> tuple[str, str, str]:
    name, latin = _TRADES[number % len(_TRADES)]
    branch = (number - HOMES - 1) // len(_TRADES) + 1
    if "«" in name:
        return f"{name} № {branch}", latin, "ru"
    return f"{name} {branch}", latin, "en"


def _party(clients: Clients, id: str, name: str, language: str, *, business: bool) -> None:
    if business:
        document = {
            "id": f"ORG-{id.removeprefix('C-')}",
            "name": name,
            "tradingName": name,
            "status": "validated",
        }
        clients.documents.append((ORGANIZATION, document))
        return
    given, _, family = name.partition(" ")
    clients.documents.append(
        (
            INDIVIDUAL,
            {
                "id": f"I-{id.removeprefix('C-')}",
                "givenName": given,
                "familyName": family,
                "fullName": name,
                "status": "validated",
                "languageAbility": [{"languageCode": language, "isFavouriteLanguage": True}],
            },
        )
    )


def _customer(
    clients: Clients, id: str, name: str, reached: tuple[str, int, str], since: datetime, *, business: bool
) -> None:
    latin, number, language = reached
    party = f"ORG-{id.removeprefix('C-')}" if business else f"I-{id.removeprefix('C-')}"
    # example.org is reserved (RFC 2606); 999 000-xx-xx is assigned to nobody.
    email = {"emailAddress": f"{latin}.{number}@example.org"}
    phone = {"phoneNumber": f"+7999000{number:04d}"}
    clients.customer[id] = document = {
        "id": id,
        "name": name,
        "status": "active",
        "engagedParty": {
            "id": party,
            "name": name,
            "@referredType": "Organization" if business else "Individual",
        },
        "validFor": {"startDateTime": to_wire(since)},
        "contactMedium": [
            {"mediumType": "email", "preferred": number % 3 != 0, "characteristic": email},
            {"mediumType": "mobile", "preferred": number % 3 == 0, "characteristic": phone},
        ],
        "characteristic": [{"name": "language", "value": language}],
        "account": [{"id": f"BA-{id.removeprefix('C-')}", "name": name}],
    }
    clients.documents.append((CUSTOMER_, document))
    if business:
        clients.businesses.append(id)


def _account(clients: Clients, id: str, name: str, since: datetime, draw: Random, *, business: bool) -> None:
    share = draw.random()
    owed = Decimal(draw.randrange(300, 2500)) if share < 0.06 else Decimal(0)
    if share < 0.02:
        owed = Decimal(draw.randrange(5200, 7000))
    if owed:
        clients.owing[id] = owed
    document: Document = {
        "id": f"BA-{id.removeprefix('C-')}",
        "name": name,
        "state": "active",
        "accountType": "business" if business else "residential",
        "relatedParty": [{"id": id, "name": name, "role": "customer", "@referredType": "Customer"}],
        "paymentStatus": "in arrears" if owed else "paid",
        "accountBalance": [
            {
                "balanceType": "receivableBalance",
                "amount": Money(owed, CURRENCY).document(),
                "validFor": {"startDateTime": to_wire(since)},
            }
        ],
    }
    if business:
        document["creditLimit"] = Money(Decimal(60_000), CURRENCY).document()
    clients.documents.append((BILLING_ACCOUNT, document))


def _holdings(draw: Random, *, business: bool) -> list[str]:
    share = draw.random()
    if business:
        return ["fibre-1000", "voice"] if share < 0.5 else ["fibre-300"] if share < 0.8 else []
    if share < 0.12:
        return ["mobile"] if share < 0.08 else []
    fibre = draw.choice(("fibre-100", "fibre-100", "fibre-300", "fibre-1000"))
    options = [
        option for option, odds in (("tv", 0.5), ("wifi", 0.4), ("voice", 0.15)) if draw.random() < odds
    ]
    return [fibre, *options, *(["mobile"] if draw.random() < 0.3 else [])]


def _product(
    clients: Clients,
    numbering: Numbering,
    id: str,
    name: str,
    offering: str,
    address: str,
    port: Document | None,
    since: datetime,
) -> None:
    """A product with the services and the port it runs on, as the process leaves them behind."""
    sold, begun = BY_ID[offering], to_wire(since + timedelta(hours=20))
    customer = {"id": id, "name": name, "role": "customer", "@referredType": "Customer"}
    number = f"{id.removeprefix('C-')}-{len(clients.held[id]) + 1}"
    place = [{"id": address, "role": "installationAddress", "@referredType": "GeographicAddress"}]
    carrying = [{"id": port["id"], "name": port["name"], "@referredType": "Resource"}] if port else []
    services = []
    for task in sold.tasks:
        if task["kind"] != "serviceOrder":
            continue
        specification = task["spec"]["serviceSpecification"]
        service: Document = {
            "id": f"S-{number}-{task['id']}",
            "name": specification["name"],
            "serviceSpecification": specification | {"@referredType": "ServiceSpecification"},
            "state": "active",
            "startDate": begun,
            "hasStarted": True,
            "isServiceEnabled": True,
            "place": place,
            "relatedParty": [customer],
        }
        service["serviceCharacteristic"] = numbering.assign(service, service["id"], set())
        if carrying:
            service["supportingResource"] = carrying
        clients.documents.append((SERVICE, service))
        services.append(service)
    product: Document = {
        "id": f"P-{number}",
        "name": sold.name,
        "status": "active",
        "isBundle": False,
        "isCustomerVisible": True,
        "startDate": begun,
        "productOffering": {"id": offering, "name": sold.name, "@referredType": "ProductOffering"},
        "productSpecification": {"id": specification_of(offering), "@referredType": "ProductSpecification"},
        "relatedParty": [customer],
        "billingAccount": {"id": f"BA-{id.removeprefix('C-')}", "name": name},
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
        product["realizingResource"] = carrying
        port["resourceStatus"], port["usageState"] = "reserved", "active"
    clients.documents.append((PRODUCT, product))
    clients.held[id][offering] = product
