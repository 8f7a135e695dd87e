"""SQL for imports: numbers that came with a file are not given a second time."""

from abonent.kit.resource import Resource
from abonent.kit.store import Store


async def pass_number(store: Store, kind: Resource, number: int) -> None:
    """Have new numbers of a resource begin above `number`. What was taken from the sequence before stays as it is."""
    sequence = f"{kind.table}_number"
    await store.database.value(
        f"SELECT setval('{sequence}', greatest(last_value, $1::bigint)) FROM {sequence}", number
    )
