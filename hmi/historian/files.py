"""Which files hold a store's samples: `data/<retention group>/<UTC month>.db`, and beside them what retention left.

A month has one file, its part 0. When that is found ruined, filing goes on in `<UTC month>.1.db`, and so on.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Final

from hmi.historian import months

DATA: Final = "data"
CARRY_NAME: Final = "carry.db"
"""Beside a group's months: the last samples of the months that retention has deleted."""
MOST_PARTS: Final = 9
"""Parts after the first one: a disk that ruins more files in a month takes no samples anyhow."""
_LOG, _SHARED = "-wal", "-shm"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A file of one month of one retention group."""

    month: int
    """Months since January 1970, UTC."""
    group: str
    part: int = 0
    """Later parts were begun because the one before was ruined, and hold what was written later."""

    @property
    def name(self) -> str:
        """`2026-11`, of a later part `2026-11.1`."""
        month = months.name_of(self.month)
        return f"{month}.{self.part}" if self.part else month

    def path(self, folder: Path) -> Path:
        """Its file in a store's folder."""
        return folder / DATA / self.group / f"{self.name}.db"

    def __str__(self) -> str:
        """`default/2026-11.db`."""
        return f"{self.group}/{self.name}.db"


def missing(keys: Sequence[Key]) -> list[Key]:
    """Parts that must have been there before some of these: a backup left them out, or somebody moved them away."""
    if not any(key.part for key in keys):
        return []
    lower = {replace(key, part=part) for key in keys for part in range(key.part)}
    return sorted(lower.difference(keys))


def last_parts(keys: Iterable[Key]) -> dict[tuple[int, str], Key]:
    """By month and group, the part that takes its samples."""
    return {(key.month, key.group): key for key in sorted(keys)}


def by_month(keys: Sequence[Key], first: int, last: int) -> list[tuple[list[Key], list[Key]]]:
    """Of each month from a first to a last one, oldest first: its files with the missing ones, and those there are.

    `keys` are all there are, oldest month first.
    """
    inside = [key for key in keys if first <= key.month <= last]
    found = [list(files) for _, files in groupby(inside, key=lambda key: key.month)]
    return [(sorted([*there, *missing(there)]), there) for there in found]


def _key(group: str, file: str) -> Key | None:
    """The data file of that name; None for any other file."""
    text, dot, part = file.removesuffix(".db").partition(".")
    month = months.parse(text) if file.endswith(".db") else None
    if month is None or (dot and part not in _PARTS):
        return None
    return Key(month, group, int(part or 0))


_PARTS: Final = tuple(str(part) for part in range(1, MOST_PARTS + 1))


def key_of(path: Path) -> Key | None:
    """Which data file of its store a path is; None for any other file."""
    return _key(path.parent.name, path.name)


def listed(folder: Path) -> tuple[list[Key], list[str]]:
    """The data files of a store, oldest month first, and the groups with values carried from deleted ones."""
    found: list[Key] = []
    carried: list[str] = []
    for group in _entries(folder / DATA):
        for file in _entries(folder / DATA / group):
            key = _key(group, file)
            if key is not None:
                found.append(key)
            elif file == CARRY_NAME:
                carried.append(group)
    return sorted(found), sorted(carried)


def present(folder: Path) -> list[Key]:
    """The data files of a store, oldest month first."""
    return listed(folder)[0]


def _entries(folder: Path) -> list[str]:
    """Names in a folder; none where there is none. Read anew for each read: much quicker than `glob`."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are all that is needed
    except (FileNotFoundError, NotADirectoryError):
        return []


def carry_path(folder: Path, group: str) -> Path:
    """Where a group's last samples of deleted months lie."""
    return folder / DATA / group / CARRY_NAME


def carries(folder: Path) -> list[Path]:
    """The files with last samples of deleted months that there are."""
    return [carry_path(folder, group) for group in listed(folder)[1]]


def size_of(path: Path) -> int:
    """Bytes of a database with its log; 0 when there is none."""
    found = 0
    for file in (path, path.with_name(path.name + _LOG)):
        with suppress(FileNotFoundError):  # SQLite removes its log when the last connection closes
            found += file.stat().st_size
    return found


def sizes(folder: Path) -> list[tuple[Key, int]]:
    """The data files of a store with their bytes, oldest month first."""
    return [(key, size_of(key.path(folder))) for key in present(folder)]


def remove(path: Path) -> None:
    """Deletes a database that no connection of the caller has open; harmless when it is gone already.

    Raises:
        OSError: the disk does not let it go.
    """
    path.unlink(missing_ok=True)
    remove_log(path)


def remove_log(path: Path) -> None:
    """Deletes the log that a deletion cut off in between has left: SQLite would play it into a new file of that name.

    Raises:
        OSError: the disk does not let it go.
    """
    for rest in (_LOG, _SHARED):
        path.with_name(path.name + rest).unlink(missing_ok=True)


def set_aside(path: Path) -> None:
    """Gives a broken database, which the caller has not open, a name under which nobody looks for it.

    Raises:
        OSError: the disk does not let it be renamed.
    """
    path.replace(path.with_suffix(".damaged"))
    remove_log(path)


def sweep(folder: Path) -> None:
    """Deletes logs without their database; only whoever writes the store may call it.

    Raises:
        OSError: the disk does not let one go.
    """
    for rest in (_LOG, _SHARED):
        for log in (folder / DATA).glob(f"*/*.db{rest}"):
            path = log.with_name(log.name.removesuffix(rest))
            if not path.exists():
                remove_log(path)
