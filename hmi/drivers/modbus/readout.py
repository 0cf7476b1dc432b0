"""Turns the bytes of one block into changed values, with numpy instead of a loop over tags.

Only tags whose own bytes differ from the poll before are decoded: on a quiet line nearly nothing is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import EMPTY, Batch, Float64, Int32, UInt32, batch_of, join
from hmi.core.instants import Instants
from hmi.core.quality import Status
from hmi.drivers.api import Point
from hmi.drivers.columns import EXACT, distrust
from hmi.drivers.modbus.address import Kind, ModbusAddress, WordOrder
from hmi.drivers.modbus.blocks import Block
from hmi.drivers.modbus.words import byte_order, numbers, text

_WIDE: Final = {Kind.INT64, Kind.UINT64}
_CAN_BE_NO_NUMBER: Final = {Kind.FLOAT32, Kind.FLOAT64, Kind.BCD16, Kind.BCD32}

Bytes = NDArray[np.uint8]
Cells = NDArray[Any]
"""What the tags of a part show, one cell a tag in a form that tells whether it changed."""

_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Numbers of one kind."""

    kind: Kind
    tags: Int32
    places: NDArray[np.int64]
    """Bytes of the first tag, highest first, then those of the second and so on."""

    def cells(self, new: Bytes) -> Cells:
        return new.take(self.places).view(f"u{len(self.places) // len(self.tags)}")

    def samples(self, tags: Int32, cells: Cells, now: Instants) -> Batch:
        value = numbers(cells, self.kind)
        status = np.zeros(len(tags), np.uint32)
        if self.kind in _WIDE:
            status[np.abs(value) >= EXACT] = Status.UNCERTAIN
        elif self.kind in _CAN_BE_NO_NUMBER:
            status = distrust(value, status)
        return _batch(tags, value, status, now)


@dataclass(frozen=True, slots=True)
class _Bits:
    """Bits: coils (one byte each after unpacking) or masked registers."""

    tags: Int32
    places: NDArray[np.int64]
    masks: NDArray[np.uint16]
    registers: bool

    def cells(self, new: Bytes) -> Cells:
        units = new.view(">u2") if self.registers else new
        state: Cells = (units[self.places] & self.masks) != 0
        return state

    def samples(self, tags: Int32, cells: Cells, now: Instants) -> Batch:
        return _batch(tags, cells.astype(np.float64), np.zeros(len(tags), np.uint32), now)


@dataclass(frozen=True, slots=True)
class _Text:
    """One string tag."""

    tags: Int32
    places: NDArray[np.int64]
    length: int

    def cells(self, new: Bytes) -> Cells:
        return new.take(self.places).view(f"S{len(self.places)}")

    def samples(self, tags: Int32, cells: Cells, now: Instants) -> Batch:
        return batch_of(tags, [now.utc], [now.mono], [text(cells.tobytes(), self.length)], [Status.GOOD])


class Readout:
    """Decodes one block's replies."""

    def __init__(self, block: Block, points: Sequence[Point], order: WordOrder) -> None:
        """`points` belong to the block's members, in their order; `order` is the connection's."""
        self.tags: Int32 = np.array([p.tag for p in points], np.int32)
        """Tags served by the block."""
        self._is_bits = False
        self._parts: list[_Numbers | _Bits | _Text] = []
        self._data = b""
        self._cells: list[Cells] = []
        """Of each part in the reply before; empty when there is none to compare with."""
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
                self._parts.append(_Text(np.array([point.tag], np.int32), np.array(places), a.length))
            else:
                numeric[a.kind].append((point.tag, places))
        for kind, rows in numeric.items():
            tags = np.array([r[0] for r in rows], np.int32)
            self._parts.append(_Numbers(kind, tags, np.array([r[1] for r in rows]).reshape(-1)))
        if bits:
            columns = list(zip(*bits, strict=True))
            tags, at_, masks = np.array(columns[0], np.int32), np.array(columns[1]), np.array(columns[2], np.uint16)
            self._parts.append(_Bits(tags, at_, masks, not self._is_bits))

    def changes(self, data: bytes, now: Instants) -> Batch:
        """The tags that differ from the reply before, all of them after `forget`.

        Stamped in ms: a poll knows no better when a value was so, and history would keep finer digits for nothing.
        """
        if self._cells and data == self._data:
            return EMPTY
        now = Instants(now.mono, now.utc - now.utc % _MS)
        new: Bytes = np.frombuffer(data, np.uint8)
        if self._is_bits:
            new = np.unpackbits(new, bitorder="little")
        old, self._cells = self._cells, [part.cells(new) for part in self._parts]
        self._data = data
        if not old:
            return join([p.samples(p.tags, cells, now) for p, cells in zip(self._parts, self._cells, strict=True)])
        return join(list(self._changed(old, now)))

    def _changed(self, old: list[Cells], now: Instants) -> Iterator[Batch]:
        for part, before, cells in zip(self._parts, old, self._cells, strict=True):
            rows = np.flatnonzero(cells != before)
            if len(rows):
                yield part.samples(part.tags[rows], cells[rows], now)

    def forget(self) -> None:
        """The next reply is delivered whole: what the station shows is no longer the last reply."""
        self._cells = []


def _address(point: Point) -> ModbusAddress:
    if not isinstance(point.address, ModbusAddress):
        raise TypeError(f"{point.path} has an address of another driver")
    return point.address


def _batch(tags: Int32, value: Float64, status: UInt32, now: Instants) -> Batch:
    count = len(tags)
    return Batch(tags, np.full(count, now.utc), np.full(count, now.mono), value, status)
