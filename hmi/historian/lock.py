"""One process writes a store: two would interleave their journals and overwrite each other's numbers.

The lock is the operating system's, so it ends with the process however that ends, `kill -9` and power loss included.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hmi.historian.api import StoreError, StoreLockedError

LOCK_NAME: Final = "writer.lock"
_WINDOWS_OFFSET: Final = 1 << 30
"""Windows locks bytes, and a locked byte cannot be read: one far behind the text that says who holds it."""


def is_spare(folder: Path) -> bool:
    """Whether a path is a folder with nothing in it, or only with its lock.

    Raises:
        OSError: it cannot be listed.
    """
    return folder.is_dir() and all(file.name == LOCK_NAME for file in folder.iterdir())


class FolderLock:
    """The right to write one folder, held from construction to `release`."""

    def __init__(self, folder: Path, utc: int) -> None:
        """Takes the lock; `utc` (ns) is shown to whoever finds it taken.

        Raises:
            StoreLockedError: another process holds it, with its number and since when.
            StoreError: the folder cannot be written.
        """
        self._path = folder / LOCK_NAME
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        except OSError as error:
            raise StoreError(
                f"{self._path} cannot be written: {error.strerror}.", "Check the folder's rights."
            ) from error
        if not _try_lock(self._file):
            os.close(self._file)
            raise StoreLockedError(
                f"The store in {folder} is written by {_holder(self._path)}.", "Stop that one first."
            )
        holder = json.dumps({"pid": os.getpid(), "since": utc}).encode()
        with suppress(OSError):  # the text is for people; a full disk must not keep a station from running
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, holder, 0) if hasattr(os, "pwrite") else os.write(self._file, holder)

    def release(self) -> None:
        """Gives the folder back; harmless when repeated."""
        if self._file >= 0:
            _unlock(self._file)
            os.close(self._file)
            self._file = -1


def _holder(path: Path) -> str:
    try:
        found = json.loads(path.read_text())
        since = datetime.fromtimestamp(found["since"] / 1e9, UTC)
        return f"process {found['pid']} since {since:%Y-%m-%d %H:%M:%S} UTC"
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return "another process"


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: int) -> bool:
        os.lseek(file, _WINDOWS_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(file, 0, os.SEEK_SET)
        return True

    def _unlock(file: int) -> None:
        os.lseek(file, _WINDOWS_OFFSET, os.SEEK_SET)
        with suppress(OSError):
            msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(file: int) -> bool:
        # flock, not lockf: a POSIX record lock is dropped when the process closes any other descriptor of the file.
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(file: int) -> None:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_UN)
