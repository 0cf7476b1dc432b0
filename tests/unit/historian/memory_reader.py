"""A store of one tag in plain lists: what a Reader promises, in the fewest words."""

import math

import numpy as np

from hmi.core.quality import Status
from hmi.historian.api import RawPage, StoreInfo

Sample = tuple[int, float | str, int]
"""Time (ns), value, status."""


class MemoryReader:
    """Reads forward, with limit and bounds; notes the largest page it gave."""

    def __init__(self, samples: list[Sample]) -> None:
        self.samples = sorted(samples)
        self.largest = 0

    def read_raw(
        self, tag: int, start: int | None, end: int | None, *, limit: int = 0, bounds: bool = False
    ) -> RawPage:
        assert start is not None
        assert end is not None
        inside = [s for s in self.samples if start <= s[0] < end or s[0] == start == end]
        before = [s for s in self.samples if s[0] <= start][-1:] or [(start, float("nan"), Status.BAD_BOUND_NOT_FOUND)]
        after = [s for s in self.samples if s[0] >= end][:1] or [(end, float("nan"), Status.BAD_BOUND_NOT_FOUND)]
        if bounds and inside[:1] != before:
            inside = before + inside
        more = bool(limit) and len(inside) > limit
        next_start = inside[limit][0] if more else None
        rows = inside[:limit] if more else inside + (after if bounds else [])
        self.largest = max(self.largest, len(rows))
        return _page(rows, more, next_start)

    def info(self) -> StoreInfo:
        times = [s[0] for s in self.samples]
        return StoreInfo("memory", len(times), 0, min(times, default=None), max(times, default=None), 1, 0, 0)

    def close(self) -> None:
        pass


def _page(rows: list[Sample], more: bool, next_start: int | None) -> RawPage:
    """Numbers beside texts are texts, as in a store's page."""
    text: list[str] = []
    mixed = any(isinstance(value, str) for _, value, _ in rows)
    values = []
    for _, value, _ in rows:
        if isinstance(value, str) or (mixed and not math.isnan(value)):
            text.append(value if isinstance(value, str) else f"{value:.17g}")
            values.append(float(len(text) - 1))
        else:
            values.append(value)
    return RawPage(
        np.array([t for t, _, _ in rows], np.int64),
        np.array(values, np.float64),
        np.array([s for _, _, s in rows], np.uint32),
        tuple(text),
        more,
        next_start,
    )
