"""What may be attached to a work order: pictures and PDF files, known by their content, not by their name. Pure."""

import re
from dataclasses import dataclass
from hashlib import sha256
from itertools import count as numbers

from abonent.kit.errors import N_, BadInput, IllegalMove

MOST_BYTES = 5 * 1024 * 1024
# Files of one work order.
MOST_FILES = 12
_LONGEST_NAME = 80

# Type -> the ending its name gets.
ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "application/pdf": "pdf",
}
_HEIC = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1"})
_NAME_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept; `name` is safe to show and to save under."""

    name: str
    type: str
    content: bytes
    sha256: str


def type_of(content: bytes) -> str | None:
    """The media type that a content's first bytes tell; None for what is not kept."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        return "image/heic"
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    return None


def check_file(name: str, content: bytes) -> Checked:
    """The file as it may be kept. BadInput for what is empty, too large or of another type."""
    told = safe_name(name)
    if not content:
        raise BadInput("fileEmpty", N_("File {name} is empty. Choose it once more."), name=told, path="photo")
    if len(content) > MOST_BYTES:
        raise BadInput(
            "fileTooLarge",
            N_("File {name} is larger than {most} MB. Make the picture smaller and send it again."),
            name=told,
            most=MOST_BYTES // (1024 * 1024),
            path="photo",
        )
    kind = type_of(content)
    if kind is None:
        raise BadInput(
            "fileType",
            N_("File {name} is no picture (JPEG, PNG, WebP, HEIC) and no PDF. Send one of these."),
            name=told,
            path="photo",
        )
    name = f"{_NAME_ENDING.sub('', told)}.{ENDINGS[kind]}"
    return Checked(name, kind, content, sha256(content).hexdigest())


def check_count(kept: int, more: int) -> None:
    """IllegalMove if a work order would have too many files."""
    if kept + more > MOST_FILES:
        raise IllegalMove(
            "tooManyFiles",
            N_("A work order keeps {most} files at most; it has {kept}."),
            most=MOST_FILES,
            kept=kept,
            path="photo",
        )


def safe_name(name: str) -> str:
    """The last part of a path, without what a file system, a header or a page could take for something else."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*;%').strip(" .")
    if len(kept) > _LONGEST_NAME:
        ending = _NAME_ENDING.search(kept)
        tail = ending[0] if ending else ""
        kept = kept[: _LONGEST_NAME - len(tail)] + tail
    return kept or "file"


def free_name(name: str, taken: set[str]) -> str:
    """The name, or with a number when the work order has such a file."""
    if name not in taken:
        return name
    stem, _, ending = name.rpartition(".")
    return next(made for n in numbers(2) if (made := f"{stem} ({n}).{ending}") not in taken)
