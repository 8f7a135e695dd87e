"""From resources to tables. Prints the SQL of a migration for review; never touches a database itself.

`abonent derive` prints it for the registered resources, and a test compares a migrated database with it, so a
resource and its table cannot drift apart.
"""

from collections.abc import Iterable

from abonent.kit.resource import Index, Resource
from abonent.kit.store import NUMBER_BLOCK

FIRST_NUMBER = 10_001
# Documents up to 8 KB stay in their row as they are: compressing them took a sixth of a write's time in the database.
STORAGE = "toast_tuple_target = 8160"


def _expression(resource: Resource, index: Index) -> str:
    """The generated column's expression, immutable so that it may be stored; times become UTC text, which sorts."""
    steps = index.path.split(".")
    text = f"doc #>> '{{{','.join(steps)}}}'"
    known = resource.shape.lookup(tuple(step for step in steps if not step.isdigit()))
    return f"abonent_utc({text})" if known and known.kind == "date-time" else text


def table_sql(resource: Resource) -> str:
    """CREATE statements of one resource: table, generated columns, indexes, number sequence.

    Texts collate by code points ("C"): filters and sorts mean the same everywhere, and indexes are faster.
    """
    table = resource.table
    columns = ['id text COLLATE "C" PRIMARY KEY', "version bigint NOT NULL DEFAULT 1", "doc jsonb NOT NULL"]
    columns += [
        f'{i.column} text COLLATE "C" GENERATED ALWAYS AS ({_expression(resource, i)}) STORED'
        for i in resource.indexes
    ]
    lines = [f"CREATE TABLE {table} (\n    " + ",\n    ".join(columns) + f"\n) WITH ({STORAGE});"]
    for index in resource.indexes:
        # id is the tie-breaker of every sort.
        key = f"{index.column} DESC NULLS LAST, id" if index.newest_first else f"{index.column}, id"
        lines.append(f"CREATE INDEX {table}_{index.column} ON {table} ({key});")
    if resource.searched:
        lines.append(f"CREATE INDEX {table}_doc ON {table} USING gin (doc jsonb_path_ops);")
    lines.append(f"CREATE SEQUENCE {table}_number START {FIRST_NUMBER} INCREMENT {NUMBER_BLOCK};")
    return "\n".join(lines)


def migration_sql(resources: Iterable[Resource]) -> str:
    """CREATE statements of many resources."""
    return "\n\n".join(table_sql(resource) for resource in resources) + "\n"
