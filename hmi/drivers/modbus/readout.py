"""Turns the bytes of one block into changed values, with numpy instead of a loop over tags.

Only tags whose own bytes differ from the poll before are decoded: on a quiet line nearly nothing is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Batch, Float64, Int32, UInt32, batch_of, join
from hmi.core.instants import Instants
from hmi.core.quality import Status
from hmi.drivers.api import Point
from hmi.drivers.columns import EXACT, distrust
from hmi.drivers.modbus.address import Kind, ModbusAddress, WordOrder
from hmi.drivers.modbus.blocks import Block
from hmi.drivers.modbus.words import byte_order, numbers, text

_WIDE: Final = {Kind.INT64, Kind.UINT64}

Bytes = NDArray[np.uint8]

_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Numbers of one kind; row i of `places` lists the bytes of tag i, highest first."""

    kind: Kind
    tags: Int32
    places: NDArray[np.int64]

    def changed(self, new: Bytes, old: Bytes | None, now: Instants) -> Batch | None:
        raw = new[self.places]
        tags = self.tags
        if old is not None:
            rows = (raw != old[self.places]).any(axis=1)
            if not rows.any():
                return None
            raw, tags = raw[rows], tags[rows]
        value = numbers(raw, self.kind)
        status = np.zeros(len(tags), np.uint32)
        if self.kind in _WIDE:
            status[np.abs(value) >= EXACT] = Status.UNCERTAIN
        return _batch(tags, value, distrust(value, status), now)


@dataclass(frozen=True, slots=True)
class _Bits:
    """Bits: coils (one byte each after unpacking) or masked registers."""

    tags: Int32
    places: NDArray[np.int64]
    masks: NDArray[np.uint16]
    registers: bool

    def changed(self, new: Bytes, old: Bytes | None, now: Instants) -> Batch | None:
        state = self._state(new)
        tags = self.tags
        if old is not None:
            rows = state != self._state(old)
            if not rows.any():
                return None
            state, tags = state[rows], tags[rows]
        return _batch(tags, state.astype(np.float64), np.zeros(len(tags), np.uint32), now)

    def _state(self, cells: Bytes) -> NDArray[np.bool_]:
        units = cells.view(">u2") if self.registers else cells
        state: NDArray[np.bool_] = (units[self.places] & self.masks) != 0
        return state


@dataclass(frozen=True, slots=True)
class _Text:
    """One string tag."""

    tag: int
    places: NDArray[np.int64]
    length: int

    def changed(self, new: Bytes, old: Bytes | None, now: Instants) -> Batch | None:
        raw = new[self.places].tobytes()
        if old is not None and raw == old[self.places].tobytes():
            return None
        return batch_of([self.tag], [now.utc], [now.mono], [text(raw, self.length)], [Status.GOOD])


class Readout:
    """Decodes one block's replies."""

    def __init__(self, block: Block, points: Sequence[Point], order: WordOrder) -> None:
        """`points` belong to the block's members, in their order; `order` is the connection's."""
        self.tags: Int32 = np.array([p.tag for p in points], np.int32)
        """Tags served by the block."""
        self._is_bits = False
        self._parts: list[_Numbers | _Bits | _Text] = []
        self._old: Bytes | None = None
        numeric: dict[Kind, list[tuple[int, list[int]]]] = defaultdict(list)
        bits: list[tuple[int, int, int]] = []
        for point in points:
            a = _address(point)
            at = a.address - block.address
            self._is_bits = a.table.is_bits
            if a.kind is Kind.BOOL:
                bits.append((point.tag, at, 1 if a.table.is_bits else 0xFFFF if a.bit is None else 1 << a.bit))
                continue
            places = [2 * at + b for b in byte_order(a.count, a.order or order, text=a.kind is Kind.STRING)]
            if a.kind is Kind.STRING:
                self._parts.append(_Text(point.tag, np.array(places), a.length))
            else:
                numeric[a.kind].append((point.tag, places))
        for kind, rows in numeric.items():
            tags = np.array([r[0] for r in rows], np.int32)
            self._parts.append(_Numbers(kind, tags, np.array([r[1] for r in rows])))
        if bits:
            columns = list(zip(*bits, strict=True))
            tags, at_, masks = np.array(columns[0], np.int32), np.array(columns[1]), np.array(columns[2], np.uint16)
            self._parts.append(_Bits(tags, at_, masks, not self._is_bits))

    def changes(self, data: bytes, now: Instants) -> Batch:
        """The tags that differ from the reply before, all of them after `forget`.

        Stamped in ms: a poll knows no better when a value was so, and history would keep finer digits for nothing.
        """
        now = Instants(now.mono, now.utc - now.utc % _MS)
        new: Bytes = np.frombuffer(data, np.uint8)
        if self._is_bits:
            new = np.unpackbits(new, bitorder="little")
        old, self._old = self._old, new
        if old is not None and np.array_equal(new, old):
            return join([])
        return join([b for b in (part.changed(new, old, now) for part in self._parts) if b is not None])

    def forget(self) -> None:
        """The next reply is delivered whole: what the station shows is no longer the last reply."""
        self._old = None


def _address(point: Point) -> ModbusAddress:
    if not isinstance(point.address, ModbusAddress):
        raise TypeError(f"{point.path} has an address of another driver")
    return point.address


def _batch(tags: Int32, value: Float64, status: UInt32, now: Instants) -> Batch:
    count = len(tags)
    return Batch(tags, np.full(count, now.utc), np.full(count, now.mono), value, status)
