"""The file of a bulk order: CSV as spreadsheets write it, read into lines, and written again with what is to be
mended. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from abonent.kit.errors import N_, BadInput, TooLarge

MOST_BYTES = 1024 * 1024
MOST_LINES = 1000
# Columns by the names that a header may give them, in small letters.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "externalId": ("external_id", "externalid", "number", "номер", "номер заявки", "внешний номер"),
    "site": ("site", "site_code", "address_id", "код адреса", "код площадки", "площадка"),
    "address": ("address", "адрес"),
    "offering": ("offering", "product", "услуга", "предложение", "тариф"),
    "quantity": ("quantity", "count", "количество", "число"),
    "characteristics": ("characteristics", "свойства", "параметры", "характеристики"),
    "date": ("date", "wanted_date", "дата", "желаемая дата"),
    "contact": ("contact", "контакт"),
}
REQUIRED = ("externalId", "offering")
# The columns that a reject file has before the others; read again, nobody asks for them.
REJECT_COLUMNS = ("rejected_line", "rejected_reason")
_BOM = "\ufeff"
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class BulkFile:
    """What was read: the header as it stands, its separator, rows (number of the line in the file, cells)."""

    header: tuple[str, ...]
    delimiter: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_file(data: bytes) -> BulkFile:
    """Read a file; BadInput says what is wrong with it as a whole."""
    if len(data) > MOST_BYTES:
        raise TooLarge(
            "bulkTooLarge",
            N_("The file has {size} KB, at most {most} KB are taken at once. Split it into several files."),
            size=len(data) // 1024 + 1,
            most=MOST_BYTES // 1024,
        )
    text = _decoded(data)
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, tuple[str, ...]]] = []
    try:
        begin = 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((begin, tuple(cell.strip() for cell in cells)))
            begin = reader.line_num + 1
            if len(rows) > MOST_LINES + 1:
                raise TooLarge(
                    "bulkTooLong",
                    N_("The file has more than {most} lines. Split it into several files."),
                    most=MOST_LINES,
                )
    except csv.Error as error:
        raise BadInput(
            "bulkMalformed",
            N_("Line {line} cannot be read ({reason}). Save the file as CSV again."),
            line=reader.line_num,
            reason=str(error),
        ) from None
    if len(rows) < 2:
        raise BadInput(
            "bulkEmpty", N_("The file has no lines below its header. Give one line for each order.")
        )
    header = rows[0][1]
    _check_header(header)
    return BulkFile(header, delimiter, tuple(rows[1:]))


def _decoded(data: bytes) -> str:
    """The text, in the encodings that spreadsheets save: UTF-8, UTF-16 with its mark, else Windows Cyrillic."""
    if data[:2] == b"PK":
        raise BadInput(
            "bulkWorkbook",
            N_("This is a workbook. In the spreadsheet choose “Save as”, then “CSV”, and send that."),
        )
    try:
        text = data.decode("utf-16") if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1251", errors="replace")
    if "\x00" in text:
        raise BadInput("bulkBinary", N_("This is no text. In the spreadsheet choose “Save as”, then “CSV”."))
    return text.removeprefix(_BOM)


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(";,\t", key=first.count)


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Column of ours -> its place in the header; the first that bears one of its names."""
    named = {alias: column for column, aliases in COLUMNS.items() for alias in (column.lower(), *aliases)}
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        column = named.get(" ".join(cell.lower().split()))
        if column is not None:
            found.setdefault(column, place)
    return found


def _check_header(header: Sequence[str]) -> None:
    found = columns_of(header)
    missing = [COLUMNS[column][0] for column in REQUIRED if column not in found]
    if "site" not in found and "address" not in found:
        missing.append("address")
    if missing:
        raise BadInput(
            "bulkColumns",
            N_("The header lacks the columns {columns}. It may have: {known}."),
            columns=", ".join(missing),
            known=", ".join(aliases[0] for aliases in COLUMNS.values()),
        )


def cells_of(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """A line's cells by our columns; what the line lacks is empty. A spreadsheet's apostrophe is taken off."""
    return {
        column: (cells[place].removeprefix("'") if place < len(cells) else "")
        for column, place in columns_of(header).items()
    }


def header_name(header: Sequence[str], column: str) -> str:
    """What the file calls a column of ours."""
    place = columns_of(header).get(column)
    return header[place] if place is not None else COLUMNS.get(column, (column,))[0]


def reject_file(
    header: Sequence[str], delimiter: str, rejected: Iterable[tuple[int, str, Sequence[str]]]
) -> bytes:
    """Lines with what is wrong with each, in the form of the file they came in; to be mended and sent again."""
    kept = [place for place, name in enumerate(header) if name not in REJECT_COLUMNS]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([*REJECT_COLUMNS, *(header[place] for place in kept)])
    for line, reason, cells in rejected:
        given = [cells[place] if place < len(cells) else "" for place in kept]
        writer.writerow([line, *map(_safe, [reason, *given])])
    return (_BOM + text.getvalue()).encode()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
