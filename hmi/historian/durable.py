"""Files and names that must be on the disk before the next step is taken."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Final

_PIECE: Final = 1 << 20


def settled(path: Path) -> str:
    """Waits until a file's content is on the disk and gives its SHA-256; no other connection may have it open.

    Raises:
        OSError: the disk does not give or take it.
    """
    found = hashlib.sha256()
    with path.open("r+b") as file:
        os.fsync(file.fileno())
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def write(path: Path, data: bytes) -> None:
    """A new file with its content on the disk.

    Raises:
        OSError: the disk does not take it.
    """
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def part_of(file: Path) -> Path:
    """Where the next content of a file waits: beside it, hidden."""
    return file.with_name(f".{file.name}.part")


def stage(file: Path, data: bytes | None) -> None:
    """Puts the next content of a file on the disk, with the file's own rights; None: it is to go.

    Raises:
        OSError: the disk does not take it.
    """
    if data is None:
        return
    part = part_of(file)
    part.parent.mkdir(parents=True, exist_ok=True)
    write(part, data)
    if file.exists():
        part.chmod(file.stat().st_mode & 0o777)


def exchange(file: Path, data: bytes | None) -> None:
    """Puts what was staged in a file's place, or takes the file away.

    Raises:
        OSError: the disk does not take it.
    """
    if data is None:
        file.unlink(missing_ok=True)
    else:
        part_of(file).replace(file)
    if file.parent.exists():
        settle_names(file.parent)


def replace(file: Path, data: bytes | None) -> None:
    """Another content of a file, whole or not at all; None: there is none any more.

    Raises:
        OSError: the disk does not take it.
    """
    stage(file, data)
    exchange(file, data)


def settle_names(folder: Path) -> None:
    """Waits until what was made, renamed or deleted in a folder is on the disk. Windows does so by itself.

    Raises:
        OSError: the disk does not take it.
    """
    if sys.platform == "win32":
        return
    found = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(found)
    finally:
        os.close(found)
