"""The one statement that saves changes: documents, history, events, jobs and timers in a single round trip.

Its text depends only on the kinds of the writes, so the few texts in use are cached here and stay prepared in
the driver. A compare-and-set that finds no row raises inside the statement, which undoes all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from abonent.kit.change import Change, Write
from abonent.kit.shapes import encode
from abonent.kit.values import to_wire

# SQLSTATE of the function abonent_require (migrations/0001): a compare-and-set found no row.
LOST_UPDATE = "AB409"

UPDATE, DELETE = "update", "delete"

_INSERT = "INSERT INTO {table} (id, doc) SELECT * FROM unnest(${n}::text[], ${n1}::jsonb[])"
_UPDATE = "UPDATE {table} SET doc = ${n1}::jsonb, version = version + 1 WHERE id = ${n} AND version = ${n2} RETURNING 1"
_DELETE = "DELETE FROM {table} WHERE id = ${n} AND version = ${n1} RETURNING 1"
_EVENTS = """
INSERT INTO event (id, type, resource, resource_id, old_state, new_state, at, by, correlation_id, doc)
SELECT u.id, u.type, u.resource, u.resource_id, u.old, u.new, u.at, u.by, u.cid, {doc}
FROM unnest(${n}::text[], ${n1}::text[], ${n2}::text[], ${n3}::text[], ${n4}::text[], ${n5}::text[],
            ${n6}::timestamptz[], ${n7}::text[], ${n8}::text[], ${n9}::int[], ${n10}::int[])
     u(id, type, resource, resource_id, old, new, at, by, cid, source, place)"""
_HISTORY = """
INSERT INTO state_history (resource, resource_id, attribute, old_state, new_state, reason, at, by, correlation_id)
SELECT * FROM unnest(${n}::text[], ${n1}::text[], ${n2}::text[], ${n3}::text[], ${n4}::text[], ${n5}::text[],
                     ${n6}::timestamptz[], ${n7}::text[], ${n8}::text[])"""
_TIMERS = """
INSERT INTO timer (key, due_at, job, args)
SELECT * FROM unnest(${n}::text[], ${n1}::timestamptz[], ${n2}::text[], ${n3}::jsonb[])
ON CONFLICT (key) DO UPDATE SET due_at = excluded.due_at, job = excluded.job, args = excluded.args"""
_STOPPED = "DELETE FROM timer WHERE key = ANY(${n}::text[])"
# A look-up by id for each: joined, a large table might be read whole under a generic plan.
_RELIED = """abonent_require((
    SELECT bool_and(u.version IS NOT DISTINCT FROM (SELECT version FROM {table} t WHERE t.id = u.id))::int
    FROM unnest(${n}::text[], ${n1}::bigint[]) u(id, version)), '{table}')"""
_JOBS = """
(SELECT cardinality(procrastinate_defer_jobs_v1(array_agg(
    ROW('default', u.name, u.priority, NULL, NULL, u.args, NULL)::procrastinate_job_to_defer_v1)))
 FROM unnest(${n}::text[], ${n1}::jsonb[], ${n2}::int[]) u(name, args, priority))"""


@lru_cache(maxsize=512)
def _text(inserts: tuple[str, ...], writes: tuple[tuple[str, str], ...], relied: tuple[str, ...], events: bool,
          flips: bool, timers: bool, stopped: bool, jobs: bool) -> str:  # fmt: skip
    """The statement that inserts into these tables, updates and deletes in those, compares versions in others, and
    whatever else is wanted.

    Parameters stand in the order of the arguments. An event's document is not sent again: its source says which
    insert or write it is of (they are counted on), its place which row of the insert.
    """
    parts: list[str] = []
    required: list[str] = []
    sources: list[str] = []
    n = 1
    for table in inserts:
        parts.append(f"i{len(parts)} AS ({_numbered(_INSERT, n, table=table)})")
        sources.append(f"(${n + 1}::jsonb[])[u.place]")
        n += 2
    for kind, table in writes:
        name = f"w{len(parts)}"
        parts.append(f"{name} AS ({_numbered(_UPDATE if kind == UPDATE else _DELETE, n, table=table)})")
        required.append(f"abonent_require((SELECT count(*) FROM {name}), '{table} ' || ${n}::text)")
        sources.append(f"${n + 1}::jsonb" if kind == UPDATE else "NULL::jsonb")
        n += 3 if kind == UPDATE else 2
    for table in relied:
        required.append(_numbered(_RELIED, n, table=table))
        n += 2
    if events:
        cases = " ".join(f"WHEN {source} THEN {doc}" for source, doc in enumerate(sources))
        parts.append(f"e AS ({_numbered(_EVENTS, n, doc=f'CASE u.source {cases} END')})")
        n += 11
    for wanted, name, template, width in (
        (flips, "h", _HISTORY, 9),
        (timers, "t", _TIMERS, 4),
        (stopped, "s", _STOPPED, 1),
    ):
        if wanted:
            parts.append(f"{name} AS ({_numbered(template, n)})")
            n += width
    if jobs:
        required.append(_numbered(_JOBS, n))
    with_parts = f"WITH {', '.join(parts)}\n" if parts else ""
    return f"{with_parts}SELECT {', '.join(required) or '1'}"


def _numbered(template: str, n: int, **names: str) -> str:
    """A template with its parameters counted from $n."""
    numbers = {f"n{offset or ''}": str(n + offset) for offset in range(11)}
    return template.format(**numbers, **names)


@dataclass(slots=True)
class _Rows:
    """What goes into the statement, collected over all changes."""

    inserts: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    writes: list[tuple[str, str]] = field(default_factory=list)
    written: list[Any] = field(default_factory=list)
    # Table -> (id, version) of what the changes rely on; for several changes of one offering, once.
    relied: dict[str, set[tuple[str, int]]] = field(default_factory=dict)
    # An event's columns, the table its document is inserted into or None, the place there or among the writes.
    events: list[tuple[Any, ...]] = field(default_factory=list)
    flips: list[tuple[Any, ...]] = field(default_factory=list)
    timers: list[tuple[Any, ...]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    # Name, arguments, priority: the queue takes the highest first.
    jobs: list[tuple[str, str, int]] = field(default_factory=list)

    def insert(self, write: Write) -> tuple[str, int]:
        ids, documents = self.inserts.setdefault(write.resource.table, ([], []))
        ids.append(write.id)
        documents.append(encode(write.document).decode())
        return write.resource.table, len(ids)

    def write(self, write: Write) -> tuple[None, int]:
        if write.document is None:
            self.writes.append((DELETE, write.resource.table))
            self.written += (write.id, write.version)
        else:
            self.writes.append((UPDATE, write.resource.table))
            self.written += (write.id, encode(write.document).decode(), write.version)
        return None, len(self.writes) - 1

    def add(self, change: Change) -> None:
        by, cid = change.by.name, change.correlation_id
        places = [self.insert(w) if w.version is None else self.write(w) for w in change.writes]
        for write in change.adopted:
            self.insert(write)
        for stored in change.relied:
            self.relied.setdefault(stored.resource.table, set()).add((stored.id, stored.version))
        for e, write in change.events:
            row = (e.id, e.type, e.resource, e.resource_id, e.old_state, e.new_state, e.at, by, cid)
            self.events.append((*row, *places[write]))
        for f in change.flips:
            at = f.at or change.at
            self.flips.append((f.resource, f.id, f.attribute, f.old, f.new, f.reason, at, f.by or by, cid))
        at = to_wire(change.at) if change.timers or change.jobs else ""
        for t in change.timers:
            self.timers.append((t.key, t.due_at, t.job.name, _args(t.job.args, change, at)))
        self.stopped += change.stopped_timers
        self.jobs += [(job.name, _args(job.args, change, at), int(job.first)) for job in change.jobs]


def statement(changes: Sequence[Change]) -> tuple[str, list[Any]] | None:
    """SQL and parameters that save all of `changes` or none; None if nothing is in them.

    No two of them may update or delete the same document, or set the same timer.
    """
    rows = _Rows()
    for change in changes:
        rows.add(change)
    values: list[Any] = [column for columns in rows.inserts.values() for column in columns]
    values += rows.written
    relied = tuple(sorted(rows.relied))
    for table in relied:
        values += map(list, zip(*rows.relied[table], strict=True))
    source = {table: number for number, table in enumerate(rows.inserts)}
    # Updates and deletes are sources of their own, counted on after the inserts.
    events = [
        (*row, source[table], place) if table is not None else (*row, len(source) + place, 0)
        for *row, table, place in rows.events
    ]
    for several in (events, rows.flips, rows.timers):
        values += map(list, zip(*several, strict=True))
    if rows.stopped:
        values.append(rows.stopped)
    values += map(list, zip(*rows.jobs, strict=True))
    if not values:
        return None
    sql = _text(
        tuple(rows.inserts),
        tuple(rows.writes),
        relied,
        bool(events),
        bool(rows.flips),
        bool(rows.timers),
        bool(rows.stopped),
        bool(rows.jobs),
    )
    return sql, values


def _args(args: dict[str, Any], change: Change, at: str) -> str:
    """A job's arguments as JSON; the correlation id goes along, so that logs of one order join up."""
    return encode({**args, "correlation": change.correlation_id, "at": at}).decode()
