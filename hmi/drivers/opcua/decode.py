"""Decodes publish responses straight into columns.

The library builds eight objects for every notification, some 17 us; on a busy line that is most of the station's CPU.
Here a number costs about a microsecond, and stamps keep their full 100 ns. Rare shapes are left to the library.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.ua_binary import nodeid_from_binary, struct_from_binary, variant_from_binary
from asyncua.ua.uaerrors import UaError, UaStatusCodeError

from hmi.drivers.columns import EXACT, clean

EPOCH: Final = 116_444_736_000_000_000
"""1970-01-01 in ticks of 100 ns since 1601."""

_HANDLE: Final = struct.Struct("<IB")
_U32: Final = struct.Struct("<I")
_I32: Final = struct.Struct("<i")
_I64: Final = struct.Struct("<q")
_NUMBERS: Final = {
    1: struct.Struct("<?"),
    2: struct.Struct("<b"),
    3: struct.Struct("<B"),
    4: struct.Struct("<h"),
    5: struct.Struct("<H"),
    6: struct.Struct("<i"),
    7: struct.Struct("<I"),
    8: struct.Struct("<q"),
    9: struct.Struct("<Q"),
    10: struct.Struct("<f"),
    11: struct.Struct("<d"),
    19: struct.Struct("<I"),
}
"""Scalars by their built-in type id: Boolean to Double, and StatusCode."""
_STRING: Final = 12
_DATE_TIME: Final = 13


EventFields = tuple[int, list[object]]
"""Client handle of the item, and the values of the fields that were selected."""


class DecodeError(ValueError):
    """Bytes that are no publish response."""


@dataclass(slots=True)
class Published:
    """One publish response: columns of equal length, in the server's order."""

    subscription: int = 0
    sequence: int = 0
    handle: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    source: list[int] = field(default_factory=list)
    """Ticks since 1601; 0 = none given."""
    server: list[int] = field(default_factory=list)
    odd: dict[int, object] = field(default_factory=dict)
    """Rows without a number: a str, None (null), or anything else (not supported)."""
    inexact: list[int] = field(default_factory=list)
    """Rows whose integer is beyond 2^53."""
    events: list[EventFields] = field(default_factory=list)
    ended: int | None = None
    """Status with which the server ended the subscription."""
    empty: bool = True
    """A keep-alive."""
    more: bool = False
    """The server has more to tell already."""


_MALFORMED: Final = (
    struct.error,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    OverflowError,
    RecursionError,
    UaError,
)


def decode(body: Buffer) -> Published:
    """The columns of a publish response.

    Raises:
        DecodeError: the bytes end too early or hold something else.
        UaStatusCodeError: the server refused the request.
    """
    try:
        nodeid_from_binary(body)
        struct_from_binary(ua.ResponseHeader, body).ServiceResult.check()
        return _response(bytes(body))
    except UaStatusCodeError:
        raise
    except _MALFORMED as fault:
        raise DecodeError("a publish response that cannot be read") from fault


def decode_again(body: Buffer, subscription: int) -> Published:
    """The columns of a message that was repeated.

    Raises:
        DecodeError: the bytes end too early or hold something else.
        UaStatusCodeError: the server does not have it any more.
    """
    try:
        nodeid_from_binary(body)
        struct_from_binary(ua.ResponseHeader, body).ServiceResult.check()
        return _message(bytes(body), 0, Published(subscription))
    except UaStatusCodeError:
        raise
    except _MALFORMED as fault:
        raise DecodeError("a repeated message that cannot be read") from fault


def _response(buf: bytes) -> Published:
    out = Published()
    out.subscription, sequences = struct.unpack_from("<Ii", buf, 0)
    at = 8 + 4 * max(0, sequences) + 1
    out.more = buf[at - 1] != 0
    return _message(buf, at, out)


def _message(buf: bytes, at: int, out: Published) -> Published:
    (out.sequence,) = _U32.unpack_from(buf, at)
    at += 12
    (count,) = _I32.unpack_from(buf, at)
    at += 4
    for _ in range(max(0, count)):
        out.empty = False
        at = _notification(buf, at, out)
    return out


def _notification(buf: bytes, at: int, out: Published) -> int:
    head = Buffer(buf, at)
    kind = nodeid_from_binary(head).Identifier
    at = head.cur_pos + 1
    (length,) = _I32.unpack_from(buf, at)
    at += 4
    if kind == ObjectIds.DataChangeNotification_Encoding_DefaultBinary:
        _items(buf, at, out)
    elif kind == ObjectIds.EventNotificationList_Encoding_DefaultBinary:
        told = struct_from_binary(ua.EventNotificationList, Buffer(buf, at))
        out.events += [(one.ClientHandle, [each.Value for each in one.EventFields]) for one in told.Events or ()]
    elif kind == ObjectIds.StatusChangeNotification_Encoding_DefaultBinary:
        (out.ended,) = _U32.unpack_from(buf, at)
    return at + int(length)


def _items(buf: bytes, at: int, out: Published) -> None:
    (count,) = _I32.unpack_from(buf, at)
    at += 4
    handles, statuses, sources, servers = out.handle, out.status, out.source, out.server
    for _ in range(count):
        handle, mask = _HANDLE.unpack_from(buf, at)
        at = _value(buf, at + 5, out) if mask & 0x01 else _null(at + 5, out)
        status = source = server = 0
        if mask & 0x02:
            (status,) = _U32.unpack_from(buf, at)
            at += 4
        if mask & 0x04:
            (source,) = _I64.unpack_from(buf, at)
            at += 8
        if mask & 0x10:
            at += 2
        if mask & 0x08:
            (server,) = _I64.unpack_from(buf, at)
            at += 8
        if mask & 0x20:
            at += 2
        handles.append(handle)
        statuses.append(status)
        sources.append(source)
        servers.append(server)


def _value(buf: bytes, at: int, out: Published) -> int:
    """Appends one variant; returns where the next field begins."""
    kind = buf[at]
    number = _NUMBERS.get(kind)
    if number is None:
        return _odd(buf, at, kind, out)
    (value,) = number.unpack_from(buf, at + 1)
    if kind in {8, 9} and not -EXACT <= value <= EXACT:
        out.inexact.append(len(out.value))
    out.value.append(float(value))
    return at + 1 + number.size


def _odd(buf: bytes, at: int, kind: int, out: Published) -> int:
    if kind == _DATE_TIME:
        (ticks,) = _I64.unpack_from(buf, at + 1)
        out.value.append((ticks - EPOCH) / 1e7)
        return at + 9
    row = len(out.value)
    out.value.append(float("nan"))
    if kind == _STRING:
        (length,) = _I32.unpack_from(buf, at + 1)
        end = at + 5 + max(0, length)
        if end > len(buf):
            raise DecodeError("a text that ends behind its message")
        out.odd[row] = clean(buf[at + 5 : end].decode("utf-8", "replace"))
        return int(end)
    rest = Buffer(buf, at)
    out.odd[row] = _plain(variant_from_binary(rest))
    return rest.cur_pos


def _plain(variant: ua.Variant) -> object:
    value = variant.Value
    if isinstance(value, ua.LocalizedText):
        return clean(value.Text or "")
    return clean(value) if isinstance(value, str) else value


def _null(at: int, out: Published) -> int:
    out.odd[len(out.value)] = None
    out.value.append(float("nan"))
    return at
