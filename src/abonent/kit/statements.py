"""The one statement that saves a change: documents, history, events, jobs and timers in a single round trip.

Its text depends only on the kinds of the writes, so the few texts in use are cached here and stay prepared in
the driver. A compare-and-set that finds no row raises inside the statement, which undoes all of it.
"""

from functools import lru_cache
from typing import Any

from abonent.kit.change import Change
from abonent.kit.shapes import encode
from abonent.kit.values import to_wire

# SQLSTATE of the function abonent_require (migrations/0001): a compare-and-set found no row.
LOST_UPDATE = "AB409"

INSERT, UPDATE, DELETE = "insert", "update", "delete"
_PARAMETERS = {INSERT: 2, UPDATE: 3, DELETE: 2}

_HISTORY = """
h AS (INSERT INTO state_history (resource, resource_id, attribute, old_state, new_state, reason, at, by, correlation_id)
      SELECT u.r, u.id, u.a, u.o, u.n, u.why, coalesce(u.at, ${at}::timestamptz), coalesce(u.by, ${by}::text),
             ${cid}::text
      FROM unnest(${n}::text[], ${n1}::text[], ${n2}::text[], ${n3}::text[], ${n4}::text[], ${n5}::text[],
                  ${n6}::timestamptz[], ${n7}::text[]) u(r, id, a, o, n, why, at, by))"""
_BULK = "SELECT * FROM unnest(${n}::text[], ${n1}::jsonb[])"
_TIMERS = """
t AS (INSERT INTO timer (key, due_at, job, args)
      SELECT * FROM unnest(${n}::text[], ${n1}::timestamptz[], ${n2}::text[], ${n3}::jsonb[])
      ON CONFLICT (key) DO UPDATE SET due_at = excluded.due_at, job = excluded.job, args = excluded.args)"""
_STOPPED = "\ns AS (DELETE FROM timer WHERE key = ANY(${n}::text[]))"
_JOBS = """
(SELECT cardinality(procrastinate_defer_jobs_v1(array_agg(
    ROW('default', u.name, 0, NULL, NULL, u.args, NULL)::procrastinate_job_to_defer_v1)))
 FROM unnest(${n}::text[], ${n1}::jsonb[]) u(name, args))"""


@lru_cache(maxsize=512)
def _text(writes: tuple[tuple[str, str], ...], events: tuple[int, ...], flips: bool, jobs: bool,
          timers: bool, stopped: bool, adopted: tuple[str, ...] = ()) -> str:  # fmt: skip
    """The statement for writes of these kinds on these tables, with events about the writes at these places.

    `adopted` are the tables that take documents in bulk."""
    parts: list[str] = []
    required: list[str] = []
    n, document_parameter = 4, []  # $1 at, $2 by, $3 correlation id
    for place, (kind, table) in enumerate(writes):
        name = f"w{place}"
        if kind == INSERT:
            parts.append(f"{name} AS (INSERT INTO {table} (id, doc) VALUES (${n}, ${n + 1}::jsonb))")
        elif kind == UPDATE:
            parts.append(
                f"{name} AS (UPDATE {table} SET doc = ${n + 1}::jsonb, version = version + 1"
                f" WHERE id = ${n} AND version = ${n + 2} RETURNING 1)"
            )
        else:
            parts.append(
                f"{name} AS (DELETE FROM {table} WHERE id = ${n} AND version = ${n + 1} RETURNING 1)"
            )
        if kind != INSERT:
            required.append(f"abonent_require((SELECT count(*) FROM {name}), '{table} ' || ${n}::text)")
        document_parameter.append(f"${n + 1}::jsonb" if kind != DELETE else "NULL::jsonb")
        n += _PARAMETERS[kind]
    if events:
        rows = []
        for place in events:
            rows.append(
                f"(${n}, ${n + 1}, ${n + 2}, ${n + 3}, ${n + 4}, ${n + 5}, $1::timestamptz, $2::text, $3::text, "
                f"{document_parameter[place]})"
            )
            n += 6
        parts.append(
            "e AS (INSERT INTO event (id, type, resource, resource_id, old_state, new_state, at, by,"
            f" correlation_id, doc) VALUES {', '.join(rows)})"
        )
    for place, table in enumerate(adopted):
        parts.append(_numbered(f"a{place} AS (INSERT INTO {table} (id, doc) {_BULK})", n))
        n += 2
    for wanted, template, width in ((flips, _HISTORY, 8), (timers, _TIMERS, 4), (stopped, _STOPPED, 1)):
        if wanted:
            parts.append(_numbered(template, n))
            n += width
    if jobs:
        required.append(_numbered(_JOBS, n))
    # $1..$3 must be known to the server even where no part uses them.
    with_parts = f"WITH {', '.join(parts)}\n" if parts else ""
    return f"{with_parts}SELECT {', '.join([*required, '$1::timestamptz', '$2::text', '$3::text'])}"


def _numbered(template: str, n: int) -> str:
    text = template.replace("{at}", "1").replace("{by}", "2").replace("{cid}", "3").replace("{n}", str(n))
    for offset in range(1, 8):
        text = text.replace(f"{{n{offset}}}", str(n + offset))
    return text


def statement(change: Change) -> tuple[str, list[Any]]:
    """SQL and parameters that save `change`."""
    kinds: list[tuple[str, str]] = []
    values: list[Any] = [change.at, change.by.name, change.correlation_id]
    for write in change.writes:
        if write.version is None:
            kinds.append((INSERT, write.resource.table))
            values += (write.id, encode(write.document).decode())
        elif write.document is not None:
            kinds.append((UPDATE, write.resource.table))
            values += (write.id, encode(write.document).decode(), write.version)
        else:
            kinds.append((DELETE, write.resource.table))
            values += (write.id, write.version)
    for event, _ in change.events:
        values += (event.id, event.type, event.resource, event.resource_id, event.old_state, event.new_state)
    adopted: dict[str, tuple[list[str], list[str]]] = {}
    for write in change.adopted:
        ids, documents = adopted.setdefault(write.resource.table, ([], []))
        ids.append(write.id)
        documents.append(encode(write.document).decode())
    for columns in adopted.values():
        values += columns
    if change.flips:
        rows = [(f.resource, f.id, f.attribute, f.old, f.new, f.reason, f.at, f.by) for f in change.flips]
        values += map(list, zip(*rows, strict=True))
    at = to_wire(change.at) if change.timers or change.jobs else ""
    if change.timers:
        timers = [(t.key, t.due_at, t.job.name, _args(t.job.args, change, at)) for t in change.timers]
        values += map(list, zip(*timers, strict=True))
    if change.stopped_timers:
        values.append(change.stopped_timers)
    if change.jobs:
        values.append([job.name for job in change.jobs])
        values.append([_args(job.args, change, at) for job in change.jobs])
    sql = _text(
        tuple(kinds),
        tuple(place for _, place in change.events),
        bool(change.flips),
        bool(change.jobs),
        bool(change.timers),
        bool(change.stopped_timers),
        tuple(adopted),
    )
    return sql, values


def _args(args: dict[str, Any], change: Change, at: str) -> str:
    """A job's arguments as JSON; the correlation id goes along, so that logs of one order join up."""
    return encode({**args, "correlation": change.correlation_id, "at": at}).decode()
