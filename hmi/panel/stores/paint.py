"""How long the panel takes to show what it was sent, and how old that is when it is seen."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from hmi.core.instants import SECOND

SPAN: Final = 60 * SECOND
"""ns over which the figures are taken, back from the last picture."""


class Percentiles(NamedTuple):
    """p50, p95 and p99 of a time, ms."""

    p50: float
    p95: float
    p99: float


class PaintFigures(NamedTuple):
    """What the pictures of the last minute tell."""

    pictures: int
    since_ns: int
    """ns since the last one."""
    paint: Percentiles
    """From the arrival of a frame until the change it brought was painted, the wait for a symbol's pace included."""
    age: Percentiles | None
    """From the newest source time in a picture until it was painted; None: no value changed since it was in front."""


class _Picture(NamedTuple):
    at: int
    paint: int
    age: int | None


class PaintStore:
    """Fed by the page in front when it has painted; a page at rest, or one that nothing changes, costs nothing."""

    def __init__(self, mono: Callable[[], int]) -> None:
        self._mono = mono
        self._arrived: int | None = None
        self._pictures: deque[_Picture] = deque()

    @property
    def arrived(self) -> int:
        """When the frame that is being told arrived, monotonic ns; now for what no frame brought."""
        return self._mono() if self._arrived is None else self._arrived

    def arriving(self) -> None:
        """A part of a frame is here; the first one counts."""
        if self._arrived is None:
            self._arrived = self._mono()

    def told(self) -> None:
        """The frame was told to all listeners, or the link that it came by is gone."""
        self._arrived = None

    def painted(self, arrived: int, age: int | None) -> None:
        """A picture shows what came at `arrived` (monotonic ns); its newest source time is `age` ns old."""
        at = self._mono()
        self._pictures.append(_Picture(at, at - arrived, age))
        while at - self._pictures[0].at > SPAN:
            self._pictures.popleft()

    def figures(self) -> PaintFigures | None:
        """Of the minute before the last picture; None before the first."""
        if not self._pictures:
            return None
        ages = [picture.age for picture in self._pictures if picture.age is not None]
        return PaintFigures(
            len(self._pictures),
            self._mono() - self._pictures[-1].at,
            _percentiles([picture.paint for picture in self._pictures]),
            _percentiles(ages) if ages else None,
        )


def _percentiles(spans: list[int]) -> Percentiles:
    return Percentiles(*(float(span) / 1e6 for span in np.percentile(spans, [50, 95, 99])))
