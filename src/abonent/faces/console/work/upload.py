"""Files sent with a form: read within limits, kept with the work order, and given out as downloads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.datastructures import ImmutableMultiDict, UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response

from abonent.domain.workforce import attachments
from abonent.domain.workforce.rules_attachments import MOST_BYTES, Checked, check_file
from abonent.faces.console.addresses import work_path
from abonent.faces.console.desk import HEADERS, Form, Visit, read_form
from abonent.faces.console.work import rights
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput
from abonent.kit.i18n import Translator

# Files of one form; a phone sends several pictures at once.
AT_ONCE = 4
FIELD = "photo"
_FIELDS = 60
_FORM_BYTES = AT_ONCE * MOST_BYTES + 256 * 1024
# What a browser opens is never run: neither as a page of ours nor as anything else.
_DOWNLOAD = {
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as a work order's page lists it."""

    href: str
    name: str
    about: str


def file_rows(work: Mapping[str, Any], t: Translator) -> tuple[FileRow, ...]:
    """The files of a work order, in the order in which they came."""
    return tuple(
        FileRow(
            file_path(work["id"], each["id"]),
            each["name"],
            ", ".join((each["name"].rpartition(".")[2].upper(), _size(each["size"]["amount"], t))),
        )
        for each in work.get("attachment") or ()
    )


def _size(amount: int, t: Translator) -> str:
    if amount < 1024 * 1024:
        return t.gettext("{n} KB", n=t.number(max(1, round(amount / 1024))))
    return t.gettext("{n} MB", n=t.number(amount / (1024 * 1024), 1))


def file_path(work: str, id: str) -> str:
    """The address of a file of a work order."""
    return f"{work_path(work)}/attachments/{quote(id, safe='')}"


async def read_with_files(request: Request) -> Form:
    """The text fields of a form; its files stand in request.state.files. A form without files is read as any other.
    BadInput for one that is too large."""
    request.state.files = []
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "multipart/form-data":
        return await read_form(request)
    size = request.headers.get("content-length", "")
    if not size.isdigit():
        return ImmutableMultiDict()
    if int(size) > _FORM_BYTES:
        # Told by its head alone: such a body is not read.
        raise BadInput(
            "filesTooLarge",
            N_("The files are too large together. Send them one by one, each of {most} MB at most."),
            most=MOST_BYTES // (1024 * 1024),
        )
    try:
        async with request.form(max_files=AT_ONCE, max_fields=_FIELDS) as form:
            fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
            for name, value in form.multi_items():
                if isinstance(value, UploadFile) and name == FIELD and value.filename:
                    request.state.files.append((value.filename, await value.read(MOST_BYTES + 1)))
    except MultiPartException:
        return ImmutableMultiDict()
    return ImmutableMultiDict(fields)


def files_of(visit: Visit) -> list[Checked]:
    """The files of the form, checked. BadInput."""
    return [check_file(name, content) for name, content in visit.request.state.files]


async def keep(ctx: Context, work: str, files: list[Checked]) -> None:
    """Keep files with a work order, for those who may. Forbidden, IllegalMove."""
    if files:
        rights.demand(ctx.caller, "attach")
        await attachments.attach(ctx, work, files)


async def give(ctx: Context, work: str, id: str) -> Response:
    """A file as a download: never shown within our pages, its type as it was found. NotFound."""
    rights.demand_staff(ctx.caller)
    file = await attachments.read(ctx, work, id)
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in file.name)
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    return Response(file.content, media_type=file.type, headers={**_DOWNLOAD, "Content-Disposition": named})
