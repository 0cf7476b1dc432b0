"""The first pass: what a file holds, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hmi.historian.backfill.columns import ColumnReader
from hmi.historian.backfill.csv_rows import read_chunks
from hmi.historian.backfill.findings import Findings, UnusableFileError
from hmi.historian.backfill.targets import Targets

Progress = Callable[[float], None]
"""Told the part that is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file every row of which can be imported."""

    path: Path
    targets: Targets
    rows: int
    lines: int
    """Lines of the file, the first one included."""
    first: int | None
    """ns UTC of the oldest sample; None = the file has none."""
    last: int | None
    stamp: tuple[int, int]
    """Size and time of change (ns) of the file that was checked."""


def stamp_of(path: Path) -> tuple[int, int]:
    """By which a file that was changed is known."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def check_file(path: Path, targets: Targets, progress: Progress) -> Content:
    """Reads a whole file and writes nothing; memory holds a chunk of it.

    Raises:
        UnusableFileError: rows that cannot be imported, with the first of them and a count.
        LinesideError: the file cannot be read at all.
    """
    findings, reader = Findings(), ColumnReader(targets)
    rows, lines, first, last = 0, 1, None, None
    stamp = stamp_of(path) if path.exists() else (0, 0)  # a missing file is told by whoever reads it
    for chunk in read_chunks(path):
        columns = reader.read(chunk)
        findings.add(columns.findings)
        if len(columns):
            low, high = int(np.min(columns.time)), int(np.max(columns.time))
            first, last = (low, high) if first is None or last is None else (min(first, low), max(last, high))
        rows, lines = rows + len(columns), chunk.lines
        progress(chunk.done)
    if findings.total:
        raise UnusableFileError(str(path), findings)
    return Content(path, targets, rows, lines, first, last, stamp)
