"""The clients file and the file of rejected rows: CSV in, CSV out."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from abonent.importing.mapping import File
from abonent.importing.problems import FileProblem

# Columns of a reject file before the original ones; read again, they are columns that nobody asks for.
REJECT_COLUMNS = ("rejected_line", "rejected_reason")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line of the file it begins at, its cells as they stand, and by column when they fit the header."""

    line: int
    fields: list[str]
    cells: dict[str, str] | None


class Rejects(Protocol):
    """Takes rows that could not be used."""

    def __call__(self, row: Row, reason: str) -> None: ...


class ClientsFile:
    """An open clients file: `header`, then rows. FileProblem when it cannot be read as the mapping says."""

    def __init__(self, file: IO[str], format: File, name: str) -> None:
        self._reader = csv.reader(file, delimiter=format.delimiter, strict=True)
        self._format, self._name = format, name
        first = next(self._read(), None)
        if first is None:
            raise FileProblem(
                "emptyFile", "{file} is empty; it needs a header with the columns' names.", file=name
            )
        self.header = [column.strip() for column in first[1]]
        twice = {column for column in self.header if self.header.count(column) > 1}
        if twice:
            raise FileProblem(
                "columnTwice",
                "{file}: the header names {columns} twice. Give each column its own name.",
                file=name,
                columns=", ".join(sorted(twice)),
            )

    def __iter__(self) -> Iterator[Row]:
        """Rows that are not blank."""
        for line, fields in self._read():
            if not any(field.strip() for field in fields):
                continue
            fits = len(fields) == len(self.header)
            yield Row(line, fields, dict(zip(self.header, fields, strict=True)) if fits else None)

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        while True:
            line = self._reader.line_num + 1
            try:
                fields = next(self._reader)
            except StopIteration:
                return
            except UnicodeDecodeError as error:
                raise FileProblem(
                    "wrongEncoding",
                    "{file} is not {encoding} (after line {line}: {reason}). Name its encoding in the mapping"
                    " (file.encoding: utf-8, utf-8-sig or cp1251).",
                    file=self._name,
                    encoding=self._format.encoding,
                    line=line - 1,
                    reason=error.reason,
                ) from None
            except csv.Error as error:
                raise FileProblem(
                    "malformedCsv", "{file}, line {line}: {reason}.", file=self._name, line=line, reason=error
                ) from None
            yield line, fields


@contextmanager
def open_clients(path: Path, format: File) -> Iterator[ClientsFile]:
    """The clients file, read as the mapping says. A byte order mark is taken off whatever the mapping says."""
    encoding = "utf-8-sig" if format.encoding.startswith("utf-8") else format.encoding
    with path.open(encoding=encoding, newline="") as file:
        yield ClientsFile(file, format, path.name)


def count_lines(path: Path) -> int:
    """Lines of the file: how long an import will be, for the progress bar."""
    with path.open("rb") as file:
        return sum(part.count(b"\n") for part in iter(lambda: file.read(1 << 20), b""))


class RejectFile:
    """Writes rejected rows: line, reason, then the row as it was; the file is created with the first one."""

    def __init__(self, path: Path | None, format: File, header: list[str]) -> None:
        self.path, self._format, self._header = path, format, header
        self._file: IO[str] | None = None
        self.first: list[tuple[int, str]] = []

    def __call__(self, row: Row, reason: str) -> None:
        if len(self.first) < 10:
            self.first.append((row.line, reason))
        if self.path is None:
            return
        fresh = self._file is None
        if self._file is None:
            self._file = self.path.open("w", encoding=self._format.encoding, errors="replace", newline="")
        writer = csv.writer(self._file, delimiter=self._format.delimiter)
        if fresh:
            writer.writerow([*REJECT_COLUMNS, *self._header])
        writer.writerow([row.line, reason, *row.fields])

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
