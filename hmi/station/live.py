"""The engine's present values as the rest of the station asks for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from hmi.core.batch import Batch, Int32
from hmi.core.engine import Engine
from hmi.core.expression import parse
from hmi.core.instants import Instants
from hmi.core.interlock import FREE, Interlock, Reading, Verdict
from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.station.tag_table import TagTable


class Live:
    """Snapshots, single values and interlocks."""

    def __init__(self, engine: Engine, table: TagTable, now: Callable[[], Instants]) -> None:
        self._engine = engine
        self._table = table
        self._now = now
        self._snapshot: Batch | None = None
        self._interlocks: dict[int, Interlock] = {}
        self.configure(table.tags)

    def configure(self, ids: Iterable[int]) -> None:
        """Makes the interlocks of these tags anew: they are new, other or gone, or read a tag that is."""
        for id_ in ids:
            tag = self._table.tags.get(id_)
            if tag is None or tag.write is None or not tag.write.interlock:
                self._interlocks.pop(id_, None)
            else:
                self._interlocks[id_] = Interlock(tag.path, tag.write.interlock, self._types(tag.write.interlock))
        self._snapshot = None

    def _types(self, condition: str) -> dict[str, TagType]:
        table = self._table
        return {p: table.tags[table.id_of[p]].type for p in parse(condition).inputs if p in table.id_of}

    def scanned(self) -> None:
        """The engine has moved on: the next question makes a new snapshot, once for all clients."""
        self._snapshot = None

    def values(self) -> Batch:
        """The present row of every tag, in order of id."""
        if self._snapshot is None:
            self._snapshot = self._engine.values()
        return self._snapshot

    def latest(self, tags: Int32) -> Batch:
        """The present rows of some tags; ids that no tag has are left out."""
        whole = self.values()
        at = np.searchsorted(whole.tag, tags)
        inside = at < len(whole)
        at, wanted = at[inside], tags[inside]
        return whole.take(at[whole.tag[at] == wanted])

    def present(self, tag: int) -> tuple[float | str | None, int, int]:
        """Value (None: nothing usable was ever received), status and monotonic receive time."""
        view = self._engine.value_of(tag)
        unusable = isinstance(view.value, float) and math.isnan(view.value)
        return (None if unusable else view.value), view.status, view.received

    def number(self, tag: int) -> tuple[float, int]:
        """Value and status of a tag that holds a number; NaN for a text."""
        view = self._engine.value_of(tag)
        return (math.nan if isinstance(view.value, str) else view.value), view.status

    def by_path(self, path: str) -> tuple[float | str | None, int]:
        """Value and status of a tag path; nothing and Bad for an unknown one."""
        if path not in self._table.id_of:
            return None, int(Status.BAD_CONFIGURATION_ERROR)
        value, status, _ = self.present(self._table.id_of[path])
        return value, status

    def interlock(self, tag: int) -> Verdict:
        """Whether the tag's interlock lets a write through, and what of it does not."""
        interlock = self._interlocks.get(tag)
        return (
            FREE
            if interlock is None
            else interlock.judge({path: self._reading(path) for path in interlock.inputs}, self._now())
        )

    def _reading(self, path: str) -> Reading:
        id_ = self._table.id_of[path]
        tag, view = self._table.tags[id_], self._engine.value_of(id_)
        return Reading(view.value, view.status, tag.description or path, tag.unit, tag.states)
