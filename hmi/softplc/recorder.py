"""Writes down every value a PLC served, so that a test can prove that none was lost on the way to history."""

import csv
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from hmi.softplc.image import Change
from hmi.softplc.points import area_of

COLUMNS = ("tag", "time", "value", "status")


class Recorder:
    """A CSV file of changes: tag path, time in ns UTC, value, status; complete after every scan."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", newline="", encoding="utf-8")
        self._rows = csv.writer(self._file)
        self._rows.writerow(COLUMNS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()

    def record(self, plc: str, changes: Iterable[Change]) -> None:
        """Add the changes of one PLC; booleans are written as 0 and 1."""
        area = area_of(plc)
        for change in changes:
            value = int(change.value) if isinstance(change.value, bool) else change.value
            path = f"{area}/{change.point.unit}/{change.point.measure}"
            self._rows.writerow((path, change.time, value, change.status))
        self._file.flush()
