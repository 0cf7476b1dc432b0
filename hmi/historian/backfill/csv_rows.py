"""A CSV file of any length as chunks of cells."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate, chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from hmi.core.errors import LinesideError
from hmi.historian.backfill.findings import Finding

if TYPE_CHECKING:
    from _csv import Reader

COLUMNS: Final = ("tag", "time", "value", "status")
NEEDED: Final = ("tag", "time", "value")
CHUNK_ROWS: Final = 100_000
_CHUNK_BYTES: Final = 16 << 20
_MOST_ROWS: Final = 256
"""Rows between two looks at how much was read, where they are short."""
_PIECE_BYTES: Final = 1 << 20
"""Where so much came between two looks, they become frequent: long texts must stay within memory."""
_LINE_BYTES: Final = 1 << 27
"""A longer line is cut: no row that can be imported is so long, and a file without line ends must not fill memory."""
_BOM: Final = "\ufeff"


@dataclass(slots=True)
class Chunk:
    """Some rows of a file by column, and what is wrong with the lines that are no rows."""

    cells: dict[str, list[str]]
    """Cells by column name, all of equal length; `status` is missing when the file has no such column."""
    findings: list[Finding] = field(default_factory=list)
    lines: int = 0
    """Lines read so far, the first line included."""
    done: float = 0.0
    """Part of the file that is read, 0 to 1."""
    _starts: list[tuple[int, Sequence[int]]] = field(default_factory=list)
    """Of each piece: the number of its first row here, and the lines where its rows begin."""

    def __len__(self) -> int:
        return len(self.cells["tag"])

    def line(self, row: int) -> int:
        """The line in the file where a row begins."""
        first, lines = self._starts[bisect_right(self._starts, row, key=lambda piece: piece[0]) - 1]
        return lines[row - first]

    def add(self, rows: list[list[str]], first: int, lines: int) -> None:
        """Takes a piece that began in line `first` and had so many lines."""
        starts: Sequence[int] = range(first, first + lines)
        if lines != len(rows):
            starts = list(accumulate(map(_height, rows[:-1]), initial=first))
        width = len(self.cells)
        if set(map(len, rows)) != {width}:
            pairs = list(zip(rows, starts, strict=True))
            # An empty line is none.
            self.findings += [
                Finding(line, "", f"{len(row)} cells instead of {width}")
                for row, line in pairs
                if len(row) not in (0, width)
            ]
            rows = [row for row, _ in pairs if len(row) == width]
            starts = [line for row, line in pairs if len(row) == width]
        if rows:
            self._starts.append((len(self), starts))
            for column, cells in zip(self.cells.values(), zip(*rows, strict=True), strict=True):
                column.extend(cells)


def read_chunks(path: Path, rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """The rows of a file, about `rows` at a time; the first line names the columns, in any order.

    A row that is no CSV ends the file with a finding in the last chunk: where the next one begins is anybody's guess.

    Raises:
        LinesideError: the file cannot be read, or its first line does not name the columns.
    """
    try:
        with path.open("rb") as stream:
            yield from _chunks(stream, path, rows)
    except OSError as error:
        raise LinesideError(f"{path} cannot be read: {error.strerror}.", "Check the path and its rights.") from error


def _chunks(stream: BinaryIO, path: Path, rows: int) -> Iterator[Chunk]:
    size = max(1, path.stat().st_size)
    # Decoded line by line, so that bytes that are no UTF-8 are found in their line.
    lines = map(bytes.decode, iter(partial(stream.readline, _LINE_BYTES), b""))
    # One limit for the whole process, 131,072 by default: an export has longer texts. A larger one harms nobody.
    csv.field_size_limit(max(csv.field_size_limit(), _LINE_BYTES))
    reader = csv.reader(_without_mark(lines), strict=True)
    try:
        names = _columns(next(reader, []), path)
    except (csv.Error, UnicodeDecodeError) as error:
        raise LinesideError(f"{path} is no CSV file in UTF-8.", "Save it as CSV UTF-8.") from error
    ended, step = False, 1
    while not ended:
        chunk, start = Chunk({name: [] for name in names}), stream.tell()
        while not ended and len(chunk) < rows and stream.tell() - start < _CHUNK_BYTES:
            at = stream.tell()
            ended = _add_piece(reader, chunk, min(step, rows - len(chunk)))
            step = min(2 * step, _MOST_ROWS) if stream.tell() - at < _PIECE_BYTES else 1
        chunk.lines, chunk.done = reader.line_num, min(1.0, stream.tell() / size)
        yield chunk


def _add_piece(reader: Reader, chunk: Chunk, step: int) -> bool:
    """Reads a few rows; True at the end of what can be read."""
    first, piece = reader.line_num + 1, list[list[str]]()
    what, line = "", None
    try:
        piece.extend(islice(reader, step))  # keeps the rows before an error
    except UnicodeDecodeError:
        what, line = "the line is not in UTF-8: save the file as CSV UTF-8", reader.line_num + 1
    except csv.Error as error:
        what, line = f"the line is no CSV: {error}", first + sum(map(_height, piece))
    if piece:
        chunk.add(piece, first, reader.line_num + 1 - first)
    if line is not None:
        chunk.findings.append(Finding(line, "", what))
    return line is not None or not piece


def _height(row: list[str]) -> int:
    return 1 + sum(cell.count("\n") for cell in row)


def _without_mark(lines: Iterator[str]) -> Iterator[str]:
    return chain((line.removeprefix(_BOM) for line in islice(lines, 1)), lines)


def _columns(header: list[str], path: Path) -> list[str]:
    names = [name.strip().lower() for name in header]
    if len(set(names)) < len(names) or not set(NEEDED) <= set(names) <= set(COLUMNS):
        shown = ",".join(names)[:80]
        raise LinesideError(
            f"The first line of {path} must name the columns, but is {shown!r}.",
            f"Let it be {','.join(COLUMNS)}, separated by commas; status may be missing.",
        )
    return names
