"""Intake: turns what drivers delivered into rows in engineering units, with stamps that can be believed.

Rows of tags nobody configured are dropped and counted, never a reason to stop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hmi.core.actions import SetValue
from hmi.core.batch import Batch, Float64, Int64, UInt32
from hmi.core.effects import Notice
from hmi.core.engine.columns import Columns
from hmi.core.engine.rows import Index, Rows, Texts, Why, no_rows, rows_of
from hmi.core.engine.scaled import scaled
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status, is_bad

FUTURE: Final = 60 * SECOND
"""A source stamp further ahead of the station's clock than this is replaced by the receive time."""
MAX_UNKNOWN: Final = 1000
"""Distinct unknown ids that are told about; more are only counted."""


@dataclass(slots=True)
class Intake:
    """What the intake remembers so that everything odd is told once."""

    columns: Columns
    dropped: int = 0
    """Rows of unknown tags since the start."""
    _unknown: set[int] = field(default_factory=set)
    _told: set[tuple[str, int]] = field(default_factory=set)

    def rows(self, batch: Batch, texts: Texts, clock: int, now: Instants, notices: list[Notice]) -> Rows:
        """Scaled rows of a batch in order of receipt; `clock`: the instant up to which the engine has run."""
        if not len(batch):
            return no_rows(texts)
        kept = self._known(batch, notices)
        value = _with_texts(batch, texts)
        tag, time, received, status = batch.tag, batch.time, batch.received, batch.status
        if kept is not None:
            tag, time, received, value, status = tag[kept], time[kept], received[kept], value[kept], status[kept]
            if not len(tag):
                return no_rows(texts)
        ids: Index = tag.astype(np.intp)
        at = np.clip(received, min(clock, now.mono), now.mono)
        time = self._believable(ids, time, at, now, notices)
        value, status, inexact = scaled(self.columns, ids, value, status)
        if inexact.any():
            self._tell_inexact(ids[inexact], notices)
        status = self._typed(batch, kept, ids, value, status, texts)
        return rows_of(texts, ids, at, time, received, value, status).in_order()

    def edited(self, put: Iterable[int], gone: Iterable[int]) -> None:
        """Samples of removed tags may still be on their way: they are dropped, and nothing to tell about."""
        self._unknown.difference_update(put)
        self._unknown.update(gone)

    def _known(self, batch: Batch, notices: list[Notice]) -> Index | None:
        """The rows to keep; None = all."""
        size, tag = self.columns.size, batch.tag
        inside = None
        if int(tag.min()) < 0 or int(tag.max()) >= size:
            inside = np.flatnonzero((tag >= 0) & (tag < size))
            tag = tag[inside]
        accepted = self.columns.accepts[tag]
        if inside is None and accepted.all():
            return None
        kept: Index = np.flatnonzero(accepted) if inside is None else inside[accepted]
        self.dropped += len(batch) - len(kept)
        strange = np.ones(len(batch), np.bool_)
        strange[kept] = False
        for at in np.unique(batch.tag[strange]).tolist():
            if at not in self._unknown and len(self._unknown) < MAX_UNKNOWN:
                self._unknown.add(at)
                text = f"Samples for id {at}, which no connected tag has, are dropped."
                notices.append(Notice("unknown-tag", text, at))
        return kept

    def _believable(self, tag: Index, time: Int64, at: Int64, now: Instants, notices: list[Notice]) -> Int64:
        ahead = now.utc + FUTURE
        if int(time.max()) <= ahead:
            return time
        wrong = time > ahead
        for one in np.unique(tag[wrong]).tolist():
            if self._first("future-time", one):
                path = self.columns.tags[one].path
                text = f"{path}: the source's clock is more than 60 s ahead; its samples carry the receive time."
                notices.append(Notice("future-time", text, one))
        return np.where(wrong, now.utc - (now.mono - at), time)

    def _tell_inexact(self, tag: Index, notices: list[Notice]) -> None:
        for one in np.unique(tag).tolist():
            if self._first("inexact-integer", one):
                path = self.columns.tags[one].path
                text = f"{path}: an integer beyond 2^53 is not exact; such values are marked Uncertain."
                notices.append(Notice("inexact-integer", text, one))

    def _first(self, kind: str, tag: int) -> bool:
        if (kind, tag) in self._told:
            return False
        self._told.add((kind, tag))
        return True

    def _typed(
        self, batch: Batch, kept: Index | None, tag: Index, value: Float64, status: UInt32, texts: Texts
    ) -> UInt32:
        """Texts belong to string tags and to no others: anything else becomes Bad_TypeMismatch."""
        wanted = self.columns.is_text[tag]
        if not len(batch.text_rows) and not wanted.any():
            return status
        given = np.zeros(len(batch), np.bool_)
        given[batch.text_rows] = True
        if kept is not None:
            given = given[kept]
        wrong = given != wanted
        value[wrong & wanted] = texts.code("")
        value[wrong & given] = np.nan
        return np.where(wrong & ~is_bad(status), np.uint32(Status.BAD_TYPE_MISMATCH), status)


def _with_texts(batch: Batch, texts: Texts) -> Float64:
    """The batch's values with its text indices re-based to the scan's."""
    if not len(batch.text_rows):
        return batch.value
    codes = np.array([texts.code(text) for text in batch.text], np.float64)
    value = batch.value.copy()
    value[batch.text_rows] = codes[value[batch.text_rows].astype(np.intp)]
    return value


def entered_rows(entries: list[SetValue], texts: Texts, now: Instants) -> Rows:
    """Rows of values set inside the station, as of now."""
    value = [texts.code(e.value) if isinstance(e.value, str) else e.value + 0.0 for e in entries]
    n = len(entries)
    return rows_of(
        texts,
        np.array([e.tag for e in entries], np.intp),
        np.full(n, now.mono, np.int64),
        np.full(n, now.utc, np.int64),
        np.full(n, now.mono, np.int64),
        np.array(value, np.float64),
        np.array([e.status for e in entries], np.uint32),
        Why.ENTERED,
    )


def retained_tags(columns: Columns) -> Index:
    """Memory tags and manual ones that were ever entered: their value is known before any sample."""
    never_entered = columns.status == np.uint32(Status.UNCERTAIN_INITIAL_VALUE)
    return np.flatnonzero(columns.kept & ~never_entered)


def known_rows(columns: Columns, ids: Index, texts: Texts, at: int, now: Instants) -> Rows:
    """What is known of some tags, as rows at an instant."""
    time = np.where(columns.time[ids] == 0, now.utc, columns.time[ids])
    mono = np.full(len(ids), at, np.int64)
    value = columns.last_values(ids, texts)
    return rows_of(texts, ids, mono, time, mono, value, columns.status[ids], Why.RETAINED)
