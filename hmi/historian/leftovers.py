"""Folders in which a backup or restore was being made when it was killed: the next one of the same name deletes them.

Whoever makes one holds its lock, and the operating system gives that back with the process. So what can be locked has
nobody any more. Only what has our name and holds nothing but our files is taken for ours.
"""

from __future__ import annotations

import re
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from hmi.historian.api import StoreError
from hmi.historian.catalogue import CATALOGUE_NAME
from hmi.historian.event_tables import EVENTS_NAME
from hmi.historian.files import DATA
from hmi.historian.head_file import HEAD_NAME
from hmi.historian.journal import JOURNAL_NAME
from hmi.historian.lock import LOCK_NAME, FolderLock
from hmi.historian.manifest import MANIFEST_NAME

_MARK: Final = ".part-"
_OURS: Final = frozenset({DATA, HEAD_NAME, MANIFEST_NAME, LOCK_NAME, JOURNAL_NAME, CATALOGUE_NAME, EVENTS_NAME})
_BESIDE: Final = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database."""


def part_name(target: Path) -> Path:
    """A name beside `target` for the folder in which it is made."""
    return target.with_name(f"{target.name}{_MARK}{secrets.token_hex(4)}")


def clear_leftovers(target: Path, utc: int) -> None:
    """Deletes what nobody makes `target` in any more; `utc` (ns) is shown by a lock meanwhile. What cannot be deleted
    stays: it is in nobody's way."""
    name = re.compile(re.escape(target.name + _MARK) + "[0-9a-f]{8}")
    with suppress(OSError):
        for folder in [folder for folder in target.parent.iterdir() if name.fullmatch(folder.name)]:
            if not folder.is_symlink() and folder.is_dir() and _is_ours(folder) and _is_left(folder, utc):
                shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    names = {file.name for file in folder.iterdir()}
    for rest in _BESIDE:
        names = {name.removesuffix(rest) for name in names}
    return names <= _OURS


def _is_left(folder: Path, utc: int) -> bool:
    try:
        FolderLock(folder, utc).release()
    except StoreError:
        return False
    return True
