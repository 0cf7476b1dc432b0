"""What people pin to tags: notes, and who put a value in place of a tag's own or switched it off, and why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from hmi.core.rights import Action as Right
from hmi.core.rights import may
from hmi.drivers.api import Clock
from hmi.link.messages import CommandResult, GetNotes, NoteRow, Notes, SetNote
from hmi.station.cutting import cut
from hmi.station.tag_table import TagTable
from hmi.station.trail import Act, Orders, Trail
from hmi.station.who import Who

LONGEST: Final = 2000
"""Characters of a note or a reason."""


class Mark(Struct, frozen=True, omit_defaults=True):
    """What is kept of one tag; by its uid, so that it follows a rename."""

    note: str = ""
    reason: str = ""
    user: str = ""
    time: int = 0


class Masks(Protocol):
    """The engine as it tells which tags do not show their own value."""

    @property
    def substituted(self) -> list[int]:
        """Tags with a person's value."""
        ...

    @property
    def off_scan(self) -> list[int]:
        """Tags that are not acquired."""
        ...


class TagNotes:
    """All notes of a station."""

    def __init__(
        self,
        table: TagTable,
        masks: Masks,
        kept: bytes | None,
        keep: Callable[[bytes], Awaitable[None]],
        trail: Trail,
        clock: Clock,
        tell: Callable[[Notes], None],
        alarm: Callable[[str], None],
    ) -> None:
        """`kept` is what `keep` was given last; `tell` reaches every client; `alarm` raises a system event."""
        self._table = table
        self._masks = masks
        self._marks = msgspec.json.decode(kept, type=dict[str, Mark]) if kept else {}
        self._keep = keep
        self._orders = Orders(trail, clock, alarm)
        self._clock = clock
        self._tell = tell

    async def set_note(self, who: Who, request: SetNote) -> CommandResult:
        """Pins a note to a tag; an empty one is taken off."""
        tag = self._table.tags.get(request.tag)
        path = tag.path if tag is not None else f"tag {request.tag}"
        before = self._marks.get(tag.uid, Mark()) if tag is not None else Mark()
        act = Act("note", path, "", before.note, request.text[:LONGEST])
        why = ""
        if not may(who.role, Right.ACKNOWLEDGE):
            why = "Sign in as an operator to write notes."
        elif tag is None:
            why = "The station does not know this tag: the project has changed."
        elif len(request.text) > LONGEST:
            why = f"A note has {LONGEST:,} characters at most."

        async def work() -> str:
            if tag is None:
                raise AssertionError("it was refused before")
            mark = Mark(request.text.strip(), self._marks.get(tag.uid, Mark()).reason, who.user, self._clock.now().utc)
            await self._put({tag.uid: mark})
            self._tell(Notes(0, self._rows([request.tag])))
            return f"The note on {path} was {'written' if mark.note else 'taken off'}."

        return await self._orders.carry_out(who, request, act, why, work)

    async def overridden(self, who: Who, tags: Iterable[int], reason: str) -> None:
        """Keeps who substituted or switched tags, and why.

        Raises:
            StoreError: it cannot be kept.
        """
        known = [id_ for id_ in tags if id_ in self._table.tags]
        uids = [self._table.tags[id_].uid for id_ in known]
        now = self._clock.now().utc
        await self._put({uid: Mark(self._marks.get(uid, Mark()).note, reason, who.user, now) for uid in uids})
        for part, done in cut(self._rows(known)):
            self._tell(Notes(0, list(part), done))

    async def rows(self, request: GetNotes) -> list[Notes]:
        """The rows of some tags that have any; of all of them if none is named."""
        tags = request.tags or sorted({*self._noted(), *self._masks.substituted, *self._masks.off_scan})
        rows = [row for row in self._rows(tags) if row.note or row.substituted or row.off_scan]
        return [Notes(request.request, list(part), done) for part, done in cut(rows)]

    def _noted(self) -> list[int]:
        ids = self._table.id_by_uid
        return [ids[uid] for uid, mark in self._marks.items() if mark.note and uid in ids]

    def _rows(self, tags: Iterable[int]) -> list[NoteRow]:
        substituted, off = set(self._masks.substituted), set(self._masks.off_scan)
        rows: list[NoteRow] = []
        for id_ in tags:
            tag = self._table.tags.get(id_)
            if tag is not None:
                mark = self._marks.get(tag.uid, Mark())
                masked = id_ in substituted or id_ in off
                reason = mark.reason if masked else ""
                rows.append(NoteRow(id_, mark.note, id_ in substituted, id_ in off, mark.user, mark.time, reason))
        return rows

    async def _put(self, marks: dict[str, Mark]) -> None:
        whole = {uid: mark for uid, mark in {**self._marks, **marks}.items() if mark.note or mark.reason}
        await self._keep(msgspec.json.encode(whole))
        self._marks = whole
