"""The search over a real database: entries kept by triggers, spellings, slips, layouts, numbers, ownership."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from abonent import main
from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.domain.catalog.texts import in_languages
from abonent.domain.communication.resources import COMMUNICATION_MESSAGE
from abonent.domain.inventory.resources import PRODUCT, RESOURCE, SERVICE
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.queries_clients import NOTHING, ClientFilter, filter_words, list_clients
from abonent.domain.party.queries_file import holdings, path_up, product_file
from abonent.domain.party.queries_search import Found, search
from abonent.domain.party.resources import BILLING_ACCOUNT, CUSTOMER_
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.kit.access import SYSTEM
from abonent.kit.clock import Clock
from abonent.kit.context import Context
from abonent.kit.db import Database, open_pool
from abonent.kit.resource import Resource
from abonent.kit.store import Store
from tests.support.world import alter


def client(id: str, name: str, phone: str, email: str, **more: Any) -> tuple[Resource, dict[str, Any]]:
    return CUSTOMER_, {
        "id": id,
        "name": name,
        "engagedParty": {"id": f"I-{id}", "name": name, "@referredType": more.pop("kind", "Individual")},
        "contactMedium": [
            {"mediumType": "email", "preferred": True, "characteristic": {"emailAddress": email}},
            {"mediumType": "mobile", "characteristic": {"phoneNumber": phone}},
        ],
        **more,
    }


def held(id: str, who: str, offering: str, place: str, **more: Any) -> tuple[Resource, dict[str, Any]]:
    price = {"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "RUB", "value": 490}}}
    return PRODUCT, {
        "id": id,
        "name": offering,
        "status": "active",
        "relatedParty": [{"id": who, "name": who, "role": "customer", "@referredType": "Customer"}],
        "productOffering": {"id": offering, "name": offering},
        "place": [{"id": place, "role": "installationAddress"}],
        "productPrice": [price],
        **more,
    }


def hangs_on(id: str, category: str, above: str | None) -> tuple[Resource, dict[str, Any]]:
    relation = [{"relationshipType": "partOf", "resource": {"id": above}}] if above else []
    return RESOURCE, {"id": id, "category": category, "resourceRelationship": relation}


WHO = [{"id": "C-1", "name": "Анна Соколова", "role": "customer"}]
DOCUMENTS: list[tuple[Resource, dict[str, Any]]] = [
    client(
        "C-1", "Анна Соколова", "8 (999) 000-00-12", "anna.s@example.org",
        account=[{"id": "BA-77"}], agreement=[{"id": "DG-2024/0871"}],
        validFor={"startDateTime": "2024-05-10T00:00:00.000Z"},
    ),
    client("C-2", "Пётр Щукин", "+79990000013", "petr@example.org"),
    client("C-3", "ООО «Северный причал»", "+74850000014", "office@example.org", kind="Organization"),
    client("C-4", "Oliver Harding", "+442079460000", "oliver@example.org", status="closed"),
    (GEOGRAPHIC_ADDRESS, {"id": "A-1", "name": "Ярославль, улица Свободы, 12", "city": "Ярославль"}),
    (GEOGRAPHIC_ADDRESS, {"id": "A-2", "city": "Рыбинск", "streetName": "Крестовая улица", "streetNr": "120"}),
    (PRODUCT_OFFERING, {"id": "fibre", "name": "Fibre 100",
                        "prodSpecCharValueUse": [in_languages("name", "Fibre 100", "Оптика 100")]}),
    held("P-1", "C-1", "fibre", "A-1", realizingService=[{"id": "S-1"}], realizingResource=[{"id": "PORT-1"}],
         productOrderItem=[{"productOrderId": "O-10001"}]),
    held("P-2", "C-2", "tv", "A-2"),
    (SERVICE, {"id": "S-1", "state": "active",
               "serviceCharacteristic": [{"name": "phoneNumber", "value": "+74990123456"}]}),
    hangs_on("PORT-1", "port", "AN-1"),
    hangs_on("AN-1", "accessNode", "AN-0"),
    hangs_on("AN-0", "accessNode", "AGG-1"),
    hangs_on("AGG-1", "aggregationNode", "AGG-2"),
    hangs_on("AGG-2", "aggregationNode", "AGG-1"),
    (PRODUCT_ORDER, {"id": "O-10001", "state": "completed", "externalId": "shop/17", "relatedParty": WHO,
                     "orderDate": "2026-05-10T00:00:00.000Z"}),
    (PRODUCT_ORDER, {"id": "O-10002", "state": "held", "relatedParty": [{"id": "C-2"}],
                     "orderDate": "2026-05-11T00:00:00.000Z",
                     "productOrderItem": [{"id": "1", "product": {"id": "P-1"}}]}),
    (BILLING_ACCOUNT, {"id": "BA-77", "relatedParty": [{"id": "C-1"}], "paymentStatus": "in arrears",
                       "accountBalance": [{"balanceType": "receivableBalance",
                                           "amount": {"unit": "RUB", "value": 1200}}]}),
    (COMMUNICATION_MESSAGE, {"id": "M-1", "state": "completed", "subject": "Крюк 42 закрыт",
                             "receiver": [{"id": "C-1", "email": "anna.s@example.org"}],
                             "sendTime": "2026-05-10T00:00:00.000Z"}),
]  # fmt: skip


@pytest.fixture
async def ctx(dsn: str) -> AsyncIterator[Context]:
    database = Database(await open_pool(dsn, size=4, name="test"))
    context = Context(Store(database), Clock(), main.reactions(), {})
    change = context.change()
    for resource, document in DOCUMENTS:
        change.adopt(resource, document)
    await context.store.commit(change)
    yield context
    await database.close()


async def found(ctx: Context, text: str, owner: str | None = None) -> Found:
    return await search(ctx.store, text, owner)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Анна Соколова", "C-1"), ("соколова анна", "C-1"), ("Sokolova", "C-1"), ("cjrjkjdf", "C-1"),
        ("соколва", "C-1"), ("Скоолова", "C-1"), ("sokolva", "C-1"), ("cjrjkdf", "C-1"),
        ("Петр", "C-2"), ("Shchukin", "C-2"), ("Schukin", "C-2"), ("щукен", "C-2"),
        ("северный причал", "C-3"), ("Severny prichal", "C-3"), ("«причал»", "C-3"),
        ("harding", "C-4"), ("Хардинг", "C-4"), ("hadring", "C-4"),
        ("+7 999 000 00 12", "C-1"), ("9990000012", "C-1"), ("000012", "C-1"), ("+44 20 7946 0000", "C-4"),
        ("anna.s@example.org", "C-1"), ("anna.s@", "C-1"),
        ("C-1", "C-1"), ("с-1", "C-1"), ("BA-77", "C-1"), ("DG-2024/0871", "C-1"),
    ],
)  # fmt: skip
async def test_a_client_is_found_however_he_is_written(ctx: Context, text: str, expected: str) -> None:
    assert [each["id"] for each in (await found(ctx, text)).clients] == [expected]


async def test_what_was_understood_is_told(ctx: Context) -> None:
    plain = await found(ctx, "соколова")
    assert (plain.meant, plain.similar) == ("", False)
    other = await found(ctx, "cjrjkjdf")
    assert (other.meant, other.similar) == ("соколова", False)
    slip = await found(ctx, "соколва")
    assert (slip.meant, slip.similar) == ("", True)
    both = await found(ctx, "cjrjkdf")
    assert (both.meant, both.similar) == ("соколва", True)


@pytest.mark.parametrize(
    "text", ["", "   ", "%", "_", "\\", "'", "«»", "\x00", "zzzzz", "абракадабра", "ъ", "…"]
)
async def test_nothing_is_found_where_there_is_nothing(ctx: Context, text: str) -> None:
    assert (await found(ctx, text)).count == 0


async def test_exact_numbers_go_before_likenesses(ctx: Context) -> None:
    change = ctx.change()
    change.adopt(*client("C-9", "Соколова 1", "+79991110000", "x@example.org"))
    change.adopt(*client("C-100", "Б", "+79991110001", "y@example.org"))
    await ctx.store.commit(change)
    assert [each["id"] for each in (await found(ctx, "C-1")).clients] == ["C-1", "C-100"]
    assert [each["id"] for each in (await found(ctx, "Соколова")).clients] == ["C-9", "C-1"]


async def test_orders_products_and_messages_are_found_by_their_numbers(ctx: Context) -> None:
    assert [each["id"] for each in (await found(ctx, "O-10001")).orders] == ["O-10001"]
    assert [each["id"] for each in (await found(ctx, "щ 10001")).orders] == ["O-10001"]
    assert [each["id"] for each in (await found(ctx, "1000")).orders] == ["O-10001", "O-10002"]
    assert [each["id"] for each in (await found(ctx, "shop/17")).orders] == ["O-10001"]
    assert [each["id"] for each in (await found(ctx, "P-2")).products] == ["P-2"]
    assert [each["id"] for each in (await found(ctx, "8 499 012-34-56")).products] == ["P-1"]
    assert [each["id"] for each in (await found(ctx, "M-1")).messages] == ["M-1"]
    assert [each["id"] for each in (await found(ctx, "крюк закрыт")).messages] == ["M-1"]


async def test_an_address_leads_to_who_lives_there(ctx: Context) -> None:
    for text in ("Свободы 12", "ул. Свободы, д. 12", "svobody 12 yaroslavl", "свбоды 12"):
        hits = await found(ctx, text)
        assert [each["id"] for each in hits.addresses] == ["A-1"], text
        assert [each["id"] for each in hits.clients] == ["C-1"] and hits.holders == {"C-1"}
    # 12 is a house, not the beginning of one.
    assert [each["id"] for each in (await found(ctx, "12")).addresses] == ["A-1"]


async def test_an_offering_tells_how_many_hold_it_in_both_languages(ctx: Context) -> None:
    for text in ("fibre", "оптика", "opt", "fiber"):
        hits = (await found(ctx, text)).offerings
        assert [(hit.offering["id"], hit.held) for hit in hits] == [("fibre", 1)], text


@pytest.mark.parametrize("owner", ["C-1", "I-C-1"])
async def test_a_client_finds_himself_alone(ctx: Context, owner: str) -> None:
    for text in ("Анна", "C-1", "9990000012"):
        assert [each["id"] for each in (await found(ctx, text, owner)).clients] == ["C-1"]
    for text in ("Пётр", "C-2", "O-10002", "P-2", "Крестовая", "fibre", "щукен", "0013", "9990000013"):
        assert (await found(ctx, text, owner)).count == 0, text
    mine = await found(ctx, "1000", "C-1")
    assert [each["id"] for each in mine.orders] == ["O-10001"]
    assert (await found(ctx, "M-1", "C-2")).count == 0


async def test_an_entry_follows_its_document(ctx: Context, conn: asyncpg.Connection) -> None:
    await alter(ctx, CUSTOMER_, "C-1", name="Анна Морозова", engagedParty={"id": "I-C-1"})
    assert [each["id"] for each in (await found(ctx, "морзова")).clients] == ["C-1"]
    assert (await found(ctx, "Соколова")).clients == []
    change = ctx.change()
    change.delete(await ctx.store.get(SYSTEM, CUSTOMER_, "C-1"))
    await ctx.store.commit(change)
    assert (await found(ctx, "Морозова")).count == 0
    assert await conn.fetchval("SELECT count(*) FROM search_word WHERE owner = 'client C-1'") == 0


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (ClientFilter(), ["C-4", "C-1", "C-3", "C-2"]),
        (ClientFilter(sort="number", descending=True), ["C-4", "C-3", "C-2", "C-1"]),
        (ClientFilter(sort="owed", descending=True, limit=1), ["C-1"]),
        (ClientFilter(sort="since", limit=1), ["C-1"]),
        (ClientFilter(text="соколва"), ["C-1"]),
        (ClientFilter(text="000013"), ["C-2"]),
        (ClientFilter(kind="business"), ["C-3"]),
        (ClientFilter(state="closed"), ["C-4"]),
        (ClientFilter(town="Рыбинск"), ["C-2"]),
        (ClientFilter(offering="fibre"), ["C-1"]),
        (ClientFilter(offering=NOTHING, kind="business"), ["C-3"]),
        (ClientFilter(offering=NOTHING, owing=True), []),
        (ClientFilter(busy=True), ["C-2"]),
        (ClientFilter(owing=True), ["C-1"]),
        (ClientFilter(busy=True, owing=True), []),
        (ClientFilter(offset=2, limit=1), ["C-3"]),
    ],
)
async def test_the_list_keeps_to_its_filter(ctx: Context, wanted: ClientFilter, ids: list[str]) -> None:
    rows, total = await list_clients(ctx.store, wanted)
    assert [row.document["id"] for row in rows] == ids
    assert total == (len(ids) if wanted.limit == 50 else 4)


async def test_a_row_sums_up_what_a_client_has(ctx: Context) -> None:
    (row,), _ = await list_clients(ctx.store, ClientFilter(text="C-1"))
    assert (row.products, row.monthly, row.open_orders, row.owed) == (1, 490, 0, 1200)
    assert (row.place, row.kind, row.since) == (
        "Ярославль, улица Свободы, 12",
        "home",
        "2024-05-10T00:00:00.000Z",
    )
    words = await filter_words(ctx.store)
    assert words.states == ["active", "closed"] and words.towns == ["Рыбинск", "Ярославль"]


async def test_files_hold_what_belongs_to_them(ctx: Context) -> None:
    mine = await holdings(ctx.store, "C-1")
    assert [[each["id"] for each in kind] for kind in (mine.products, mine.orders, mine.accounts, mine.messages)] == [
        ["P-1"], ["O-10001"], ["BA-77"], ["M-1"],
    ]  # fmt: skip
    stored = await ctx.store.get(SYSTEM, PRODUCT, "P-1")
    file = await product_file(ctx.store, stored.document)
    assert [each["id"] for each in file.services] == ["S-1"]
    # Up to the first aggregation: a ring has no end.
    assert [each["id"] for each in file.path] == ["PORT-1", "AN-1", "AN-0", "AGG-1"]
    assert [each["id"] for each in file.orders] == ["O-10002", "O-10001"]
    assert await path_up(ctx.store, []) == []
