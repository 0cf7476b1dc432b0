"""Which registers are read together: the fewest requests that never tear a value.

A value read in two requests can be half old, half new; so one tag always lies in one block. Blocks never reach over
addresses that no tag names (unless the engineer allows gaps): many devices answer such addresses with an error.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

MAX_REGISTERS: Final = 125
"""Registers in one read, by the protocol."""
MAX_BITS: Final = 2000
"""Coils or inputs in one read, by the protocol."""


@dataclass(frozen=True, slots=True)
class Span:
    """Addresses of one tag; `key` is the caller's name for it."""

    address: int
    count: int
    key: int

    @property
    def end(self) -> int:
        """First address behind it."""
        return self.address + self.count


@dataclass(frozen=True, slots=True)
class Block:
    """One read request and the tags it serves, sorted by address."""

    address: int
    count: int
    members: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a device lets one read do."""

    size: int
    """Addresses in one read at most."""
    max_gap: int = 0
    """Addresses in a row that no tag names and that a read may pass over all the same."""


def plan(
    spans: Iterable[Span], limits: Limits, named: Sequence[range] = (), cuts: Collection[int] = frozenset()
) -> list[Block]:
    """The fewest blocks that hold every span whole and reach over nothing they must not.

    `named` are addresses that other tags name, ascending and apart: passing over them is no gap. `cuts` are keys of
    spans that must not be in one block with a span before them.

    Going up by address and taking whatever still fits is optimal: the lowest span must be in some block, and no block
    that holds it reaches further than the one starting at it. A span longer than the limit gets a block of its own.
    """
    blocks: list[Block] = []
    members: list[Span] = []
    start = end = 0
    for span in sorted(spans, key=_place):
        fits = max(end, span.end) - start <= limits.size and span.key not in cuts
        if members and fits and _widest_gap(end, span.address, named) <= limits.max_gap:
            members.append(span)
            end = max(end, span.end)
            continue
        if members:
            blocks.append(Block(start, end - start, tuple(members)))
        members, start, end = [span], span.address, span.end
    if members:
        blocks.append(Block(start, end - start, tuple(members)))
    return blocks


def covered(spans: Iterable[Span]) -> list[range]:
    """The addresses of all spans, ascending, neighbours joined."""
    found: list[range] = []
    for span in sorted(spans, key=_place):
        if found and span.address <= found[-1].stop:
            found[-1] = range(found[-1].start, max(found[-1].stop, span.end))
        else:
            found.append(range(span.address, span.end))
    return found


def _place(span: Span) -> tuple[int, int, int]:
    return span.address, span.count, span.key


def _widest_gap(end: int, begin: int, named: Sequence[range]) -> int:
    """Most addresses in a row between `end` and `begin` that nobody names."""
    widest = 0
    for known in named[bisect_right(named, end, key=_stop) :]:
        if end >= begin or known.start >= begin:
            break
        widest = max(widest, known.start - end)
        end = max(end, known.stop)
    return max(widest, begin - end)


def _stop(known: range) -> int:
    return known.stop


def halves(block: Block) -> tuple[Block, Block]:
    """The block as two, by tags: how the one address that a device refuses is found.

    Raises:
        ValueError: the block has one tag, which must not be split.
    """
    if len(block.members) < 2:
        raise ValueError("a block of one tag cannot be split")
    middle = len(block.members) // 2
    return _block(block.members[:middle]), _block(block.members[middle:])


def _block(members: tuple[Span, ...]) -> Block:
    start = min(m.address for m in members)
    return Block(start, max(m.end for m in members) - start, members)
