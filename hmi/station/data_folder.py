"""The station's data folder: its key, its id, and the note by which local clients find it."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from hmi.core.errors import LinesideError
from hmi.link.proof import KEY_BYTES
from hmi.station.places import KEY_FILE, listening_file

STATION_FILE = "station.json"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """An opened data folder."""

    path: Path
    key: bytes
    """Secret of the mutual proof (see `hmi.link.proof`)."""
    station: str
    """Random id of this station, made at its first start."""


def open_data_folder(path: Path) -> DataFolder:
    """Makes the folder, its key and its id when they are missing.

    Raises:
        LinesideError: the folder cannot be written, or its key is readable by others.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = _key(path / KEY_FILE)
        station = _station_id(path / STATION_FILE)
    except OSError as error:
        what = f"The data folder {path} cannot be used: {error.strerror or error}."
        raise LinesideError(what, "Name another one with --data, or free it.") from error
    return DataFolder(path, key, station)


def _key(file: Path) -> bytes:
    if not file.exists():
        write_private(file, secrets.token_bytes(KEY_BYTES))
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise LinesideError(f"The key file {file} can be read by others.", f"Run `chmod 600 {file}`.")
    key = file.read_bytes()
    if len(key) != KEY_BYTES:
        raise LinesideError(
            f"The key file {file} is damaged.", "Delete it while the station is stopped; it is made anew."
        )
    return key


def _station_id(file: Path) -> str:
    if file.exists():
        try:
            return str(json.loads(file.read_text("utf-8"))["station"])
        except (ValueError, KeyError, TypeError):
            pass  # a torn write at the first start: the id is no secret and may be made anew
    station = secrets.token_hex(8)
    write_private(file, json.dumps({"station": station}).encode())
    return station


def write_private(file: Path, data: bytes) -> None:
    """Writes a file only its owner can read, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    part = file.with_name(file.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def announce(folder: DataFolder, url: str, project: Path) -> Path:
    """Tells local clients where this station listens; delete the returned file at the end.

    Raises:
        LinesideError: the note cannot be written; nobody could sign in.
    """
    file = listening_file(url)
    note = {"url": url, "data": str(folder.path.resolve()), "project": str(project.resolve()), "pid": os.getpid()}
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(file, json.dumps(note).encode())
        write_private(folder.path / "listening.json", json.dumps(note).encode())
    except OSError as error:
        what = f"The note for panels of this PC, {file}, cannot be written: {error.strerror or error}."
        raise LinesideError(what, "Name a folder that can be written in the environment: LINESIDE_DATA.") from error
    return file
