"""Which bytes are read together: few requests, and never a value torn in two.

A controller that knows one address of a block not refuses the whole block, so a block can be halved until the tag at
fault is alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hmi.drivers.api import AddressError, Point

from .address import Area, S7Address

ITEMS: Final = 20
"""Blocks in one request, by the protocol."""
_REQUEST_HEAD: Final = 14
_REQUEST_ITEM: Final = 12
_REPLY_HEAD: Final = 14
_REPLY_ITEM: Final = 4


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring bytes and the points in them, by address."""

    area: Area
    db: int
    start: int
    size: int
    points: tuple[Point, ...]

    def halves(self) -> tuple[Block, Block]:
        """The block as two, by points.

        Raises:
            ValueError: it has one point, which must not be torn.
        """
        if len(self.points) < 2:
            raise ValueError("a block of one point cannot be halved")
        middle = len(self.points) // 2
        return _block(self.points[:middle]), _block(self.points[middle:])

    def raw(self, point: Point, data: bytes) -> bytes:
        """The point's own bytes in those of the block."""
        a = address_of(point)
        return data[a.byte - self.start : a.byte - self.start + a.size]


def address_of(point: Point) -> S7Address:
    """The point's parsed address.

    Raises:
        AddressError: it was parsed by another driver.
    """
    if not isinstance(point.address, S7Address):
        raise AddressError(f"{point.path} has no S7 address.", "Example: DB10.DBD8:real.")
    return point.address


def _block(points: Sequence[Point]) -> Block:
    places = [address_of(point) for point in points]
    start = min(a.byte for a in places)
    return Block(places[0].area, places[0].db, start, max(a.byte + a.size for a in places) - start, tuple(points))


def largest(pdu: int) -> int:
    """Bytes of the largest block that a message of `pdu` bytes can carry."""
    return pdu - _REPLY_HEAD - _REPLY_ITEM


def plan(points: Iterable[Point], pdu: int, max_gap: int) -> list[Block]:
    """The fewest blocks that hold every point whole: going up by address and taking whatever still fits is optimal."""
    places: dict[tuple[Area, int], list[Point]] = defaultdict(list)
    for point in points:
        a = address_of(point)
        places[a.area, a.db].append(point)
    blocks: list[Block] = []
    for _, members in sorted(places.items()):
        members.sort(key=lambda p: (address_of(p).byte, address_of(p).size, p.tag))
        blocks += _neighbours(members, largest(pdu), max_gap)
    return blocks


def _neighbours(points: Sequence[Point], limit: int, max_gap: int) -> list[Block]:
    blocks: list[Block] = []
    taken: list[Point] = []
    start = end = 0
    for point in points:
        a = address_of(point)
        reach = max(end, a.byte + a.size)
        if taken and (a.byte > end + max_gap or reach - start > limit):
            blocks.append(_block(taken))
            taken = []
        if not taken:
            start, reach = a.byte, a.byte + a.size
        taken.append(point)
        end = reach
    return [*blocks, _block(taken)] if taken else blocks


def requests(blocks: Sequence[Block], pdu: int) -> list[list[Block]]:
    """Blocks that fit one request, and its reply, together."""
    packed: list[list[Block]] = []
    asked = answered = pdu
    for block in blocks:
        cost = _REPLY_ITEM + block.size + block.size % 2
        full = bool(packed) and len(packed[-1]) == ITEMS
        if full or asked + _REQUEST_ITEM > pdu or answered + cost > pdu:
            packed.append([])
            asked, answered = _REQUEST_HEAD, _REPLY_HEAD
        packed[-1].append(block)
        asked += _REQUEST_ITEM
        answered += cost
    return packed
