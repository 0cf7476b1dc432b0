"""How samples lie in a row of a store: columns, each in its cheapest form, under one CRC-32.

pcodec packs a column of 10,000 numbers in a quarter of a millisecond, ten times faster than zlib at level 1 and
tighter. It has no checksum of its own (nearly every flipped bit decodes to wrong numbers), hence the CRC over all.
The monotonic receive time is not stored: it means nothing after a restart.
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np
import pcodec
from numpy.typing import NDArray
from pcodec import standalone

from hmi.core.batch import EMPTY, Batch, Float64, Int32, Int64

VERSION: Final = 1
_HEAD: Final = struct.Struct("<4sBBIqqii")
_MAGIC: Final = b"LSJ1"
_CRC: Final = struct.Struct("<I")
_SECTION: Final = struct.Struct("<BI")
_PACK_FROM: Final = 128
"""Below this many items pcodec's fixed cost exceeds what it saves."""
QUICK: Final = 1
"""pcodec level of what is written again within minutes."""
TIGHT: Final = 4
"""Level of what stays: a fifth smaller for a quarter more time."""
_DECIMALS: Final = 4
_PROBE: Final = 64
_UNITS: Final = (1_000_000, 1_000)
_CYCLES: Final = (100_000_000, 50_000_000)
"""ns; also whatever is slower by a whole number."""
_CYCLES_FROM: Final = 256
_KEEPS: Final = 0.6
"""1 = all times at the same place in the cycle, 0 = anywhere."""
_TICKS: Final = struct.Struct("<Iq")
_CLASSIC: Final = pcodec.ModeSpec.classic()
_DTYPES: Final = (np.int64, np.float64, np.uint32)


class CodecError(ValueError):
    """The bytes are not what was written: a damaged row."""


class Form(IntEnum):
    """How one column is written."""

    RAW = 0
    CONSTANT = 1
    PACKED = 2
    DEFLATED = 3
    DECIMAL = 4
    """Whole numbers to divide by a power of ten: what most sensors deliver packs a fifth tighter than as floats."""
    SINGLE = 5
    """The same, rounded to 32 bits after the division: what a sensor delivers as float32."""
    TICKS = 6
    """Times in whole ms or µs, apart as the cycle they were sampled by and how late they were in it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a row holds, for skipping it without reading it."""

    rows: int
    time_min: int
    """ns UTC."""
    time_max: int
    tag_min: int
    tag_max: int


def summary_of(batch: Batch) -> Summary:
    """The spans of a Batch that is not empty."""
    return Summary(len(batch), int(batch.time.min()), int(batch.time.max()), int(batch.tag.min()), int(batch.tag.max()))


def encode(batch: Batch, *, by_tag: bool = False, level: int = QUICK) -> tuple[Summary, bytes]:
    """A row's bytes; `by_tag` promises that the rows are sorted by tag and writes the tags as runs."""
    summary = summary_of(batch)
    head = _HEAD.pack(
        _MAGIC,
        VERSION,
        by_tag,
        summary.rows,
        summary.time_min,
        summary.time_max,
        summary.tag_min,
        summary.tag_max,
    )
    sections = [head]
    if by_tag:
        starts = tag_starts(batch.tag)
        counts = np.diff(starts, append=summary.rows)
        columns: list[NDArray[Any]] = [batch.tag[starts], counts.astype(np.int32)]
    else:
        columns = [batch.tag]
    columns += [batch.time, batch.value, batch.status, batch.text_rows]
    sections += [_column(column, level) for column in columns]
    if len(batch.text_rows):
        sections.append(_section(Form.DEFLATED, zlib.compress(json.dumps(batch.text).encode(), 1)))
    body = b"".join(sections)
    return summary, _CRC.pack(zlib.crc32(body)) + body


def tag_starts(tag: Int32) -> NDArray[np.intp]:
    """The first row of each tag in a sorted column."""
    if tag[0] == tag[-1]:
        return np.zeros(1, np.intp)
    starts: NDArray[np.intp] = np.flatnonzero(tag[1:] != tag[:-1])
    starts += 1
    return np.concatenate(([0], starts))


def _section(form: Form, data: bytes) -> bytes:
    return _SECTION.pack(form, len(data)) + data


def _column(column: NDArray[Any], level: int) -> bytes:
    data = np.ascontiguousarray(column)
    # Compared as bytes: NaN equals NaN here, and 0.0 is not -0.0.
    bits = data.view(f"u{data.itemsize}")
    if len(data) > 1 and (bits == bits[0]).all():
        return _section(Form.CONSTANT, data[:1].tobytes())
    raw = data.nbytes
    if len(data) >= _PACK_FROM:
        decimal = _decimal(data, level) if data.dtype == np.float64 else None
        if decimal is not None:
            return decimal
        ticks = _ticks(data, level) if data.dtype == np.int64 and level >= TIGHT else None
        if ticks is not None:
            return ticks
        packed: bytes = standalone.simple_compress(data, pcodec.ChunkConfig(compression_level=level))
        if len(packed) < raw:
            return _section(Form.PACKED, packed)
    return _section(Form.RAW, data.tobytes())


def _ticks(time: Int64, level: int) -> bytes | None:
    """The times in a coarser unit than ns; None when one of them is finer.

    What samples a device does it in a cycle and some ms late, now more, now less. The count of cycles packs to nearly
    nothing; differences of neighbouring times would hold the lateness twice.
    """
    unit = next((unit for unit in _UNITS if not (time % unit).any()), None)
    if unit is None:
        return None
    ticks = time // unit
    cycle, late = _cycle(ticks[:_CYCLES_FROM], unit)
    mode = pcodec.ModeSpec.try_int_mult(cycle) if cycle else pcodec.ModeSpec.auto()
    packed: bytes = standalone.simple_compress(
        ticks - late, pcodec.ChunkConfig(compression_level=level, mode_spec=mode)
    )
    return _section(Form.TICKS, _TICKS.pack(unit, late) + packed)


def _cycle(ticks: Int64, unit: int) -> tuple[int, int]:
    """A cycle that many times keep to, in ticks, and where to cut it so that early and late ones stay in one; 0, 0
    when there is none."""
    for cycle in (length // unit for length in _CYCLES):
        turn = np.exp(2j * np.pi / cycle * (ticks % cycle)).mean()
        if abs(turn) > _KEEPS:
            middle = round(float(np.angle(turn)) / (2 * np.pi) * cycle)
            return cycle, middle - cycle // 2
    return 0, 0


def _decimal(data: Float64, level: int) -> bytes | None:
    """The column as whole numbers behind their power of ten; None when one of them would not come back bit by bit."""
    probe = data[:_PROBE]
    form = Form.SINGLE if (_single(data) == data).all() else Form.DECIMAL
    for power in range(_DECIMALS + 1):
        if _whole(probe, power, form) is not None:
            whole = _whole(data, power, form)
            if whole is not None:
                config = pcodec.ChunkConfig(compression_level=level, mode_spec=_CLASSIC)
                packed: bytes = standalone.simple_compress(whole, config)
                return _section(form, bytes([power]) + packed)
    return None


def _whole(data: Float64, power: int, form: Form) -> Int32 | None:
    with np.errstate(over="ignore"):
        scaled = data * 10.0**power if power else data
    if not (np.abs(scaled) < _LARGEST).all():  # not for NaN either
        return None
    whole: Int32 = np.rint(scaled).astype(np.int32)
    back = _divided(whole, power, form)
    return whole if (back.view(np.int64) == data.view(np.int64)).all() else None


def _divided(whole: Int32, power: int, form: int) -> Float64:
    value: Float64 = whole / 10.0**power
    return _single(value) if form == Form.SINGLE else value


def _single(value: Float64) -> Float64:
    with np.errstate(over="ignore", invalid="ignore"):  # a signalling NaN is made a quiet one, and so not taken
        return value.astype(np.float32).astype(np.float64)


_LARGEST: Final = 2.0**31 - 1


class _Cursor:
    """Walks through the sections of a checked row."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def section(self) -> tuple[int, memoryview]:
        form, size = _SECTION.unpack_from(self._data, self._at)
        start = self._at + _SECTION.size
        self._at = start + size
        return form, memoryview(self._data)[start : self._at]

    def column(self, dtype: type[np.generic], rows: int) -> NDArray[Any]:
        form, data = self.section()
        if form == Form.CONSTANT:
            return np.full(rows, np.frombuffer(data, dtype)[0])
        if form == Form.PACKED:
            unpacked: NDArray[Any] = standalone.simple_decompress(bytes(data))
            return unpacked
        if form == Form.TICKS:
            unit, late = _TICKS.unpack_from(data)
            times: Int64 = (standalone.simple_decompress(bytes(data[_TICKS.size :])) + late) * unit
            return times
        if form in {Form.DECIMAL, Form.SINGLE}:
            return _divided(standalone.simple_decompress(bytes(data[1:])), data[0], form)
        if form != Form.RAW:
            raise CodecError(f"a column has the unknown form {form}: it was written by a newer version")
        return np.frombuffer(data, dtype)


def check(data: bytes) -> Summary:
    """The summary of an undamaged row.

    Raises:
        CodecError: a bit of the row is not as it was written.
    """
    if len(data) < _CRC.size + _HEAD.size or _CRC.unpack_from(data)[0] != zlib.crc32(memoryview(data)[_CRC.size :]):
        raise CodecError("the checksum of a journal row does not match")
    magic, version, _, *spans = _HEAD.unpack_from(data, _CRC.size)
    if magic != _MAGIC or version != VERSION:
        raise CodecError(f"a journal row has the unknown format {magic!r} {version}")
    return Summary(*spans)


def decode(data: bytes) -> Batch:
    """The Batch of a row, `received` all 0.

    Raises:
        CodecError: the row is damaged.
    """
    rows, by_tag, cursor = _open(data)
    return _rest(cursor, _tags(cursor, rows, by_tag=by_tag), rows)


def decode_tag(data: bytes, tag: int) -> Batch:
    """Only one tag's samples of a row, in their order; empty when it has none.

    Raises:
        CodecError: the row is damaged.
    """
    rows, by_tag, cursor = _open(data)
    if not by_tag:
        tags = _tags(cursor, rows, by_tag=False)
        at = np.flatnonzero(tags == tag)
        return pruned(_rest(cursor, tags, rows).take(at)) if len(at) else EMPTY
    held, counts = _tag_counts(cursor)
    place = int(np.searchsorted(held, tag))
    if place == len(held) or held[place] != tag:
        return EMPTY
    start = int(counts[:place].sum())
    span = slice(start, start + int(counts[place]))
    time, value, status = (cursor.column(dtype, rows)[span] for dtype in _DTYPES)
    text_rows, text = _texts(cursor)
    inside = text_rows[(text_rows >= span.start) & (text_rows < span.stop)] - np.int32(span.start)
    n = len(time)
    batch = Batch(np.full(n, tag, np.int32), time, np.zeros(n, np.int64), value, status, text, inside)
    return pruned(batch)


def decode_tags(data: bytes) -> tuple[Int32, Int32]:
    """The tags of a row sorted by tag, and how many samples each has.

    Raises:
        CodecError: the row is damaged.
    """
    _, _, cursor = _open(data)
    return _tag_counts(cursor)


def _open(data: bytes) -> tuple[int, bool, _Cursor]:
    rows = check(data).rows
    return rows, bool(data[_CRC.size + 5]), _Cursor(data, _CRC.size + _HEAD.size)


def _tags(cursor: _Cursor, rows: int, *, by_tag: bool) -> Int32:
    if not by_tag:
        return cursor.column(np.int32, rows)
    runs: Int32 = np.repeat(*_tag_counts(cursor))
    if len(runs) != rows:
        raise CodecError("the tag runs of a row do not add up")
    return runs


def _tag_counts(cursor: _Cursor) -> tuple[Int32, Int32]:
    tags, counts = cursor.section(), cursor.section()
    held, times = _unpack(*tags), _unpack(*counts)
    if counts[0] == Form.CONSTANT:
        times = np.full(len(held), times[0])
    return held, times


def _unpack(form: int, data: memoryview) -> Int32:
    if form == Form.PACKED:
        unpacked: Int32 = standalone.simple_decompress(bytes(data))
        return unpacked
    return np.frombuffer(data, np.int32)


def _rest(cursor: _Cursor, tags: Int32, rows: int) -> Batch:
    time, value, status = (cursor.column(dtype, rows) for dtype in _DTYPES)
    text_rows, text = _texts(cursor)
    return Batch(tags, time, np.zeros(rows, np.int64), value, status, text, text_rows)


def _texts(cursor: _Cursor) -> tuple[Int32, tuple[str, ...]]:
    form, data = cursor.section()
    if not len(data):
        return EMPTY.text_rows, ()
    if form == Form.CONSTANT:
        raise CodecError("the text rows of a journal row repeat")
    text = json.loads(zlib.decompress(cursor.section()[1]))
    return _unpack(form, data), tuple(text)


def pruned(batch: Batch) -> Batch:
    """The same samples with only the strings they use, so that a piece does not carry its whole row's."""
    if not len(batch.text_rows):
        return batch
    used, index = np.unique(batch.value[batch.text_rows].astype(np.int64), return_inverse=True)
    value = batch.value.copy()
    value[batch.text_rows] = index
    text = tuple(batch.text[i] for i in used)
    return Batch(batch.tag, batch.time, batch.received, value, batch.status, text, batch.text_rows)
