"""Which registers are read together: the fewest requests that never tear a value.

A value read in two requests can be half old, half new; so one tag always lies in one block. Blocks never reach over
addresses that no tag names (unless the engineer allows gaps): many devices answer such addresses with an error.
"""

from __future__ import annotations

from collections.abc import Iterable
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


def plan(spans: Iterable[Span], limit: int, max_gap: int = 0) -> list[Block]:
    """The fewest blocks of at most `limit` addresses that hold every span whole.

    Going up by address and taking whatever still fits is optimal: the lowest span must be in some block, and no block
    that holds it reaches further than the one starting at it. A span longer than `limit` gets a block of its own.
    """
    blocks: list[Block] = []
    members: list[Span] = []
    start = end = 0
    for span in sorted(spans, key=lambda s: (s.address, s.count, s.key)):
        if members and span.address <= end + max_gap and max(end, span.end) - start <= limit:
            members.append(span)
            end = max(end, span.end)
            continue
        if members:
            blocks.append(Block(start, end - start, tuple(members)))
        members, start, end = [span], span.address, span.end
    if members:
        blocks.append(Block(start, end - start, tuple(members)))
    return blocks


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
