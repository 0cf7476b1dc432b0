"""The files that make a project, as bytes: read at once, so that what is checked is what runs and what is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from hmi.core.errors import LinesideError, Problem

PROJECT_FILE: Final = "project.toml"
CONNECTIONS_FILE: Final = "connections.toml"
USERS_FILE: Final = "users.toml"

_SINGLE: Final = (PROJECT_FILE, CONNECTIONS_FILE, USERS_FILE)
_FOLDERS: Final = (("tags", "**/*.jsonl"), ("types", "*.json"), ("displays", "*.json"))

Texts = Mapping[str, bytes]
"""Content by path below the project folder, with `/` on every system."""


def require_project(folder: Path) -> None:
    """Refuses a place at which there is no project, e.g. a mistyped one.

    Raises:
        LinesideError: the folder or its project file is missing.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise LinesideError(f"There is no project in {folder}: there is no such folder.", "Name the project's folder.")
    if not (folder / PROJECT_FILE).exists():
        what = f"There is no project in {folder}: `{PROJECT_FILE}` is missing."
        raise LinesideError(what, "Name the project's folder.")


def belongs(name: str) -> bool:
    """Whether a path below the project folder is one of the project's files."""
    if name in _SINGLE:
        return True
    parts = name.split("/")
    if parts[0] == "tags":
        return len(parts) > 1 and name.endswith(".jsonl")
    return len(parts) == 2 and parts[0] in ("types", "displays") and name.endswith(".json")


def files_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file of a project by its name, in the order in which they are read."""
    for name in _SINGLE:
        if (folder / name).exists():
            yield name, folder / name
    for below, pattern in _FOLDERS:
        for file in sorted((folder / below).glob(pattern)):
            yield file.relative_to(folder).as_posix(), file


def read_texts(folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """Every file of a project, and those that cannot be read.

    Raises:
        LinesideError: there is no project at this place.
    """
    require_project(folder)
    texts: dict[str, bytes] = {}
    problems: list[Problem] = []
    for name, file in files_in(folder.resolve()):
        try:
            texts[name] = file.read_bytes()
        except OSError as error:
            what = f"cannot be read: {error.strerror or error}"
            problems.append(Problem(name, 0, "", what, of_form=True))
    return texts, problems


def file_digest(data: bytes) -> bytes:
    """What stands for one file in a revision."""
    return hashlib.sha256(data).digest()


def revision_of(digests: Iterable[tuple[str, bytes]]) -> str:
    """The revision of a project by the digests of its files: any change of any file is another one."""
    whole = hashlib.sha256()
    for name, digest in sorted(digests):
        whole.update(name.encode() + b"\0" + digest)
    return whole.hexdigest()[:16]
