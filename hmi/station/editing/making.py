"""Makes a change: journalled, in the files, in the catalogue and in the running station, all or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog

from hmi.core.errors import LinesideError
from hmi.drivers.api import Clock
from hmi.station import last_good
from hmi.station.editing.applying import Applying
from hmi.station.editing.change import Change
from hmi.station.editing.model import Model
from hmi.station.editing.records import Key
from hmi.station.editing.saving import Contents, Entry, Saving
from hmi.station.numbering import numbers_of
from hmi.station.trail import Act, Trail, note_result
from hmi.station.who import Who

_log = structlog.get_logger()

WHAT_NAMED: Final = 3
"""Lines of a change that sum it up."""


class Making:
    """The one way by which another configuration comes to run."""

    def __init__(
        self,
        model: Model,
        applying: Applying,
        saving: Saving,
        data: Path,
        trail: Trail,
        clock: Clock,
        note: Callable[[str, str, str], None],
        alarm: Callable[[str], None],
    ) -> None:
        """`data` is the station's data folder; `alarm` raises a system event that operators see."""
        self._model = model
        self._applying = applying
        self._saving = saving
        self._data = data
        self._trail = trail
        self._clock = clock
        self._note = note
        self._alarm = alarm
        self._keep = asyncio.Event()

    async def make(
        self,
        who: Who,
        change: Change,
        entry: Entry,
        command: str,
        comment: str,
        records: Mapping[Key, tuple[bytes, bytes]],
        *,
        in_files: bool = False,
    ) -> None:
        """Makes a change; `records` are the documents before and after, for the audit trail.

        `in_files`: the files have it already.

        Raises:
            LinesideError: it could not be made, and nothing has changed.
        """
        before = self._model.running.revision
        await self._requested(who, records, entry, command, comment)
        try:
            await self._made(change, entry, in_files=in_files)
        except LinesideError as error:
            await self._result(who, Act("configure", "project", f"refused: {error}", correlation=command))
            raise
        done = f"done: {entry.what}"
        now = self._model.running.revision
        await self._result(who, Act("configure", "project", done, before, now, reason=comment, correlation=command))
        self._note("project-changed", "project", f"{who.user} changed the project: {entry.what}")
        self._keep.set()

    async def _made(self, change: Change, entry: Entry, *, in_files: bool) -> None:
        former = await asyncio.to_thread(self._saving.last)
        before = {name: self._model.texts.texts.get(name) for name in change.files}
        if in_files:
            await asyncio.to_thread(_disk, self._saving.remember, entry)
        else:
            await asyncio.to_thread(self._saving.save, entry, before, change.files)
        try:
            history, utc = self._data / "history", self._clock.now().utc
            ids = await asyncio.to_thread(numbers_of, change.put.values(), history, utc)
            self._applying.apply(change, ids)
        except (LinesideError, ValueError) as error:
            _log.error("edit not taken over", error=str(error))
            await asyncio.to_thread(self._put_back, {} if in_files else before, former)
            raise LinesideError(f"The station could not take it over: {error}", "Nothing was changed.") from error

    def _put_back(self, files: Contents, former: Entry | None) -> None:
        try:
            self._saving.take_back(files, former)
        except OSError as error:
            self._alarm(f"The project's files could not be put back after an edit that failed: {error}")

    async def _requested(
        self, who: Who, records: Mapping[Key, tuple[bytes, bytes]], entry: Entry, command: str, comment: str
    ) -> None:
        """Nothing is changed that is not in the audit trail.

        Raises:
            LinesideError: it cannot be written.
        """
        acts = [
            Act("configure", self._model.title(key), "requested", _text(old), _text(new), "", comment, command)
            for key, (old, new) in records.items()
        ] or [Act("configure", "project", f"requested: {entry.what}", reason=comment, correlation=command)]
        await asyncio.gather(*(self._trail.audit(who, act) for act in acts))

    async def _result(self, who: Who, act: Act) -> None:
        await note_result(self._trail, who, act, self._alarm)

    async def keep(self) -> None:
        """Keeps what runs as the last good project after each change, until cancelled."""
        while True:
            await self._keep.wait()
            self._keep.clear()
            await asyncio.to_thread(last_good.keep, dict(self._model.texts.texts), self._data)


def summary(lines: Sequence[str]) -> str:
    """A change in one line."""
    more = f" and {len(lines) - WHAT_NAMED} more" if len(lines) > WHAT_NAMED else ""
    return "; ".join(lines[:WHAT_NAMED]) + more


def _text(document: bytes) -> str | None:
    return document.decode() if document else None


def _disk(work: Callable[[Entry], None], entry: Entry) -> None:
    try:
        work(entry)
    except OSError as error:
        what = f"The data folder cannot be written: {error.strerror or error}."
        raise LinesideError(what, "Free the disk; nothing was changed.") from error
