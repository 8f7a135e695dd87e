"""SQL over parties and customers that the store's gets and lists cannot say."""

from typing import Any

from abonent.kit.shapes import decode
from abonent.kit.store import Store


async def customers_of_party(store: Store, party: str) -> list[dict[str, Any]]:
    """Customers whose engaged party is this individual or organization."""
    sql = "SELECT doc::text FROM customer WHERE engaged_party_id = $1 ORDER BY id LIMIT 2"
    async with store.database.connection() as conn:
        return [decode(row[0].encode()) for row in await conn.fetch(sql, party)]


async def accounts_of(store: Store, customer: str) -> list[dict[str, Any]]:
    """Billing accounts in which the customer is a related party."""
    sql = """
        SELECT doc::text FROM billing_account
        WHERE doc @> jsonb_build_object('relatedParty', jsonb_build_array(jsonb_build_object('id', $1::text)))"""
    async with store.database.connection() as conn:
        return [decode(row[0].encode()) for row in await conn.fetch(sql, customer)]


async def account(store: Store, name: str) -> dict[str, Any] | None:
    """The console account of this name."""
    async with store.database.connection() as conn:
        row = await conn.fetchrow("SELECT * FROM account WHERE name = $1", name)
    return dict(row) if row else None


async def save_account(store: Store, record: dict[str, Any]) -> None:
    """Create a console account or replace the one of the same name."""
    names = ("name", "display_name", "password_hash", "role", "party", "language", "theme")
    sql = (
        "INSERT INTO account (name, display_name, password_hash, role, party, language, theme)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO UPDATE SET display_name = $2,"
        " password_hash = $3, role = $4, party = $5, language = $6, theme = $7"
    )
    async with store.database.connection() as conn:
        await conn.execute(sql, *(record[n] for n in names))


async def save_preferences(store: Store, name: str, language: str, theme: str) -> None:
    async with store.database.connection() as conn:
        await conn.execute(
            "UPDATE account SET language = $2, theme = $3 WHERE name = $1", name, language, theme
        )
