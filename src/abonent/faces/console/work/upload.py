"""Files sent with a form: read within limits, kept with the work order, and given out as downloads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from abonent.domain.workforce import attachments
from abonent.domain.workforce.rules_attachments import MOST_BYTES, Checked, check_file
from abonent.faces.console.addresses import work_path
from abonent.faces.console.desk import HEADERS, Visit, reads_files
from abonent.faces.console.work import rights
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput
from abonent.kit.i18n import Translator

# Files of one form; a phone sends several pictures at once.
AT_ONCE = 4
FIELD = "photo"
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


def _too_large() -> BadInput:
    return BadInput(
        "filesTooLarge",
        N_("The files are too large together. Send them one by one, each of {most} MB at most."),
        most=MOST_BYTES // (1024 * 1024),
    )


read_with_files = reads_files(FIELD, AT_ONCE, MOST_BYTES, _too_large)


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
