"""How a day's cells lie in a row: minutes packed, hours as they are, each under a CRC-32.

A rollup can always be made again from its samples. So a damaged one is as good as none: reading leaves it out, and
`check` tells of it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
import pcodec
from numpy.typing import NDArray
from pcodec import standalone

from hmi.core.batch import Float64, Int64, UInt32
from hmi.historian.codec import CodecError
from hmi.historian.rollup.cells import DAY, HOUR, MINUTE, Cells, cells_of
from hmi.historian.rollup.hours import HOUR_RECORD, Hours, hours_of

_T = TypeVar("_T", bound=np.generic)

VERSION: Final = 1
MINUTES_FROM: Final = 28_800
"""Samples a day (20 a minute) below which they are read as fast as their minutes."""
HOURS_FROM: Final = 2_880
"""Samples a day (2 a minute) below which the hours would be larger than the samples."""

_CRC: Final = struct.Struct("<I")
_HEAD: Final = struct.Struct("<IB3xII")
"""CRC-32 of what follows it, version, bytes of the counts, bytes of the values."""
_HOUR_HEAD: Final = struct.Struct("<IB3x")
_MINUTES: Final = DAY // MINUTE
_HOURS: Final = DAY // HOUR
_HOUR_BYTES: Final = _HOUR_HEAD.size + _HOURS * HOUR_RECORD.itemsize
_LEVEL: Final = 4

_BLANK: Final = 16
"""Stored beside the marks: the cell has no values."""
_DOUBT: Final = 32
"""Stored beside the marks: the cell has status codes."""
_SHIFT: Final = np.uint64(6)
_MARKS: Final = np.uint64(15)


class MinutesRead(NamedTuple):
    """Minutes of the days whose row is sound."""

    cells: Cells
    days: list[int]


class HoursRead(NamedTuple):
    """Hours of the days whose row is sound, 24 each."""

    hours: Hours
    days: list[int]


def encode_day(day: int, time: Int64, value: Float64, status: UInt32) -> tuple[bytes | None, bytes | None]:
    """Minutes and hours of one UTC day (days since 1970) as rows hold them; None where samples are read as fast.

    `time` holds all the tag's samples of that day, in time order; texts have no cells.

    Raises:
        ValueError: a sample lies outside the day.
    """
    if len(time) < HOURS_FROM:
        return None, None
    cells = cells_of(time, value, status, MINUTE)
    minutes = encode_minutes(day, cells) if len(time) >= MINUTES_FROM else None
    return minutes, encode_hours(day, hours_of(cells, time, value, status))


def encode_minutes(day: int, cells: Cells) -> bytes:
    """The minutes of a day.

    Raises:
        ValueError: one lies outside the day.
    """
    at = _places(day, cells.index, _MINUTES)
    blank = np.isnan(cells.first)
    doubt = (cells.worst != 0) | (cells.shown != 0)
    marks = cells.marks | np.where(blank, np.uint8(_BLANK), np.uint8(0))
    marks |= np.where(doubt, np.uint8(_DOUBT), np.uint8(0))
    counts = np.zeros(_MINUTES, np.uint64)
    counts[at] = (cells.count.astype(np.uint64) << _SHIFT) | marks
    shown = cells.take(~blank)
    packed_counts = _packed(counts)
    packed_values = _packed(np.concatenate([shown.first, shown.min, shown.max, shown.last]))
    codes = b""
    if doubt.any():
        codes = _packed(np.concatenate([cells.worst[doubt], cells.shown[doubt]]))
    head = _HEAD.pack(0, VERSION, len(packed_counts), len(packed_values))
    body = head[_CRC.size :] + packed_counts + packed_values + codes
    return _CRC.pack(zlib.crc32(body)) + body


def decode_minutes(rows: Iterable[tuple[int, bytes]]) -> MinutesRead:
    """The cells of (day, minutes) rows that are sound."""
    sound = [(day, *_parts(data)) for day, data in rows if is_sound(data)]
    days = [day for day, *_ in sound]
    counts = np.empty((len(sound), _MINUTES), np.uint64)
    for row, (_, packed, _, _) in zip(counts, sound, strict=True):
        standalone.simple_decompress_into(packed, row)
    row_of, minute = np.nonzero(counts)
    held = counts[row_of, minute]
    index = minute + np.array(days, np.int64)[row_of] * _MINUTES
    values = _spread([v for _, _, v, _ in sound], (held & np.uint64(_BLANK)) == 0, np.full((4, len(held)), np.nan))
    codes = _spread([c for _, _, _, c in sound], (held & np.uint64(_DOUBT)) != 0, np.zeros((2, len(held)), np.uint32))
    first, low, high, last = values
    worst, shown = codes
    count, marks = (held >> _SHIFT).astype(np.int64), (held & _MARKS).astype(np.uint8)
    return MinutesRead(Cells(MINUTE, index, first, low, high, last, count, worst, shown, marks), days)


def _parts(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Counts, values and codes of a sound row, packed; values and codes may be empty."""
    _, _, counts, values = _HEAD.unpack_from(data)
    values_at = _HEAD.size + counts
    codes_at = values_at + values
    return data[_HEAD.size : values_at], data[values_at:codes_at], data[codes_at:]


def _spread(packed: list[bytes], into: NDArray[np.bool_], columns: NDArray[_T]) -> NDArray[_T]:
    """The columns with what the rows hold where `into` says so."""
    parts = [standalone.simple_decompress(data).reshape(len(columns), -1) for data in packed if data]
    if not parts:
        return columns
    held: NDArray[_T] = np.concatenate(parts, axis=1)
    if into.all():
        return held
    columns[:, into] = held
    return columns


def encode_hours(day: int, hours: Hours) -> bytes:
    """The hours of a day, always the same number of bytes.

    Raises:
        ValueError: one lies outside the day.
    """
    records = np.zeros(_HOURS, HOUR_RECORD)
    records[_places(day, hours.index, _HOURS)] = hours.records
    body = _HOUR_HEAD.pack(0, VERSION)[_CRC.size :] + records.tobytes()
    return _CRC.pack(zlib.crc32(body)) + body


def decode_hours(rows: Iterable[tuple[int, bytes]]) -> HoursRead:
    """The hours of (day, hours) rows that are sound."""
    sound = [(day, data) for day, data in rows if len(data) == _HOUR_BYTES and is_sound(data)]
    days = [day for day, _ in sound]
    records = np.frombuffer(b"".join(memoryview(data)[_HOUR_HEAD.size :] for _, data in sound), HOUR_RECORD)
    index = (np.array(days, np.int64)[:, None] * _HOURS + np.arange(_HOURS)).ravel()
    return HoursRead(Hours(index, records), days)


def check(data: bytes) -> None:
    """Whether a row of minutes or hours is as it was written.

    Raises:
        CodecError: it is not, or by another version.
    """
    if not is_sound(data):
        raise CodecError("a rollup does not match its checksum or has an unknown format")


def is_sound(data: bytes) -> bool:
    """The same as an answer; a format of another version cannot be read and is not sound either."""
    if len(data) < _HOUR_HEAD.size or _CRC.unpack_from(data)[0] != zlib.crc32(memoryview(data)[_CRC.size :]):
        return False
    return data[_CRC.size] == VERSION


def _places(day: int, index: Int64, most: int) -> Int64:
    at = index - day * most
    if len(at) and not 0 <= at[0] <= at[-1] < most:
        raise ValueError(f"samples outside day {day} do not belong into its rollup")
    return at


def _packed(column: NDArray[Any]) -> bytes:
    if not len(column):
        return b""
    packed: bytes = standalone.simple_compress(column, pcodec.ChunkConfig(compression_level=_LEVEL))
    return packed
