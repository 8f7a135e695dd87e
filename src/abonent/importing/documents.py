"""One row of a clients file to the documents it stands for. Pure: (mapping, row, today) -> documents.

Ids come from the client's key alone, so the same row always means the same documents.
"""

import re
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.party.resources import BILLING_ACCOUNT, CUSTOMER_, INDIVIDUAL, ORGANIZATION
from abonent.importing.cells import Cells
from abonent.importing.mapping import Contact, Held, Mapping, Source
from abonent.importing.problems import RowProblem
from abonent.kit.errors import BadInput
from abonent.kit.resource import Resource
from abonent.kit.values import Money, to_wire

Document = dict[str, Any]

_KEY = re.compile(r"[\w.:\-]{1,80}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_KINDS = {"individual": INDIVIDUAL, "organization": ORGANIZATION}
_MEDIUM = {
    "email": "emailAddress",
    "phone": "phoneNumber",
    "street": "street1",
    "city": "city",
    "post_code": "postCode",
    "region": "stateOrProvince",
    "country": "country",
}


@dataclass(frozen=True, slots=True)
class Offered:
    """What the catalogue says of an offering that clients of the file may hold."""

    name: str
    specification: str | None
    monthly: Decimal | None


@dataclass(frozen=True, slots=True)
class ClientDocuments:
    """Everything one row says.

    documents  customer first, then party, account and products
    absent     ids of products that the mapping could have given this client but the row does not
    undated    dates were counted from today, so they hold only for a client seen for the first time
    """

    key: str
    documents: list[tuple[Resource, Document]]
    absent: list[str]
    undated: bool


def product_id(key: str, offering: str) -> str:
    return f"P-{key}-{offering}"


def possible_offerings(mapping: Mapping) -> list[str]:
    """Ids of offerings that the mapping itself names."""
    ids = [held.offering for held in mapping.product if held.offering]
    for held in mapping.product:
        source = held.offering_from
        if source is not None and not isinstance(source, str):
            ids += [*(source.values or {}).values(), source.other or ""]
    return sorted({id for id in ids if id})


def offerings_held(mapping: Mapping, cells: Cells) -> list[tuple[Held, str]]:
    """(mapping table, offering id) of each product the client holds. RowProblem."""
    held: list[tuple[Held, str]] = []
    for table in mapping.product:
        if cells.meets(table.when):
            offering = table.offering or cells.text(table.offering_from)
            if offering:
                held.append((table, offering))
    ids = [offering for _, offering in held]
    twice = {offering for offering in ids if ids.count(offering) > 1}
    if twice:
        raise RowProblem(f"the row gives offering {', '.join(sorted(twice))} twice")
    return held


def documents_of(mapping: Mapping, cells: Cells, offered: Dict[str, Offered], today: date) -> ClientDocuments:
    """Documents of one client, each checked against its shape. RowProblem."""
    key = cells.cell(mapping.client.key)
    if not _KEY.fullmatch(key):
        raise RowProblem(
            f"{mapping.client.key}: `{key}` cannot be a client's key; letters, digits and . : - _ can, at most 80"
        )
    for column, cell in cells.row.items():
        if _UNSTORABLE.search(cell):
            raise RowProblem(f"{column}: the cell holds a character that cannot be stored")
    builder = _Builder(mapping, cells, key, today)
    party = builder.party()
    account = builder.account()
    held = offerings_held(mapping, cells)
    products = [builder.product(table, offering, offered) for table, offering in held]
    if mapping.charges is not None:
        _spread(products, cells.amount(mapping.charges.total), mapping.currency)
    documents = [
        (CUSTOMER_, builder.customer(party[0], party[1])),
        party,
        (BILLING_ACCOUNT, account),
        *((PRODUCT, product) for product in products),
    ]
    for resource, document in documents:
        try:
            resource.shape.check(document)
        except BadInput as refused:
            raise RowProblem(f"{resource.name}: {refused}") from None
    absent = {product_id(key, o) for o in possible_offerings(mapping)} - {p["id"] for p in products}
    since = mapping.client.since
    undated = since is not None and since.months is not None and since.as_of is None
    return ClientDocuments(key, documents, sorted(absent), undated)


class _Builder:
    """The documents of one client, part by part."""

    def __init__(self, mapping: Mapping, cells: Cells, key: str, today: date) -> None:
        self._mapping, self._cells, self._key = mapping, cells, key
        name = cells.text(mapping.client.name)
        if name is None:
            raise RowProblem("the client has no name")
        self._name = name
        since = cells.since(mapping.client.since, today)
        self._since = to_wire(since) if since else None
        self._balance_from = self._since or to_wire(_midnight(mapping, today))

    def party(self) -> tuple[Resource, Document]:
        """The person or company behind the client."""
        kind = self._cells.text(self._mapping.party.kind) or "individual"
        resource = _KINDS.get(kind)
        if resource is None:
            raise RowProblem(f"party.kind: {kind} is neither individual nor organization")
        document: Document = {"id": f"{resource.prefix}-{self._key}"}
        if resource is ORGANIZATION:
            return resource, document | {"name": self._name, "tradingName": self._name}
        table = self._mapping.party
        first, _, rest = self._name.partition(" ")
        document["givenName"] = self._cells.text(table.given_name) or first
        document["familyName"] = self._cells.text(table.family_name) or rest or first
        document["fullName"] = self._name
        gender = self._cells.text(table.gender)
        return resource, document | ({"gender": gender} if gender else {})

    def customer(self, resource: Resource, party: Document) -> Document:
        table = self._mapping.client
        kind = "Organization" if resource is ORGANIZATION else "Individual"
        language = self._cells.text(table.language)
        traits: list[Document] = [{"name": "language", "value": language}] if language else []
        for name, source in table.characteristic.items():
            value = self._cells.read(source)
            if value is not None:
                traits.append({"name": name, "value": value})
        document: Document = {
            "id": f"C-{self._key}",
            "name": self._name,
            "status": self._cells.text(table.status) or "active",
            "engagedParty": {"id": party["id"], "name": self._name, "@referredType": kind},
            "account": [self._account_reference()],
        }
        if self._since:
            document["validFor"] = {"startDateTime": self._since}
        media = [m for contact in self._mapping.contact if (m := self._medium(contact))]
        if media:
            document["contactMedium"] = media
        if traits:
            document["characteristic"] = traits
        return document

    def _medium(self, contact: Contact) -> Document | None:
        read = {wire: self._cells.text(getattr(contact, name)) for name, wire in _MEDIUM.items()}
        given = {wire: text for wire, text in read.items() if text}
        email, phone = given.get("emailAddress"), given.get("phoneNumber")
        if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
            raise RowProblem(f"`{email}` is not an e-mail address")
        if phone and sum(c.isdigit() for c in phone) < 5:
            raise RowProblem(f"`{phone}` is not a telephone number")
        if not given:
            return None
        return {"mediumType": contact.type, "preferred": contact.preferred, "characteristic": given}

    def _account_reference(self) -> Document:
        return {"id": f"BA-{self._key}", "name": self._account_name()}

    def _account_name(self) -> str:
        return self._cells.text(self._mapping.account.name) or self._name

    def _amount(self, source: Source | None) -> Decimal | None:
        return self._cells.amount(source)

    def account(self) -> Document:
        table, currency = self._mapping.account, self._mapping.currency
        arrears, limit = self._amount(table.arrears), self._amount(table.credit_limit)
        method = self._cells.text(table.payment_method)
        document: Document = {
            "id": f"BA-{self._key}",
            "name": self._account_name(),
            "state": "active",
            "relatedParty": [
                {
                    "id": f"C-{self._key}",
                    "name": self._name,
                    "role": "customer",
                    "@referredType": "Customer",
                }
            ],
        }
        if arrears is not None:
            document["paymentStatus"] = "in arrears" if arrears > 0 else "paid"
            document["accountBalance"] = [
                {
                    "balanceType": "receivableBalance",
                    "amount": Money(arrears, currency).document(),
                    "validFor": {"startDateTime": self._balance_from},
                }
            ]
        if limit is not None:
            document["creditLimit"] = Money(limit, currency).document()
        if method:
            slug = re.sub(r"\W+", "-", method.lower()).strip("-")
            document["defaultPaymentMethod"] = {"id": slug, "name": method}
        return document

    def product(self, table: Held, offering: str, offered: Dict[str, Offered]) -> Document:
        known = offered.get(offering)
        if known is None:
            raise RowProblem(
                f"there is no product offering {offering}; add it to the catalogue or correct the row"
            )
        price = self._cells.amount(table.price)
        price = known.monthly if price is None else price
        document: Document = {
            "id": product_id(self._key, offering),
            "name": known.name,
            "status": "active",
            "isBundle": False,
            "isCustomerVisible": True,
            "productOffering": {"id": offering, "name": known.name, "@referredType": "ProductOffering"},
            "relatedParty": [
                {
                    "id": f"C-{self._key}",
                    "name": self._name,
                    "role": "customer",
                    "@referredType": "Customer",
                }
            ],
            "billingAccount": self._account_reference(),
        }
        if known.specification:
            document["productSpecification"] = {
                "id": known.specification,
                "@referredType": "ProductSpecification",
            }
        if self._since:
            document["startDate"] = self._since
        if price is not None:
            document["productPrice"] = [monthly(price, self._mapping.currency)]
        traits = [
            {"name": name, "value": value}
            for name, source in table.characteristic.items()
            if (value := self._cells.read(source)) is not None
        ]
        return document | ({"productCharacteristic": traits} if traits else {})


def _midnight(mapping: Mapping, today: date) -> datetime:
    """Midnight UTC of the day the file speaks of."""
    since = mapping.client.since
    day = since.as_of if since and since.as_of else today
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def monthly(amount: Decimal, currency: str) -> Document:
    """A monthly price as TMF637 has it."""
    return {
        "name": "monthly",
        "priceType": "recurring",
        "recurringChargePeriod": "month",
        "price": {"taxIncludedAmount": Money(amount, currency).document()},
    }


def _spread(products: list[Document], total: Decimal | None, currency: str) -> None:
    """Put the difference between what is paid and the products' prices on the first product."""
    if total is None:
        return
    if not products:
        raise RowProblem("charges.total: the client pays but holds no product")
    others = [
        p["productPrice"][0]["price"]["taxIncludedAmount"]["value"]
        for p in products[1:]
        if p.get("productPrice")
    ]
    products[0]["productPrice"] = [monthly(total - sum(others, Decimal(0)), currency)]
