"""The last sample of each tag that a writer has filed: it must not be lost with the file it went to."""

from __future__ import annotations

from typing import Final

import numpy as np

from hmi.core.batch import Batch, Float64, Int64, UInt32, batch_of
from hmi.historian.codec import tag_starts
from hmi.historian.files import Key

_NEVER: Final = -(1 << 63)


class Newest:
    """Columns by tag number: a hundred thousand tags are filed every ten seconds. Negative numbers are not kept."""

    def __init__(self) -> None:
        self._time: Int64 = np.full(1024, _NEVER, np.int64)
        self._value: Float64 = np.zeros(1024)
        self._status: UInt32 = np.zeros(1024, np.uint32)
        self._home = np.zeros(1024, np.int16)
        self._homes: list[tuple[int, str]] = []
        self._text: dict[int, str] = {}
        self._is_text = np.zeros(1024, np.bool_)
        """Which tags have one."""

    def add(self, key: Key, ordered: Batch) -> None:
        """These samples, sorted by tag and time, were filed."""
        ends = np.append(tag_starts(ordered.tag)[1:], len(ordered)) - 1
        ends = ends[ordered.tag[ends] >= 0]
        if not len(ends):
            return
        self._grow(int(ordered.tag[ends[-1]]))
        ends = ends[ordered.time[ends] >= self._time[ordered.tag[ends]]]
        tags = ordered.tag[ends]
        self._time[tags], self._value[tags] = ordered.time[ends], ordered.value[ends]
        self._status[tags] = ordered.status[ends]
        self._home[tags] = self._number(key)
        if self._text or len(ordered.text_rows):
            self._keep_texts(ordered, ends)

    def _keep_texts(self, ordered: Batch, ends: Int64) -> None:
        tags, texts = ordered.tag[ends], np.isin(ends, ordered.text_rows)
        for tag in tags[self._is_text[tags] & ~texts].tolist():
            del self._text[tag]
        for row in ends[texts].tolist():
            self._text[int(ordered.tag[row])] = ordered.text[int(ordered.value[row])]
        self._is_text[tags] = texts

    def _number(self, key: Key) -> int:
        home = key.month, key.group
        if home not in self._homes:
            self._homes.append(home)
        return self._homes.index(home)

    def _grow(self, most: int) -> None:
        more = max(2 * len(self._time), most + 1) - len(self._time)
        if most < len(self._time):
            return
        self._time = np.concatenate([self._time, np.full(more, _NEVER, np.int64)])
        self._value = np.concatenate([self._value, np.zeros(more)])
        self._status = np.concatenate([self._status, np.zeros(more, np.uint32)])
        self._home = np.concatenate([self._home, np.zeros(more, np.int16)])
        self._is_text = np.concatenate([self._is_text, np.zeros(more, np.bool_)])

    def times(self, since: int | None) -> list[tuple[int, int]]:
        """Tag and time (ns UTC) of each last sample that is not before `since`; None = of all."""
        tags = np.flatnonzero(self._time > _NEVER if since is None else self._time >= max(since, _NEVER + 1))
        return list(zip(tags.tolist(), self._time[tags].tolist(), strict=True))

    def of(self, key: Key) -> Batch:
        """The last samples that went to a month of a group, whichever part of it, by tag."""
        home = key.month, key.group
        if home not in self._homes:
            return batch_of([], [], [], [], [])
        tags = np.flatnonzero((self._home == self._homes.index(home)) & (self._time > _NEVER))
        value: list[float | str] = [self._text.get(tag, self._value[tag]) for tag in tags.tolist()]
        return batch_of(
            tags.astype(np.int32), self._time[tags], np.zeros(len(tags), np.int64), value, self._status[tags]
        )
