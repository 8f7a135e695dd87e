"""Files of a work order: a photo of the box, the signed act. The content is a document of its own in the database; the
work order names it in its TMF697 `attachment`."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

from abonent.domain.workforce.resources import WORK_ORDER, WORK_ORDER_ATTACHMENT
from abonent.domain.workforce.rules_attachments import Checked, check_count, free_name
from abonent.kit.context import Context
from abonent.kit.errors import N_, NotFound
from abonent.kit.retry import repeated
from abonent.kit.values import to_wire

Document = dict[str, Any]


async def attach(ctx: Context, work: str, files: Sequence[Checked]) -> Document:
    """Keep the files with a work order and return it; a file it has already, by its content, is kept once.

    IllegalMove "tooManyFiles".
    """
    ids = [await ctx.store.next_id(WORK_ORDER_ATTACHMENT) for _ in files]

    async def once() -> Document:
        stored = await ctx.store.get(ctx.caller, WORK_ORDER, work)
        kept: list[Document] = list(stored.document.get("attachment") or ())
        known = {each.get("@sha256") for each in kept}
        change, at = ctx.change(), to_wire(ctx.now())
        for id, file in zip(ids, files, strict=True):
            if file.sha256 in known:
                continue
            known.add(file.sha256)
            reference = _reference(id, file, {each["name"] for each in kept})
            kept.append(reference)
            change.insert(
                WORK_ORDER_ATTACHMENT,
                {
                    **{name: value for name, value in reference.items() if name != "href"},
                    "workOrder": {"id": work, "@referredType": "WorkOrder"},
                    "author": ctx.caller.name,
                    "date": at,
                    "content": b64encode(file.content).decode(),
                },
            )
        if not change.writes:
            return stored.document
        check_count(len(stored.document.get("attachment") or ()), len(change.writes))
        document = stored.document | {"attachment": kept}
        change.update(stored, document)
        await ctx.store.commit(change)
        return document

    return await repeated(once)


def _reference(id: str, file: Checked, taken: set[str]) -> Document:
    return {
        "id": id,
        "href": f"{WORK_ORDER_ATTACHMENT.path}/{id}",
        "name": free_name(file.name, taken),
        "attachmentType": "document" if file.type == "application/pdf" else "picture",
        "mimeType": file.type,
        "size": {"amount": len(file.content), "units": "byte"},
        "@sha256": file.sha256,
    }


async def read(ctx: Context, work: str, id: str) -> Checked:
    """A file of a work order that the caller may see. NotFound."""
    stored = await ctx.store.get(ctx.caller, WORK_ORDER, work)
    named = {each.get("id") for each in stored.document.get("attachment") or ()}
    found = await ctx.store.one(WORK_ORDER_ATTACHMENT, id) if id in named else None
    if found is None:
        raise NotFound("noAttachment", N_("Work order {work} has no file {id}."), work=work, id=id)
    document = found.document
    content = b64decode(document["content"])
    return Checked(document["name"], document["mimeType"], content, document["@sha256"])
