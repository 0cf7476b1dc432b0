"""Which data files a store has: `data/<retention group>/<UTC month>.db`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hmi.historian import months

DATA: Final = "data"
DEFAULT_GROUP: Final = "default"
"""The retention group of tags that name none."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """One month of one retention group."""

    month: int
    """Months since January 1970, UTC."""
    group: str

    def path(self, folder: Path) -> Path:
        """Its file in a store's folder."""
        return folder / DATA / self.group / f"{months.name_of(self.month)}.db"


def present(folder: Path) -> list[Key]:
    """The data files of a store, oldest month first."""
    found: list[Key] = []
    for group in _entries(folder / DATA):
        for file in _entries(folder / DATA / group):
            month = months.parse(file[:-3]) if file.endswith(".db") else None
            if month is not None:
                found.append(Key(month, group))
    return sorted(found)


def _entries(folder: Path) -> list[str]:
    """Names in a folder; none where there is none. Read anew for each read: much quicker than `glob`."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are all that is needed
    except (FileNotFoundError, NotADirectoryError):
        return []
