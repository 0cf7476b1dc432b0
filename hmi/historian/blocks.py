"""How samples of one tag join its blocks: blocks never overlap, and small ones at the end grow into full ones.

Pure: what is in the file comes in, what is to be removed and added goes out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hmi.core.batch import Batch, join
from hmi.historian.datafile import Stored
from hmi.historian.merge import by_time, part

BLOCK_ROWS: Final = 8192
"""Most samples of a block; unpacked in about 0.1 ms."""

Load = Callable[[Stored], Batch | None]
"""A block's samples; None when it is damaged."""


@dataclass(slots=True)
class Change:
    """What happens to a tag's blocks."""

    removed: list[Stored] = field(default_factory=list)
    added: list[Batch] = field(default_factory=list)


def joined_blocks(new: Batch, stored: Sequence[Stored], load: Load, most: int = BLOCK_ROWS) -> Change:
    """Takes new samples of one tag (sorted by time) into its blocks.

    `stored` are the tag's undamaged blocks in time order: all that end at or after the first new sample; when there is
    none, some at the end, which may grow.
    """
    change = Change()
    if not stored:
        change.added = cut_evenly(new, most)
        return change
    last_end = stored[-1].time_max
    behind = int(np.searchsorted(new.time, last_end, side="right"))
    if behind:
        _rewrite(change, part(new, 0, behind), stored, load, most)
    if behind < len(new):
        _lengthen(change, part(new, behind, len(new)), stored, load, most)
    return change


def _rewrite(change: Change, late: Batch, stored: Sequence[Stored], load: Load, most: int) -> None:
    """Late samples go into the block they fall into, or into the one before the hole they fall into."""
    starts = np.array([s.time_min for s in stored], np.int64)
    home = np.maximum(np.searchsorted(starts, late.time, side="right") - 1, 0)
    for at in np.unique(home).tolist():
        mine = late.take(home == at)
        old = load(stored[at])
        if old is None:
            change.added += cut_evenly(mine, most)
            continue
        change.removed.append(stored[at])
        change.added += cut_evenly(by_time(join([old, mine])), most)


def _lengthen(change: Change, new: Batch, stored: Sequence[Stored], load: Load, most: int) -> None:
    """New samples follow the last block; blocks at the end that are not half full become one when they fill it."""
    removed = {s.id for s in change.removed}
    small: list[Stored] = []
    for block in reversed(stored):
        if block.rows >= most // 2 or block.id in removed:  # good enough: filling it up would pack every sample twice
            break
        small.insert(0, block)
    if small and sum(block.rows for block in small) + len(new) >= most:
        loaded = [(block, load(block)) for block in small]
        good = [(block, batch) for block, batch in loaded if batch is not None]
        change.removed += [block for block, _ in good]
        change.added += cut_full(by_time(join([*(batch for _, batch in good), new])), most)
    else:
        change.added += cut_full(new, most)


def cut_evenly(batch: Batch, most: int) -> list[Batch]:
    """Blocks of nearly equal size, so that one that grew by a late sample does not leave a crumb."""
    count = -(-len(batch) // most)
    edges = [len(batch) * i // count for i in range(count + 1)]
    return [part(batch, edges[i], edges[i + 1]) for i in range(count)]


def cut_full(batch: Batch, most: int) -> list[Batch]:
    """Full blocks and a rest that will grow."""
    return [part(batch, start, min(start + most, len(batch))) for start in range(0, len(batch), most)]
