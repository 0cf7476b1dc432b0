"""The cells of a chunk as columns of samples, and what is wrong with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64, Int64
from hmi.core.quality import is_bad
from hmi.historian.backfill.csv_rows import Chunk
from hmi.historian.backfill.findings import Finding
from hmi.historian.backfill.targets import Target, Targets
from hmi.historian.cells.number_column import NAN, number_of
from hmi.historian.cells.status_text import status_of_text
from hmi.historian.cells.text_cell import text_of_cell
from hmi.historian.cells.time_column import read_times

_NONE: Final = -1
_NAN: Final = NAN.decode()
_REMEMBERED: Final = 10_000
"""Wrong cells that are known again; right ones are as many as there are tags and statuses."""


@dataclass(slots=True)
class Columns:
    """Samples of a chunk in the order of the file; those of rows with a finding mean nothing."""

    target: NDArray[np.int64]
    """Place of the tag in `Targets.list`."""
    time: Int64
    """ns since 1970 UTC."""
    value: Float64
    status: Int64
    text: dict[int, str] = field(default_factory=dict)
    """Texts by row."""
    findings: list[Finding] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.time)


class ColumnReader:
    """Reads the chunks of one file; remembers the tags and statuses it met, which are few."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._numbers = _Remembered(targets.number)
        self._statuses = _Remembered(_status)

    def read(self, chunk: Chunk) -> Columns:
        """The columns of a chunk."""
        findings = list(chunk.findings)
        target = self._target(chunk, findings)
        time, wrong = read_times(chunk.cells["time"])
        findings += [Finding(chunk.line(row), "time", what) for row, what in wrong.items()]
        status = self._status(chunk, findings)
        columns = Columns(target, time, np.empty(0), status, {}, findings)
        self._values(chunk, columns)
        return columns

    def _target(self, chunk: Chunk, findings: list[Finding]) -> NDArray[np.int64]:
        cells = chunk.cells["tag"]
        target = _column(cells, self._numbers)
        wrong = self._targets.wrong
        if wrong:  # told once, where the name is first met
            for row in np.flatnonzero(target == _NONE).tolist():
                if cells[row] in wrong:
                    findings.append(Finding(chunk.line(row), "tag", wrong.pop(cells[row])))
        return target

    def _status(self, chunk: Chunk, findings: list[Finding]) -> Int64:
        cells = chunk.cells.get("status")
        if cells is None:
            return np.zeros(len(chunk), np.int64)
        status = _column(cells, self._statuses)
        for row in np.flatnonzero(status == _NONE).tolist():
            findings.append(Finding(chunk.line(row), "status", _status_problem(cells[row])))
        return np.maximum(status, 0)

    def _values(self, chunk: Chunk, columns: Columns) -> None:
        cells = chunk.cells["value"]
        met = [self._targets.list[number] for number in np.unique(columns.target).tolist() if number != _NONE]
        numbers = None if any(target.is_text for target in met) else _numbers(cells)
        if numbers is None:
            self._one_by_one(cells, chunk, columns)
        else:
            columns.value = numbers
        columns.findings += _missing(cells, chunk, columns)
        if any(target.tag is None and target.is_whole for target in met):
            fraction = np.isfinite(columns.value) & (columns.value != np.floor(columns.value))
            for number in np.unique(columns.target[fraction & (columns.target != _NONE)]).tolist():
                self._targets.list[number].is_whole = False

    def _one_by_one(self, cells: Sequence[str], chunk: Chunk, columns: Columns) -> None:
        columns.value = np.full(len(cells), np.nan)
        value, targets = columns.value, self._targets.list
        for row, (cell, number) in enumerate(zip(cells, columns.target.tolist(), strict=True)):
            if not cell or number == _NONE:
                continue
            found = number_of(cell)
            if found is not None and (cell == _NAN or not targets[number].is_text):
                value[row] = found
            elif targets[number].is_text or targets[number].tag is None:
                targets[number].is_text = True
                columns.text[row] = text_of_cell(cell)
            else:
                columns.findings.append(Finding(chunk.line(row), "value", _value_problem(cell, targets[number])))


class _Remembered(dict[str, int]):
    """Answers of a function by its text: a file asks a few things a million times, and a wrong one a million things."""

    def __init__(self, ask: Callable[[str], int]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, text: str) -> int:
        number = self._ask(text)
        if number != _NONE or len(self) < _REMEMBERED:
            self[text] = number
        return number


def _numbers(cells: Sequence[str]) -> Float64 | None:
    """The values of cells that are numbers or empty; None when one is neither."""
    try:
        return np.array([float(cell) if cell else math.nan for cell in cells], np.float64)
    except ValueError:
        return None


def _missing(cells: Sequence[str], chunk: Chunk, columns: Columns) -> list[Finding]:
    what = "there is no value; only a Bad sample may be without one (an empty text is written as ')"
    suspects = np.flatnonzero(np.isnan(columns.value) & ~is_bad(columns.status.astype(np.uint32))).tolist()
    return [Finding(chunk.line(row), "value", what) for row in suspects if not cells[row]]


def _column(cells: Sequence[str], answers: _Remembered) -> Int64:
    return np.fromiter(map(answers.__getitem__, cells), np.int64, len(cells))


def _status(cell: str) -> int:
    try:
        return status_of_text(cell)
    except ValueError:
        return _NONE


def _status_problem(cell: str) -> str:
    try:
        status_of_text(cell)
    except ValueError as error:
        return str(error)
    return ""


def _value_problem(cell: str, target: Target) -> str:
    comma = ": write the decimal point as a point" if number_of(cell.replace(",", ".")) is not None else ""
    return f"{cell[:80]!r} is no number, and {target.name} has numbers{comma}"
