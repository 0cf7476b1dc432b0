"""manifest.json of a backup: what it holds, so that a restore can tell a whole backup from a torn or changed one."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from hmi.historian.api import StoreError

MANIFEST_NAME: Final = "manifest.json"
STORE_VERSION: Final = 1
"""Rises when an older program can no longer read the files."""
_DO: Final = "Choose the folder of a complete backup."


class Stored(msgspec.Struct, frozen=True):
    """A file of a backup."""

    path: str
    """Below the backup's folder, with `/`."""
    bytes: int
    sha256: str
    samples: int = 0


class Manifest(msgspec.Struct, frozen=True):
    """A whole backup."""

    made: int
    """ns UTC; everything that was confirmed before it is in the backup."""
    made_utc: str
    """The same for people."""
    program: str
    """Version that made it."""
    store_version: int
    samples: int
    """About: what was being filed may be counted twice."""
    files: tuple[Stored, ...]
    faults: tuple[str, ...] = ()
    """What was already damaged in the store, a sentence each."""
    left_out: tuple[str, ...] = ()
    """Files that could not be read and are not in it, a sentence each."""

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(file.bytes for file in self.files)


def encode_manifest(manifest: Manifest) -> bytes:
    """The file's content."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup.

    Raises:
        StoreError: the folder holds no complete backup, or one that this version cannot restore.
    """
    path = folder / MANIFEST_NAME
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise StoreError(f"{folder} is no complete backup: {MANIFEST_NAME} is missing.", _DO) from error
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.", "Check its rights.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"{path} is damaged: {error}.", _DO) from error
    if found.store_version > STORE_VERSION:
        raise StoreError(f"{folder} was made by the newer version {found.program}.", "Restore it with that one.")
    for file in found.files:
        place = PurePosixPath(file.path)
        if place.is_absolute() or ".." in place.parts or "\\" in file.path or ":" in file.path:
            raise StoreError(f"{path} names a file outside the backup: {file.path}.", _DO)
    return found
