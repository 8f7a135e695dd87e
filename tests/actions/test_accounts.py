"""Console accounts: passwords kept as hashes, checked alike for names that exist and that do not."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from abonent.domain.party.accounts import create_account, verified_account
from abonent.kit.access import Role
from abonent.kit.errors import BadInput
from tests.support.workshop import Workshop, workshop

PASSWORD = "correct horse"


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        yield opened


async def create(shop: Workshop, name: str = "anna", password: str = PASSWORD, **more: Any) -> None:
    given: dict[str, Any] = {"display_name": "Anna", "party": None, "language": "ru"} | more
    role = given.pop("role", Role.AGENT)
    await create_account(shop.context.store, name, password, role, **given)


async def test_the_right_password_opens(shop: Workshop) -> None:
    await create(shop)
    account = await verified_account(shop.context.store, "anna", PASSWORD)
    assert account is not None
    assert (account["display_name"], account["role"], account["language"]) == ("Anna", "agent", "ru")
    assert account["password_hash"].startswith("$argon2id$") and PASSWORD not in account["password_hash"]


@pytest.mark.parametrize(
    ("name", "password"),
    [("anna", "wrong horse"), ("anna", ""), ("anna", PASSWORD + " "), ("Anna", PASSWORD), ("boris", PASSWORD),
     ("boris", "nobody's password"), ("", "")],
)  # fmt: skip
async def test_everything_else_does_not(shop: Workshop, name: str, password: str) -> None:
    await create(shop)
    assert await verified_account(shop.context.store, name, password) is None


async def test_a_new_password_replaces_the_old(shop: Workshop) -> None:
    await create(shop)
    await create(shop, password="battery staple", display_name="Anna S.")
    assert await verified_account(shop.context.store, "anna", PASSWORD) is None
    account = await verified_account(shop.context.store, "anna", "battery staple")
    assert account is not None and account["display_name"] == "Anna S."


async def test_the_same_password_has_another_hash(shop: Workshop) -> None:
    await create(shop)
    await create(shop, "boris")
    rows = await shop.rows("SELECT password_hash FROM account")
    assert rows[0][0] != rows[1][0]


async def test_what_is_refused_is_not_kept(shop: Workshop) -> None:
    with pytest.raises(BadInput) as short:
        await create(shop, password="seven 7")
    assert short.value.code == "passwordTooShort"
    with pytest.raises(BadInput) as without:
        await create(shop, role=Role.CLIENT)
    assert without.value.code == "partyMissing"
    await create(shop, role=Role.CLIENT, party="C-1")
    assert len(await shop.rows("SELECT 1 FROM account")) == 1


async def test_a_damaged_hash_opens_nothing(shop: Workshop) -> None:
    await create(shop)
    await shop.rows("UPDATE account SET password_hash = 'x'")
    assert await verified_account(shop.context.store, "anna", PASSWORD) is None
