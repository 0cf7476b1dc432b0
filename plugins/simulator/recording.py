"""A recording that is played: a CSV file with `time` (seconds from its start) and a column a point."""

from __future__ import annotations

import csv
from bisect import bisect_right
from pathlib import Path
from typing import Final

from hmi.drivers.supervisor import LinkLostError

MOST_ROWS: Final = 500_000
"""Rows that are held in memory."""


class Recording:
    """All rows of a file."""

    def __init__(self, file: Path, *, loop: bool) -> None:
        """Reads the file.

        Raises:
            LinkLostError: it is not there, or no recording.
        """
        self._file = file
        self._loop = loop
        self._times: list[float] = []
        self._rows: list[list[str]] = []
        try:
            with file.open(encoding="utf-8", newline="") as stream:
                rows = csv.reader(stream)
                self._columns = {name.strip(): at for at, name in enumerate(next(rows, []))}
                for row in rows:
                    if row:
                        self._add(row)
        except OSError as fault:
            raise LinkLostError(f"The recording {file} cannot be read: {fault.strerror or fault}.") from fault
        except (UnicodeDecodeError, csv.Error) as fault:
            raise LinkLostError(f"The recording {file} is no CSV file.", "Save it as CSV in UTF-8.") from fault
        if not self._rows:
            raise LinkLostError(f"The recording {file} has no rows.", "Its first line is: time,NAME,NAME.")

    def _add(self, row: list[str]) -> None:
        try:
            time = float(row[self._columns["time"]])
        except (KeyError, IndexError, ValueError) as fault:
            what = f"The recording {self._file} has no time in row {len(self._rows) + 2}."
            raise LinkLostError(what, "Its first line is: time,NAME,NAME; times are seconds.") from fault
        if self._times and not time > self._times[-1]:
            raise LinkLostError(
                f"The recording {self._file} goes back in row {len(self._rows) + 2}.", "Sort it by time."
            )
        if len(self._rows) == MOST_ROWS:
            raise LinkLostError(f"The recording {self._file} has more than {MOST_ROWS:,} rows.", "Cut it.")
        self._times.append(time)
        self._rows.append(row)

    @property
    def names(self) -> list[str]:
        """The columns that can be played."""
        return [name for name in self._columns if name != "time"]

    def cell(self, name: str, seconds: float) -> str | None:
        """What a column holds so many seconds after the start; None: there is no such column."""
        at = self._columns.get(name)
        if at is None or name == "time":
            return None
        first, last = self._times[0], self._times[-1]
        if self._loop and last > first:
            seconds %= last - first
        row = self._rows[max(bisect_right(self._times, first + seconds) - 1, 0)]
        return row[at].strip() if at < len(row) else ""
