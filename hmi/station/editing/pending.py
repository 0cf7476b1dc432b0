"""Files that were changed elsewhere (a `git pull` mid-shift): noticed and shown, and run only when somebody says so.

Also the way back: to what ran before the last change, wherever that came from.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from hmi.core.errors import LinesideError
from hmi.core.instants import SECOND
from hmi.core.rights import Action, may
from hmi.drivers.api import Clock
from hmi.drivers.registry import Found
from hmi.link.messages import ApplyPending, Pending, RollBack
from hmi.station.editing.answers import MOST_LINES, Answer, flaws_of_files
from hmi.station.editing.change import of_project
from hmi.station.editing.differing import changed_records, difference_lines, with_files
from hmi.station.editing.making import Making, summary
from hmi.station.editing.model import Model
from hmi.station.editing.saving import Contents, Entry, Saving
from hmi.station.editing.service import NOT_ALLOWED, USED_TWICE
from hmi.station.loading import Checked, check_texts
from hmi.station.trail import Act, Trail, note_result
from hmi.station.who import Who

_TOLD = 200
"""Lines in a message that fits whatever they say."""


@dataclass(frozen=True, slots=True)
class _Ask:
    """What somebody wants to run."""

    who: Who
    command: str
    comment: str


class PendingFiles:
    """Compares the files with what runs, and makes one of the other."""

    def __init__(
        self,
        model: Model,
        making: Making,
        saving: Saving,
        known: Mapping[str, Found],
        turn: asyncio.Lock,
        trail: Trail,
        clock: Clock,
        valid: Callable[[], None],
        alarm: Callable[[str], None],
    ) -> None:
        """`known` are the drivers there are; `valid` is told when the files are what runs.

        `alarm` raises a system event that operators see.
        """
        self._model = model
        self._making = making
        self._saving = saving
        self._known = known
        self._turn = turn
        self._trail = trail
        self._clock = clock
        self._valid = valid
        self._alarm = alarm

    async def revision(self) -> str:
        """Of the files as they are; not in the middle of an edit.

        Raises:
            LinesideError: they cannot be read.
        """
        async with self._turn:
            return (await self._differences())[1]

    async def report(self, request: int = 0) -> Pending:
        """What the files hold that does not run.

        Raises:
            LinesideError: they cannot be read.
        """
        async with self._turn:
            return await self._report(request)

    async def _report(self, request: int) -> Pending:
        changed, on_disk = await self._differences()
        running = self._model.running.revision
        last = await asyncio.to_thread(self._way_back)
        if not changed:
            told = "" if last is None else _told(last)
            return Pending(request, running, running, can_roll_back=last is not None, last_change=told)
        texts = self._model.texts.texts
        lines = await asyncio.to_thread(difference_lines, texts, changed)
        checked = await self._checked(changed)
        flaws = flaws_of_files(checked.problems)[:_TOLD]
        more = [f"and {len(lines) - _TOLD} more"] if len(lines) > _TOLD else []
        what = f"The files were changed and do not run yet: {summary(lines)}"
        return Pending(
            request, running, on_disk, [*(line[:400] for line in lines[:_TOLD]), *more], flaws, True, what[:400]
        )

    async def apply(self, who: Who, request: ApplyPending) -> Answer:
        """Makes the files' configuration run, if they are still what the person saw."""
        ask = _Ask(who, request.command, request.comment)
        if not may(who.role, Action.CONFIGURE):
            return await self._denied(ask)
        async with self._turn:
            try:
                changed, on_disk = await self._differences()
                if not changed:
                    return Answer(error="The files hold nothing that does not run.")
                if on_disk != request.on_disk:
                    return Answer(error="The files have changed again: look at the differences and apply them then.")
                return await self._run(ask, changed, None)
            except LinesideError as error:
                return Answer(error=str(error))

    async def roll_back(self, who: Who, request: RollBack) -> Answer:
        """Takes the last change back: the files', while they hold something that does not run."""
        ask = _Ask(who, request.command, request.comment)
        if not may(who.role, Action.CONFIGURE):
            return await self._denied(ask)
        async with self._turn:
            try:
                if request.running and request.running != self._model.running.revision:
                    return Answer(error="Another configuration runs by now: look at it again.")
                pending, _ = await self._differences()
                if pending:
                    return await self._discarded(ask, pending)
                last = await asyncio.to_thread(self._way_back)
                if last is None:
                    return Answer(error="There is nothing to go back to: nothing was changed since, or by other means.")
                back = last.reversed(who.user, self._clock.now().utc)
                changed = await asyncio.to_thread(back.applied, self._model.texts.texts)
                return await self._run(ask, changed or {}, back)
            except LinesideError as error:
                return Answer(error=str(error))

    def _way_back(self) -> Entry | None:
        """The last change, if what it left is what runs."""
        last = self._saving.last()
        if last is None or not last.files:
            return None
        back = last.reversed("", 0)
        return last if back.applied(self._model.texts.texts) is not None else None

    async def _run(self, ask: _Ask, changed: Contents, back: Entry | None) -> Answer:
        """Runs with other files; `back`: they are to be written, without it they are there."""
        texts = self._model.texts.texts
        checked = await self._checked(changed)
        flaws = flaws_of_files(checked.problems)
        if checked.project is None or not checked.runs:
            return Answer(flaws=flaws)
        records = await asyncio.to_thread(changed_records, texts, changed)
        lines = await asyncio.to_thread(difference_lines, texts, changed)
        project, drivers = checked.project, checked.drivers
        change = await asyncio.to_thread(of_project, self._model, project, drivers, changed)
        if not await self._trail.claim(ask.command, self._clock.now().utc):
            return Answer(error=USED_TWICE)
        entry = back or await self._entry(ask, summary(lines), texts, changed)
        await self._making.make(ask.who, change, entry, ask.command, ask.comment, records, in_files=back is None)
        self._valid()
        return Answer(applied=True, flaws=flaws, changes=lines[:MOST_LINES])

    async def _discarded(self, ask: _Ask, pending: Contents) -> Answer:
        if not await self._trail.claim(ask.command, self._clock.now().utc):
            return Answer(error=USED_TWICE)
        running = {name: self._model.texts.texts.get(name) for name in pending}
        lines = await asyncio.to_thread(difference_lines, self._model.texts.texts, pending)
        what = f"Threw away from the files: {summary(lines)}"
        await self._trail.audit(ask.who, self._act(ask, f"requested: {what}"))
        entry = await self._entry(ask, what, pending, running)
        try:
            await asyncio.to_thread(self._saving.discard, entry, running)
        except OSError as error:
            why = f"The project's files cannot be written: {error.strerror or error}."
            await note_result(self._trail, ask.who, self._act(ask, f"refused: {why}"), self._alarm)
            raise LinesideError(why, "Free the disk or its rights.") from error
        await note_result(self._trail, ask.who, self._act(ask, f"done: {what}"), self._alarm)
        self._valid()
        return Answer(applied=True, changes=lines[:MOST_LINES])

    async def _checked(self, changed: Contents) -> Checked:
        texts = with_files(self._model.texts.texts, changed)
        return await asyncio.to_thread(check_texts, texts, self._known)

    async def _entry(self, ask: _Ask, what: str, before: Contents, after: Contents) -> Entry:
        return await asyncio.to_thread(Entry.between, ask.who.user, self._clock.now().utc, what, before, after)

    async def _differences(self) -> tuple[Contents, str]:
        """What the files hold that does not run, and their revision."""

        def read() -> tuple[Contents, str]:
            texts = self._model.texts
            changed = self._saving.differences(texts.texts)
            return changed, texts.revision_with(changed)

        try:
            return await asyncio.to_thread(read)
        except OSError as error:
            what = f"The project's files cannot be read: {error.strerror or error}."
            raise LinesideError(what, "Check the disk and its rights.") from error

    async def _denied(self, ask: _Ask) -> Answer:
        await note_result(self._trail, ask.who, self._act(ask, f"refused: {NOT_ALLOWED}"), self._alarm)
        return Answer(error=NOT_ALLOWED)

    def _act(self, ask: _Ask, result: str) -> Act:
        return Act("configure", "project", result, reason=ask.comment, correlation=ask.command)


def _told(entry: Entry) -> str:
    when = f"{datetime.fromtimestamp(entry.time // SECOND, UTC):%Y-%m-%d %H:%M:%S} UTC"
    return f"{entry.what} ({entry.user or 'on the disk'}, {when})"[:400]
