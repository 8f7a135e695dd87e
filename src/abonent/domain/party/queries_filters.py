"""SQL over saved filters, and the number of clients."""

from abonent.kit.store import Store


async def filters_of(store: Store, account: str, page: str) -> list[tuple[str, str]]:
    """(name, query) of the filters an account keeps for a page, by name."""
    rows = await store.database.rows(
        "SELECT name, query FROM saved_filter WHERE account = $1 AND page = $2 ORDER BY lower(name), name",
        account,
        page,
    )
    return [(row["name"], row["query"]) for row in rows]


async def keep_filter(store: Store, account: str, page: str, name: str, query: str, most: int) -> bool:
    """Keep a filter, in place of the one of that name; False when there are `most` others already."""
    kept = await store.database.value(
        "INSERT INTO saved_filter (account, page, name, query) SELECT $1, $2, $3, $4"
        " WHERE (SELECT count(*) FROM saved_filter WHERE account = $1 AND page = $2 AND name <> $3) < $5"
        " ON CONFLICT (account, page, name) DO UPDATE SET query = excluded.query RETURNING true",
        account,
        page,
        name,
        query,
        most,
    )
    return bool(kept)


async def drop_filter(store: Store, account: str, page: str, name: str) -> None:
    """Delete a filter; one that is gone already is no error."""
    await store.database.run(
        "DELETE FROM saved_filter WHERE account = $1 AND page = $2 AND name = $3", account, page, name
    )


async def number_of_customers(store: Store) -> int:
    """How many customers there are."""
    return await store.database.value("SELECT count(*) FROM customer") or 0
