"""Reshaping: how the columns of a running engine take over those of an edit.

An edit is made of the same parts as an engine, of the edited tags alone: `fresh`. Per-tag columns grow to its size and
take its rows; ragged ones (alarms, edges, slots: neighbours in order of tag) are spliced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from hmi.core.engine.rows import Index
from hmi.core.quality import BoolArray

T = TypeVar("T")


def overlay(old: object, fresh: object, names: Sequence[str]) -> None:
    """Let per-tag columns of `old` have as many rows as those of `fresh`; the new ones are as there."""
    for name in names:
        column, longer = getattr(old, name), getattr(fresh, name)
        if len(longer) > len(column):
            setattr(old, name, np.concatenate((column, longer[len(column) :])))


def take(old: object, fresh: object, names: Sequence[str], rows: Index) -> None:
    """Let some rows of per-tag columns of `old` be as in `fresh`."""
    for name in names:
        getattr(old, name)[rows] = getattr(fresh, name)[rows]


class Splice(NamedTuple):
    """Where each row of a ragged column comes from: its old number, or the old count plus its number in `fresh`."""

    source: Index
    before: int
    """Number of old rows."""

    @classmethod
    def of(cls, old_tag: Index, fresh_tag: Index, touched: BoolArray) -> Splice:
        """All rows of tags that are not touched and all fresh ones, in order of tag."""
        kept = np.flatnonzero(~touched[old_tag])
        rows = np.concatenate((kept, len(old_tag) + np.arange(len(fresh_tag))))
        order = np.argsort(np.concatenate((old_tag[kept], fresh_tag)), kind="stable")
        return cls(rows[order], len(old_tag))

    def instead(self, carried: Index) -> Splice:
        """With the old row `carried[k]` in place of fresh row k, where that is not negative."""
        source = self.source.copy()
        fresh = source >= self.before
        numbers = source[fresh] - self.before
        source[fresh] = np.where(carried[numbers] < 0, source[fresh], carried[numbers])
        return Splice(source, self.before)

    @property
    def is_plain(self) -> bool:
        """Whether every row stays as it is and none is added."""
        return len(self.source) == self.before and bool((self.source == np.arange(self.before)).all())

    def columns(self, old: object, fresh: object, names: Sequence[str]) -> None:
        """Splice columns whose last axis are the rows."""
        for name in names:
            both = np.concatenate((getattr(old, name), getattr(fresh, name)), axis=-1)
            setattr(old, name, both[..., self.source])

    def spliced(self, old: list[T], fresh: list[T]) -> list[T]:
        """Splice a list."""
        result: list[T] = []
        for begin, end in self._runs():
            if begin < self.before:
                result += old[begin:end]
            else:
                result += fresh[begin - self.before : end - self.before]
        return result

    def _runs(self) -> Iterator[tuple[int, int]]:
        """(begin, end) of the sources that follow each other, none of which reaches from old into fresh rows."""
        if not len(self.source):
            return
        breaks = (np.diff(self.source) != 1) | (self.source[1:] == self.before)
        begins = np.concatenate(([0], np.flatnonzero(breaks) + 1))
        ends = np.append(begins[1:], len(self.source)) - 1
        for begin, last in zip(self.source[begins].tolist(), self.source[ends].tolist(), strict=True):
            yield begin, last + 1
