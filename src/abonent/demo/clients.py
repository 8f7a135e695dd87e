"""The demo's clients: homes and businesses with their parties, accounts, sites and what they held before."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from abonent.demo import names
from abonent.demo.catalogue import CURRENCY
from abonent.demo.holdings import Holdings, offerings_held
from abonent.demo.network import Network
from abonent.demo.scale import FULL, Scale
from abonent.domain.party.resources import BILLING_ACCOUNT, CUSTOMER_, INDIVIDUAL, ORGANIZATION
from abonent.kit.resource import Resource
from abonent.kit.values import Money, to_wire
from abonent.network_simulator.numbering import Numbering

Document = dict[str, Any]

# One client in so many owes something, or so much that nothing more is sold to him.
OWING, HOPELESS = 17, 79
FRESH = 0.17
NEWEST = 4
# Arrears above it are declined by the credit policy.
DECLINED_ABOVE = Decimal(5000)
LIMIT, LARGE_LIMIT = Decimal(60_000), Decimal(400_000)


@dataclass(slots=True)
class Client:
    """What the stories need to know of one client.

    account  the customer document; `held`: offering -> product, of his first site
    sites    addresses, the first one is where he lives or has his seat
    since    when he became a client; `fresh`: within the days that are told
    """

    document: Document
    sites: list[str]
    since: datetime
    business: bool
    language: str
    fresh: bool = False
    owed: Decimal = Decimal(0)
    held: dict[str, Document] = field(default_factory=dict)
    busy: bool = False
    online: bool = False

    @property
    def id(self) -> str:
        return self.document["id"]

    @property
    def number(self) -> str:
        return self.id.removeprefix("C-")


@dataclass(slots=True)
class Clients:
    """All clients by id, with their documents."""

    documents: list[tuple[Resource, Document]] = field(default_factory=list)
    numbering: Numbering = field(default_factory=Numbering)
    by_id: dict[str, Client] = field(default_factory=dict)

    def kind(self, *, business: bool) -> list[Client]:
        return [client for client in self.by_id.values() if client.business is business]


def build(seed: int, now: datetime, network: Network, scale: Scale = FULL) -> Clients:
    """All clients; ports they use are marked in the network's documents. The same seed gives the same clients."""
    draw = Random(f"clients|{seed}")  # noqa: S311 - no secret hangs on it
    clients = Clients()
    holdings = Holdings(network, clients.numbering)
    homes, offices = network.homes, list(network.offices)
    draw.shuffle(homes)
    draw.shuffle(offices)
    businesses, large = names.Businesses(draw), list(names.LARGE[: max(1, scale.clients // 200)])
    for number in range(1, scale.clients + 1):
        business = number > scale.homes
        # The last ones became clients a few weeks ago: they pay large charges in advance.
        newest = number > scale.clients - NEWEST
        owed = _owed(number, draw)
        fresh = newest or (draw.random() < FRESH and not owed)
        since = _since(draw, now, Scale(days=min(20, scale.days)) if newest else scale, fresh=fresh)
        id = f"C-{1000 + number}"
        if not business:
            client = _home(clients, id, draw, since, [homes.pop() if homes else draw.choice(network.homes)])
        elif large and not fresh:
            kind, name = large.pop(0)
            sites = [
                offices.pop() if offices else draw.choice(network.offices)
                for _ in range(draw.randrange(3, 6))
            ]
            client = _business(clients, id, draw, since, sites, (kind, name, _language(name)))
        else:
            site = offices.pop() if offices else draw.choice(network.offices)
            client = _business(clients, id, draw, since, [site], businesses.next())
        client.fresh, client.owed = fresh, Decimal(0) if newest else owed
        clients.by_id[id] = client
        accounts = _accounts(clients, client, draw)
        if not fresh:
            _held_before(holdings, client, accounts, draw, now - timedelta(days=scale.days + 2))
    clients.documents += holdings.documents
    return clients


def _held_before(
    holdings: Holdings, client: Client, accounts: list[Document], draw: Random, latest: datetime
) -> None:
    """What a client held at each site before the days that are told; a telephone where no port was left."""
    for place, site in enumerate(client.sites):
        account = accounts[min(place, len(accounts) - 1)]
        here: dict[str, Document] = {}
        for offering in offerings_held(draw, business=client.business, large=len(client.sites) > 1):
            begun = _begun(draw, client.since, latest)
            product = holdings.add(client.document, account, offering, site, begun, here)
            if product is not None:
                here[offering] = product
        if not here:
            product = holdings.add(client.document, account, "mobile", site, client.since, here)
            here |= {"mobile": product} if product else {}
        if place == 0:
            client.held = here


def newcomer(clients: Clients, id: str, draw: Random, now: datetime, address: str) -> Client:
    """Somebody who becomes a client now; his documents are added to `clients`."""
    client = _home(clients, id, draw, now, [address])
    clients.by_id[id] = client
    _accounts(clients, client, draw)
    return client


def _language(name: str) -> str:
    return "en" if name.isascii() else "ru"


def _since(draw: Random, now: datetime, scale: Scale, *, fresh: bool) -> datetime:
    """When somebody became a client: lately, or in the years before, more of them in the later ones."""
    days = draw.uniform(0.4, scale.days - 1) if fresh else scale.days + 5 + 2900 * (1 - draw.random() ** 0.6)
    day = (now - timedelta(days=days)).replace(microsecond=0)
    moment = day.replace(hour=draw.randrange(6, 16), minute=draw.randrange(60), second=draw.randrange(60))
    return min(moment, now - timedelta(hours=6))


def _begun(draw: Random, since: datetime, latest: datetime) -> datetime:
    """When a product was delivered: the first days of the client's time, or somewhere within it."""
    if draw.random() < 0.6:
        return min(since + timedelta(hours=draw.uniform(3, 70)), latest)
    return since + (latest - since) * draw.random()


def _home(clients: Clients, id: str, draw: Random, since: datetime, sites: list[str]) -> Client:
    person, number = names.person(draw), id.removeprefix("C-")
    born = datetime(draw.randrange(1945, 2004), draw.randrange(1, 13), draw.randrange(1, 29), tzinfo=UTC)
    media = _media(draw, number, f"{names.latin(person.given)}.{names.latin(person.family)}", second=0.1)
    individual: Document = {
        "id": f"I-{number}",
        "givenName": person.given,
        "familyName": person.family,
        "fullName": " ".join(part for part in (person.family, person.given, person.middle) if part)
        if person.middle
        else person.name,
        "gender": person.gender,
        "birthDate": to_wire(born),
        "status": "validated",
        "contactMedium": media,
        "languageAbility": [{"languageCode": person.language, "isFavouriteLanguage": True}],
    }
    if person.middle:
        individual["middleName"] = person.middle
    clients.documents.append((INDIVIDUAL, individual))
    engaged = {"id": individual["id"], "name": person.name, "@referredType": "Individual"}
    document = _customer(clients, id, person.name, engaged, since, person.language, media)
    return Client(
        document, sites, since, business=False, language=person.language, online=draw.random() < 0.6
    )


def _business(
    clients: Clients, id: str, draw: Random, since: datetime, sites: list[str], named: tuple[str, str, str]
) -> Client:
    """A business, with a party for each further site."""
    (kind, name, language), number = named, id.removeprefix("C-")
    site_name = names.latin(name.rpartition("«")[2] if "«" in name else name)[:24].strip("-") or "office"
    media = _media(
        draw, number, draw.choice(("office", "info", "it", "priemnaya")) + f".{site_name}", second=0.5
    )
    contact = names.person(draw)
    organization: Document = {
        "id": f"ORG-{number}",
        "name": name,
        "tradingName": name,
        "isHeadOffice": True,
        "isLegalEntity": True,
        "organizationType": kind,
        "status": "validated",
        "contactMedium": media,
        "organizationIdentification": [
            {"identificationType": "INN", "identificationId": names.taxpayer_number(int(number))}
        ],
        "partyCharacteristic": [{"name": "contactPerson", "value": contact.name}],
    }
    branches = [f"ORG-{number}-{place}" for place in range(2, len(sites) + 1)]
    if branches:
        organization["organizationChildRelationship"] = [
            {"relationshipType": "branch", "organization": {"id": branch, "name": f"{name}, {place}"}}
            for place, branch in enumerate(branches, 2)
        ]
    clients.documents.append((ORGANIZATION, organization))
    for place, branch in enumerate(branches, 2):
        clients.documents.append((ORGANIZATION, _branch(branch, f"{name}, {place}", kind, organization)))
    engaged = {"id": organization["id"], "name": name, "@referredType": "Organization"}
    document = _customer(clients, id, name, engaged, since, language, media)
    return Client(document, sites, since, business=True, language=language, online=draw.random() < 0.25)


def _branch(id: str, name: str, kind: str, head: Document) -> Document:
    return {
        "id": id,
        "name": name,
        "tradingName": name,
        "isHeadOffice": False,
        "isLegalEntity": False,
        "organizationType": kind,
        "status": "validated",
        "organizationParentRelationship": {
            "relationshipType": "branch",
            "organization": {"id": head["id"], "name": head["name"]},
        },
        "relatedParty": [
            {"id": head["id"], "name": head["name"], "role": "head office", "@referredType": "Organization"}
        ],
    }


def _media(draw: Random, number: str, local: str, *, second: float) -> list[Document]:
    """E-mail and telephone; one of them is preferred. Some have a second number."""
    written = draw.random() < 0.64
    # example.org is reserved (RFC 2606); 999 000-xx-xx is assigned to nobody.
    media: list[Document] = [
        {
            "mediumType": "email",
            "preferred": written,
            "characteristic": {"emailAddress": f"{local}.{number}@example.org"},
        },
        {
            "mediumType": "mobile",
            "preferred": not written,
            "characteristic": {"phoneNumber": f"+7999000{int(number) % 10000:04d}"},
        },
    ]
    if draw.random() < second:
        other = {"phoneNumber": f"+7999000{(int(number) + 5000) % 10000:04d}"}
        media.append({"mediumType": "phone", "preferred": False, "characteristic": other})
    return media


def _customer(
    clients: Clients,
    id: str,
    name: str,
    engaged: Document,
    since: datetime,
    language: str,
    media: list[Document],
) -> Document:
    document: Document = {
        "id": id,
        "name": name,
        "status": "active",
        "engagedParty": engaged,
        "validFor": {"startDateTime": to_wire(since)},
        "contactMedium": media,
        "characteristic": [{"name": "language", "value": language}],
        "account": [],
    }
    clients.documents.append((CUSTOMER_, document))
    return document


def _owed(number: int, draw: Random) -> Decimal:
    if number % HOPELESS == HOPELESS // 2:
        return Decimal(draw.randrange(5200, 9000))
    return Decimal(draw.randrange(300, 2500)) if number % OWING == OWING // 2 else Decimal(0)


def _accounts(clients: Clients, client: Client, draw: Random) -> list[Document]:
    """Accounts to be billed: one, for each site of a large client, for a few homes a second one."""
    several = len(client.sites) if client.business else 2 if draw.random() < 0.07 else 1
    made = []
    for place in range(several):
        id = f"BA-{client.number}" + (f"-{place + 1}" if place else "")
        name = client.document["name"] + (f", {place + 1}" if place else "")
        made.append({"id": id, "name": name})
        owed = client.owed if place == 0 else Decimal(0)
        document: Document = {
            "id": id,
            "name": name,
            "state": "active",
            "accountType": "business" if client.business else "residential",
            "relatedParty": [
                {
                    "id": client.id,
                    "name": client.document["name"],
                    "role": "customer",
                    "@referredType": "Customer",
                }
            ],
            "paymentStatus": "in arrears" if owed else "paid",
            "accountBalance": [
                {
                    "balanceType": "receivableBalance",
                    "amount": Money(owed, CURRENCY).document(),
                    "validFor": {"startDateTime": to_wire(client.since)},
                }
            ],
        }
        if client.business:
            limit = LARGE_LIMIT if several > 1 else LIMIT
            document["creditLimit"] = Money(limit, CURRENCY).document()
        clients.documents.append((BILLING_ACCOUNT, document))
    client.document["account"] = made
    return made
