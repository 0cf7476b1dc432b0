"""Writes several files of a project all or nothing, also when the power goes in the middle, and can take it back.

What is to be changed stands in the data folder before the first file of the project is touched. A station that starts
finds it there and finishes what was begun.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec import Struct

from hmi.core.errors import LinesideError
from hmi.historian import durable
from hmi.station.editing.patch import Patch
from hmi.station.project_texts import belongs, files_in

FOLDER: Final = "edits"
_DOING: Final = "doing"
_LAST: Final = "last"
_DISCARDED: Final = "discarded"

_log = structlog.get_logger()

Contents = Mapping[str, bytes | None]
"""Content by file; None: there is none."""


class Entry(Struct, frozen=True):
    """One change of a project's files."""

    user: str
    time: int
    """ns UTC."""
    what: str
    """For people."""
    files: dict[str, Patch]

    @classmethod
    def between(cls, user: str, time: int, what: str, before: Contents, after: Contents) -> Entry:
        """The change of some files."""
        return cls(user, time, what, {name: Patch.between(before.get(name), after[name]) for name in after})

    def reversed(self, user: str, time: int) -> Entry:
        """The change that takes this one back."""
        back = {name: patch.reversed() for name, patch in self.files.items()}
        return Entry(user, time, f"Rolled back: {self.what}", back)

    def applied(self, texts: Mapping[str, bytes]) -> dict[str, bytes | None] | None:
        """The files after it; None: they are not those that it changes."""
        if not all(patch.fits(texts.get(name)) for name, patch in self.files.items()):
            return None
        return {name: patch.applied(texts.get(name)) for name, patch in self.files.items()}


class Saving:
    """The way to the files of one project."""

    def __init__(self, project: Path, data: Path) -> None:
        self._project = project.resolve()
        self._folder = data / FOLDER

    def finish(self) -> Entry | None:
        """Completes a change that was cut off by a crash; to be called before the project is read.

        A file that somebody has changed since is left alone. Returns what was completed.
        """
        entry = self._read(_DOING)
        if entry is None:
            return None
        try:
            for name, patch in entry.files.items():
                present = self._present(name)
                if patch.fits(present):
                    self._put(name, patch.applied(present))
                durable.part_of(self._file(name)).unlink(missing_ok=True)
            (self._folder / _DOING).replace(self._folder / _LAST)
            durable.settle_names(self._folder)
        except OSError as error:
            # The station starts with what is there; the next start tries again.
            _log.warning("edit not completed", error=str(error))
            return None
        return entry

    def last(self) -> Entry | None:
        """The change that was made last."""
        return self._read(_LAST)

    def save(self, entry: Entry, before: Contents, after: Contents) -> None:
        """Writes the files; they are on the disk on return.

        Raises:
            LinesideError: a file is not as it was when it was read, or the disk does not take it; nothing is changed,
                or the sentence says so.
        """
        for name in after:
            if self._present(name) != before.get(name):
                what = f"{name} was changed on the disk and does not run yet."
                raise LinesideError(what, "Apply or roll back what is pending first.")
        former = self.last()
        try:
            self._keep(_DOING, entry)
            self._put_all(after)
            (self._folder / _DOING).replace(self._folder / _LAST)
            durable.settle_names(self._folder)
        except OSError as error:
            what = f"The project's files in {self._project} cannot be written: {error.strerror or error}."
            do = "Free the disk or its rights; nothing was changed."
            if not self._restored(before, after, former):
                do = "Free the disk or its rights and roll back what is pending: not every file could be put back."
            raise LinesideError(what, do) from error

    def take_back(self, before: Contents, former: Entry | None) -> None:
        """Undoes a change that could not be made to run; `former` is the change before it.

        Raises:
            OSError: the disk does not take it.
        """
        for name, data in before.items():
            self._put(name, data)
        self._put_last(former)

    def remember(self, entry: Entry) -> None:
        """Notes a change that the files have already.

        Raises:
            OSError: the disk does not take it.
        """
        self._keep(_LAST, entry)

    def discard(self, entry: Entry, running: Contents) -> None:
        """Puts what runs in the place of what the files hold; `entry`, which does so, is kept to look it up.

        Raises:
            OSError: the disk does not take it.
        """
        self._keep(_DISCARDED, entry)
        for name, data in running.items():
            self._put(name, data)

    def differences(self, texts: Mapping[str, bytes]) -> dict[str, bytes | None]:
        """What the files hold that does not run: their content by name, None for a file that is missing.

        Raises:
            OSError: a file cannot be read.
        """
        here = {name: file.read_bytes() for name, file in files_in(self._project)}
        found: dict[str, bytes | None] = {name: data for name, data in here.items() if texts.get(name) != data}
        return found | {name: None for name in texts if name not in here}

    def _put_all(self, after: Contents) -> None:
        """Everything that may find the disk full comes first; then files change their names only."""
        for name, data in after.items():
            durable.stage(self._file(name), data)
        for name, data in after.items():
            durable.exchange(self._file(name), data)

    def _restored(self, before: Contents, after: Contents, former: Entry | None) -> bool:
        """Puts everything back after a change that was cut off; whether the disk took it.

        The note of the change goes last, and whatever became of the files: a later start must not complete what was
        refused.
        """
        whole = True
        for name in after:
            try:
                durable.part_of(self._file(name)).unlink(missing_ok=True)
                if self._present(name) != before.get(name):
                    self._put(name, before.get(name))
            except OSError as error:
                _log.warning("file not put back", file=name, error=str(error))
                whole = False
        try:
            if self.last() != former:
                self._put_last(former)
            doing = self._folder / _DOING
            for left in (durable.part_of(doing), doing):
                left.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("note of a refused edit not removed", error=str(error))
            whole = False
        return whole

    def _put_last(self, entry: Entry | None) -> None:
        if entry is None:
            (self._folder / _LAST).unlink(missing_ok=True)
        else:
            self._keep(_LAST, entry)

    def _present(self, name: str) -> bytes | None:
        try:
            return (self._project / name).read_bytes()
        except FileNotFoundError:
            return None

    def _put(self, name: str, data: bytes | None) -> None:
        durable.replace(self._file(name), data)

    def _file(self, name: str) -> Path:
        if not belongs(name) or ".." in name.split("/"):
            raise AssertionError(f"{name} is no file of a project")
        return self._project / name

    def _keep(self, name: str, entry: Entry) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        durable.replace(self._folder / name, msgspec.msgpack.encode(entry))

    def _read(self, name: str) -> Entry | None:
        try:
            return msgspec.msgpack.decode((self._folder / name).read_bytes(), type=Entry)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            _log.warning("edit not read", file=name, error=str(error))
            return None
