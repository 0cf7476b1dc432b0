"""What waits in the runs of 256 neighbouring tags, and when it is worth rewriting.

Runs are joined level by level, some fresh ones to one of the next level and so on, so that a sample of a slow tag is
rewritten a few times only before it leaves for a block. Joining takes all lower levels along: what is newer must stay
above.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hmi.core.batch import Int32
from hmi.historian.merge import BUCKET

EVERYTHING: Final = 1 << 30
"""A level above all: everything is rewritten, and tags with enough samples leave."""
_WORTH_IT: Final = 4
"""A bucket is worth rewriting when a fourth of its samples leave it."""


@dataclass(slots=True)
class Bucket:
    """Runs by level and samples by tag."""

    runs: dict[int, int] = field(default_factory=dict)
    waiting: Int32 = field(default_factory=lambda: np.zeros(BUCKET, np.int32))
    """Samples in runs of each tag."""

    @property
    def samples(self) -> int:
        """In all runs."""
        return int(self.waiting.sum())

    def add(self, tags: Int32, counts: Int32, level: int) -> None:
        """A run was added."""
        self.runs[level] = self.runs.get(level, 0) + 1
        self.waiting[tags % BUCKET] += counts

    def top(self, block_from: int, fresh: int, joined: int) -> int | None:
        """Up to which level the runs should be rewritten now; None = leave them.

        `fresh` runs of level 0 or `joined` ones of a higher level are as many as may wait.
        """
        ripe = int(self.waiting[self.waiting >= block_from].sum())
        if ripe and ripe * _WORTH_IT >= self.samples:
            return EVERYTHING
        return _full_level(self.runs, fresh, joined)


def _full_level(runs: Mapping[int, int], fresh: int, joined: int) -> int | None:
    if runs.get(0, 0) < fresh:
        return None
    level = 0
    while runs.get(level + 1, 0) + 1 >= joined:
        level += 1
    return level
