"""Import and export jobs of the catalogues (TMF620, TMF633): posted, run in the background, ended with what happened.

An export writes a file that is fetched at the address its `url` names, an import reads one; either file is one of this
server's own (catalogFile). An import takes all of a file or nothing.
"""

from typing import Any

from abonent.domain.catalog import rules_exchange as rules
from abonent.domain.catalog.exchange_resources import CATALOG_FILE, EXPORTS, IMPORTS, KINDS
from abonent.domain.catalog.ports import SiteAddress
from abonent.domain.catalog.queries_exchange import pass_number
from abonent.domain.catalog.states import FAILED, NOT_STARTED, RUNNING, SUCCEEDED
from abonent.kit.access import SYSTEM
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.crud import Actions, Create, plain
from abonent.kit.errors import N_, BadInput, Conflict, Problem
from abonent.kit.query import parse_query
from abonent.kit.resource import Resource
from abonent.kit.retry import repeated
from abonent.kit.shapes import decode
from abonent.kit.values import to_wire

RUN = "catalog.run_exchange"
Document = dict[str, Any]
_OF_THE_JOB = frozenset({"completionDate", "errorLog"})


def create_job(resource: Resource) -> Create:
    """The create action of one kind of job: it is kept, and begins in the background."""

    async def create(ctx: Context, document: Document) -> Document:
        given = {name: value for name, value in document.items() if name not in _OF_THE_JOB}
        usual = {"contentType": rules.CONTENT_TYPE, "creationDate": to_wire(ctx.now())}
        new = usual | given | {"status": NOT_STARTED, "id": await ctx.store.next_id(resource)}
        change = ctx.change()
        change.insert(resource, new)
        change.defer(RUN, kind=resource.name, id=new["id"])
        await ctx.store.commit(change)
        return new

    return create


async def run(ctx: Context, kind: str, id: str, **_: Any) -> None:
    """Job: do what an import or export job asks for. One that was interrupted is done again from the start."""
    resource = next(each for each in (*IMPORTS, *EXPORTS) if each.name == kind)
    stored = await ctx.store.one(resource, id)
    if stored is None or stored.state in resource.states.final:  # pyright: ignore[reportOptionalMemberAccess]
        return
    if stored.state == NOT_STARTED:
        change = ctx.change()
        change.update(stored, stored.document | {"status": RUNNING})
        await ctx.store.commit(change)

    async def once() -> None:
        running = await ctx.store.get(SYSTEM, resource, id)
        change = ctx.change()
        try:
            await (_import if resource in IMPORTS else _export)(ctx, change, running)
        except Problem as refused:
            if isinstance(refused, Conflict) or refused.status >= 500:
                raise
            change = ctx.change()
            _end(ctx, change, running, FAILED, errorLog=str(refused))
        else:
            _end(ctx, change, running, SUCCEEDED)
        await ctx.store.commit(change)

    await repeated(once)


def _end(ctx: Context, change: Change, running: Stored, status: str, **more: Any) -> None:
    at = to_wire(ctx.now())
    change.update(running, running.document | {"status": status, "completionDate": at} | more)


def _asked(ctx: Context, job: Stored) -> tuple[str, tuple[Resource, ...]]:
    """Name of the file and what is carried. BadInput."""
    site = ctx.ports.get(SiteAddress) or SiteAddress()
    rules.check_content_type(job.document.get("contentType"))
    name = rules.file_name(job.document["url"], site.base)
    return name, rules.chosen(job.document.get("path"), KINDS[job.resource.name])


async def _export(ctx: Context, change: Change, job: Stored) -> None:
    """Note in `change` the file of an export. BadInput."""
    name, kinds = _asked(ctx, job)
    asked = rules.conditions(job.document.get("query"), kinds)
    content: dict[str, list[Document]] = {}
    for kind in kinds:
        query = parse_query(asked, kind.shape, kind.columns)
        batches = ctx.store.stream(SYSTEM, kind, query)
        content[kind.name] = [decode(text) async for batch in batches for text, _ in batch.rows]
    file = {
        "id": name,
        "contentType": rules.CONTENT_TYPE,
        "lastUpdate": to_wire(ctx.now()),
        "content": content,
    }
    before = await ctx.store.one(CATALOG_FILE, name)
    if before is None:
        change.insert(CATALOG_FILE, file)
    else:
        change.update(before, file)


async def _import(ctx: Context, change: Change, job: Stored) -> None:
    """Note in `change` what an import brings: new documents, and those that differ from ours. BadInput."""
    name, kinds = _asked(ctx, job)
    file = await ctx.store.one(CATALOG_FILE, name)
    if file is None:
        raise BadInput(
            "noSuchFile",
            N_("{path}: there is no file {name} here. Post it to {folder} first."),
            path="url",
            name=name,
            folder=CATALOG_FILE.path,
        )
    brought = rules.read_content(file.document["content"], kinds)
    known = await ctx.store.find((kind, document["id"]) for kind, document in brought)
    for kind, document in brought:
        before = known.get((kind.name, document["id"]))
        if before is None:
            change.insert(kind, document)
        elif before.document != document:
            change.update(before, document)
    for kind in kinds:
        number = rules.highest_number(kind, [d["id"] for k, d in brought if k is kind])
        if number:
            await pass_number(ctx.store, kind, number)


async def create_file(ctx: Context, document: Document) -> Document:
    """A file for an import, under a new name. BadInput for a format that is not read here."""
    rules.check_content_type(document.get("contentType"))
    own = {"contentType": rules.CONTENT_TYPE, "lastUpdate": to_wire(ctx.now())}
    return await plain(CATALOG_FILE).create(ctx, document | own)


def register(actions: Actions) -> None:
    """Put these in place of the plain actions."""
    for resource in (*IMPORTS, *EXPORTS):
        actions.register(resource, create=create_job(resource))
    actions.register(CATALOG_FILE, create=create_file)


# Background jobs by name.
JOBS = ((RUN, run),)
