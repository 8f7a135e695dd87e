"""SQL over parties and customers that the store's gets and lists cannot say."""

from typing import Any

from abonent.kit.shapes import decode
from abonent.kit.store import Store


async def customers_of_party(store: Store, party: str) -> list[dict[str, Any]]:
    """Customers whose engaged party is this individual or organization."""
    sql = "SELECT doc::text FROM customer WHERE engaged_party_id = $1 ORDER BY id LIMIT 2"
    return [decode(row[0]) for row in await store.database.rows(sql, party)]


async def accounts_of(store: Store, customer: str) -> list[dict[str, Any]]:
    """Billing accounts in which the customer is a related party."""
    sql = """
        SELECT doc::text FROM billing_account
        WHERE doc @> jsonb_build_object('relatedParty', jsonb_build_array(jsonb_build_object('id', $1::text)))"""
    return [decode(row[0]) for row in await store.database.rows(sql, customer)]


async def account(store: Store, name: str) -> dict[str, Any] | None:
    """The console account of this name."""
    row = await store.database.row("SELECT * FROM account WHERE name = $1", name)
    return dict(row) if row else None


async def save_account(store: Store, record: dict[str, Any]) -> None:
    """Create a console account or replace the one of the same name."""
    names = ("name", "display_name", "password_hash", "role", "party", "language", "theme")
    sql = (
        "INSERT INTO account (name, display_name, password_hash, role, party, language, theme)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO UPDATE SET display_name = $2,"
        " password_hash = $3, role = $4, party = $5, language = $6, theme = $7"
    )
    await store.database.run(sql, *(record[n] for n in names))


async def save_preferences(store: Store, name: str, language: str, theme: str) -> None:
    await store.database.run(
        "UPDATE account SET language = $2, theme = $3 WHERE name = $1", name, language, theme
    )
