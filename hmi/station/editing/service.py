"""What engineers ask of the project: records, edits, uses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from hmi.core.errors import LinesideError
from hmi.core.rights import Action, may
from hmi.drivers.api import Clock
from hmi.link.messages import Edit, EditProject, Flaw, GetRecords, Record, WhereUsed
from hmi.station.editing.answers import Answer, flaws_of
from hmi.station.editing.change import Change, of_candidate
from hmi.station.editing.judging import judge
from hmi.station.editing.making import Making, summary
from hmi.station.editing.model import Model
from hmi.station.editing.proposing import FindDrivers, Proposal, propose, record_of
from hmi.station.editing.records import KINDS, Key
from hmi.station.editing.saving import Entry
from hmi.station.editing.wording import change_line
from hmi.station.trail import Act, Trail, note_result
from hmi.station.who import Who

MOST_RECORDS: Final = 5000
"""Tags asked for at once."""
MOST_EDITS: Final = 50_000
"""Edits in one command."""

NOT_ALLOWED: Final = "Sign in as an engineer to change the project."
USED_TWICE: Final = "This edit was already carried out, or its id is none."


class Editing:
    """Judges and makes edits, one at a time."""

    def __init__(
        self,
        model: Model,
        making: Making,
        find_drivers: FindDrivers,
        trail: Trail,
        clock: Clock,
        alarm: Callable[[str], None],
    ) -> None:
        """`alarm` raises a system event that operators see."""
        self._model = model
        self._making = making
        self._find_drivers = find_drivers
        self._trail = trail
        self._clock = clock
        self._alarm = alarm
        self.turn = asyncio.Lock()
        """Held while the project is changed, whoever changes it."""

    @property
    def revision(self) -> str:
        """Of what runs."""
        return self._model.running.revision

    async def records(self, request: GetRecords) -> list[Record]:
        """The records that somebody asks for.

        Raises:
            LinesideError: no such kind, or too many.
        """
        kind = next((kind for kind in KINDS if kind == request.kind), None)
        if kind is None:
            raise LinesideError(f"{request.kind!r} is no kind of record.", f"Kinds: {', '.join(KINDS)}.")
        if kind == "tag" and not 0 < len(request.names) <= MOST_RECORDS:
            raise LinesideError(f"Ask for 1 to {MOST_RECORDS:,} tags at once.")
        texts = self._model.texts
        names = request.names or texts.names(kind)
        if kind == "tag":
            names = [self._model.record_of(name) for name in names]
        keys = dict.fromkeys(Key(kind, name) for name in names)
        async with self.turn:
            found = await asyncio.to_thread(texts.records, keys)
        return [found[key] for key in keys if key in found]

    def uses(self, request: WhereUsed) -> list[tuple[str, str, str]]:
        """(path, record that reads it, place in there) of every use of some tags."""
        uses = self._model.uses
        return [(path, self._model.title(use.by), use.where) for path in request.paths for use in uses.of_path(path)]

    async def edit(self, who: Who, request: EditProject, edits: Sequence[Edit]) -> Answer:
        """Judges an edit and makes it, unless it is dry; `edits` are those of all its parts."""
        if not may(who.role, Action.CONFIGURE):
            await self._refused(who, request, NOT_ALLOWED)
            return Answer(error=NOT_ALLOWED)
        if not 0 < len(edits) <= MOST_EDITS:
            return Answer(error=f"Send 1 to {MOST_EDITS:,} edits in one command.")
        async with self.turn:
            try:
                proposal = await asyncio.to_thread(propose, self._model, edits, self._find_drivers)
                return await self._edited(who, request, edits, proposal)
            except LinesideError as error:
                return Answer(error=str(error))

    async def _edited(self, who: Who, request: EditProject, edits: Sequence[Edit], proposal: Proposal) -> Answer:
        if proposal.conflicts:
            named = summary([self._model.title(key) for key in proposal.conflicts])
            why = f"Somebody else has changed {named} since you read it: look at it and edit again."
            return Answer(records=list(proposal.conflicts.values()), error=why)
        flaws = await asyncio.to_thread(self._flaws, proposal, edits)
        if any(not flaw.warns for flaw in flaws):
            return Answer(flaws=flaws)
        documents = proposal.candidate.documents
        records = {key: (_before(proposal, key), document) for key, document in documents.items()}
        lines, after = await asyncio.to_thread(_told, records)
        if request.dry or not documents:
            return Answer(applied=not request.dry, flaws=flaws, changes=lines, records=after)
        change = await asyncio.to_thread(of_candidate, proposal.candidate)
        if not await self._trail.claim(request.command, self._clock.now().utc):
            return Answer(error=USED_TWICE)
        entry = await asyncio.to_thread(self._entry, who, change, summary(lines))
        await self._making.make(who, change, entry, request.command, request.comment, records)
        now = await asyncio.to_thread(self._model.texts.records, documents)
        stand = [now.get(key, record_of(key, b"")) for key in documents]
        return Answer(applied=True, flaws=flaws, changes=lines, records=stand)

    def _flaws(self, proposal: Proposal, edits: Sequence[Edit]) -> list[Flaw]:
        faults = proposal.faults or judge(proposal.candidate)
        return flaws_of(faults, edits, self._model)

    def _entry(self, who: Who, change: Change, what: str) -> Entry:
        before = {name: self._model.texts.texts.get(name) for name in change.files}
        return Entry.between(who.user, self._clock.now().utc, what, before, change.files)

    async def _refused(self, who: Who, request: EditProject, why: str) -> None:
        act = Act("configure", "project", f"refused: {why}", correlation=request.command)
        await note_result(self._trail, who, act, self._alarm)


def _told(records: Mapping[Key, tuple[bytes, bytes]]) -> tuple[list[str], list[Record]]:
    """What an edit changes, line by line, and the records as they would stand."""
    lines = [change_line(key, old, new) for key, (old, new) in records.items()]
    return lines, [record_of(key, new) for key, (_, new) in records.items()]


def _before(proposal: Proposal, key: Key) -> bytes:
    record = proposal.before.get(key)
    return record.document if record is not None else b""
