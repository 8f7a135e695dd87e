"""Importing clients: rows in, documents adopted or updated in batches, rejected rows handed back.

Running the same file again writes nothing: ids come from the client's key, and a document that says already what the
file says is left alone. A changed row changes what it changed, and that is told by an event as any change is; clients
seen for the first time are adopted without events, as nothing happened to them here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.inventory.states import PRODUCT_STATUS
from abonent.domain.party.resources import CUSTOMER_
from abonent.importing.catalogue import Offerings, absent_catalogue
from abonent.importing.cells import Cells
from abonent.importing.documents import ClientDocuments, documents_of, offerings_held
from abonent.importing.files import Rejects, Row
from abonent.importing.mapping import Mapping
from abonent.importing.merging import merged
from abonent.importing.problems import RowProblem
from abonent.kit.change import Flip, Stored
from abonent.kit.context import Context
from abonent.kit.errors import Conflict
from abonent.kit.resource import Resource
from abonent.kit.values import to_wire

BATCH = 200
# Updates are compare-and-set, a part of the statement each: a change of thousands would be one huge text.
_UPDATES = 50
_TRIES = 5

Document = dict[str, Any]
Refused = tuple[Row, str]
Found = dict[tuple[str, str], Stored]


@dataclass(slots=True)
class Summary:
    """What an import did (or would do). Counts of rows and clients; documents by resource name."""

    rows: int = 0
    rejected: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    catalogue: list[str] = field(default_factory=list)
    inserted: dict[str, int] = field(default_factory=dict)
    updated: dict[str, int] = field(default_factory=dict)
    terminated: int = 0


@dataclass(slots=True)
class _Batch:
    """The writes of one batch of rows."""

    inserts: list[tuple[Resource, Document]] = field(default_factory=list)
    updates: list[tuple[Stored, Document, str | None]] = field(default_factory=list)
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    terminated: int = 0


async def import_clients(
    ctx: Context,
    mapping: Mapping,
    rows: Iterable[Row],
    *,
    rejects: Rejects,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda rows: None,
) -> Summary:
    """Import all rows; `rejects` takes those that cannot be used, `progress` the number of rows done.

    `dry_run` finds out what would happen and writes nothing. Conflict if others keep changing the same clients.
    """
    summary = Summary()
    fresh = await absent_catalogue(ctx, mapping)
    summary.catalogue = [document["id"] for _, document in fresh]
    if fresh and not dry_run:
        change = ctx.change()
        for resource, document in fresh:
            change.insert(resource, document)
        await ctx.store.commit(change)
    offerings = Offerings(ctx, fresh if dry_run else ())
    seen: dict[str, int] = {}
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        summary.rows += len(batch)
        clients, refused = await _read_batch(ctx, mapping, batch, offerings, seen)
        refused += await _write_batch(ctx, clients, summary, dry_run=dry_run)
        summary.rejected += len(refused)
        for row, reason in sorted(refused, key=lambda each: each[0].line):
            rejects(row, reason)
        progress(len(batch))
    if not dry_run and (summary.created or summary.changed):
        await ctx.store.database.settle()
    return summary


async def _read_batch(
    ctx: Context, mapping: Mapping, batch: list[Row], offerings: Offerings, seen: dict[str, int]
) -> tuple[list[tuple[Row, ClientDocuments]], list[Refused]]:
    """The documents of each usable row, and the rows that are not, with the reason."""
    refused: list[Refused] = []
    read: list[tuple[Row, Cells]] = []
    for row in batch:
        if row.cells is None:
            refused.append((row, "the row has more or fewer fields than the header"))
            continue
        cells = Cells(row.cells, mapping.file.decimal)
        read.append((row, cells))
    named: set[str] = set()
    for _, cells in read:
        try:
            named |= {offering for _, offering in offerings_held(mapping, cells)}
        except RowProblem:
            continue  # said below, when its documents are made
    await offerings.learn(named)
    today = ctx.now().date()
    made: list[tuple[Row, ClientDocuments]] = []
    for row, cells in read:
        try:
            client = documents_of(mapping, cells, offerings.known, today)
            if client.key in seen:
                raise RowProblem(f"the client {client.key} stands in line {seen[client.key]} already")
        except RowProblem as problem:
            refused.append((row, str(problem)))
            continue
        seen[client.key] = row.line
        made.append((row, client))
    return made, refused


async def _write_batch(
    ctx: Context, clients: list[tuple[Row, ClientDocuments]], summary: Summary, *, dry_run: bool
) -> list[Refused]:
    """Compare with what is stored and save the difference; once more if somebody was there at the same time.
    Rows that what is stored forbids come back."""
    refused: list[Refused] = []
    for attempt in range(_TRIES):
        wanted = [(r, d["id"]) for _, client in clients for r, d in client.documents]
        wanted += [(PRODUCT, id) for _, client in clients for id in client.absent]
        found = await ctx.store.find(wanted)
        batch, refused = _Batch(), list[Refused]()
        for row, client in clients:
            try:
                _compare(batch, client, found, to_wire(ctx.now()))
            except RowProblem as problem:
                refused.append((row, str(problem)))
        try:
            if not dry_run:
                await _commit(ctx, batch)
        except Conflict:
            if attempt == _TRIES - 1:
                raise
            continue
        _count(summary, batch)
        break
    return refused


def _compare(batch: _Batch, client: ClientDocuments, found: Found, now: str) -> None:
    """Note in `batch` what this client's documents need. RowProblem leaves the batch as it was."""
    inserts: list[tuple[Resource, Document]] = []
    updates: list[tuple[Stored, Document, str | None]] = []
    for resource, document in client.documents:
        stored = found.get((resource.name, document["id"]))
        if stored is None:
            inserts.append((resource, document))
            continue
        if resource is PRODUCT and stored.state in PRODUCT_STATUS.final:
            raise RowProblem(
                f"product {stored.id} is {stored.state} here; order it again, or take it out of the row"
            )
        wanted = merged(stored.document, document, keep_dates=client.undated)
        if wanted != stored.document:
            updates.append((stored, wanted, None))
    ended = 0
    for id in client.absent:
        stored = found.get((PRODUCT.name, id))
        if stored is not None and PRODUCT_STATUS.may(str(stored.state), "terminated"):
            over = stored.document | {"status": "terminated", "terminationDate": now}
            updates.append((stored, over, "imported: no longer held"))
            ended += 1
    batch.inserts += inserts
    batch.updates += updates
    batch.terminated += ended
    if inserts and inserts[0][0] is CUSTOMER_:
        batch.created += 1
    elif inserts or updates:
        batch.changed += 1
    else:
        batch.unchanged += 1


async def _commit(ctx: Context, batch: _Batch) -> None:
    """New documents in one change, then the updates in several: both can be repeated after a Conflict."""
    if batch.inserts:
        change = ctx.change()
        for resource, document in batch.inserts:
            change.adopt(resource, document, _origin(resource, document))
        await ctx.store.commit(change)
    updates = iter(batch.updates)
    while part := list(islice(updates, _UPDATES)):
        change = ctx.change()
        for stored, document, reason in part:
            change.update(stored, document, reason)
        await ctx.store.commit(change)


def _origin(resource: Resource, document: Document) -> list[Flip]:
    """One history row: where the state came from."""
    machine = resource.states
    if machine is None:
        return []
    return [
        Flip(resource.name, document["id"], machine.attribute, None, document[machine.attribute], "imported")
    ]


def _count(summary: Summary, batch: _Batch) -> None:
    summary.created += batch.created
    summary.changed += batch.changed
    summary.unchanged += batch.unchanged
    summary.terminated += batch.terminated
    for resource, _ in batch.inserts:
        summary.inserted[resource.name] = summary.inserted.get(resource.name, 0) + 1
    for stored, _, _ in batch.updates:
        name = stored.resource.name
        summary.updated[name] = summary.updated.get(name, 0) + 1
