"""The fast decoder agrees with the library's own encoder, and never takes torn bytes for values."""

import contextlib
import math
import struct
from datetime import UTC, datetime

import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import extensionobject_to_binary, struct_to_binary
from hypothesis import given
from hypothesis import strategies as st

from hmi.drivers.opcua.decode import EPOCH, DecodeError, decode

STAMP = datetime(2026, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
TICKS = EPOCH + (STAMP - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution) * 10
V = ua.VariantType


def message(*notifications, sequence=5, more=False):
    response = ua.PublishResponse()
    response.Parameters.SubscriptionId = 3
    response.Parameters.AvailableSequenceNumbers = [4, 5]
    response.Parameters.NotificationMessage.SequenceNumber = sequence
    response.Parameters.MoreNotifications = more
    response.Parameters.NotificationMessage.NotificationData = list(notifications)
    return struct_to_binary(response)


def changes(*items):
    return ua.DataChangeNotification([ua.MonitoredItemNotification(h, v) for h, v in items], [])


def value(content, kind, status=0, source=STAMP, server=None):
    return ua.DataValue(ua.Variant(content, kind), ua.StatusCode(status), source, server)


NUMBERS = st.one_of(
    st.tuples(st.booleans(), st.just(V.Boolean)),
    st.tuples(st.integers(-128, 127), st.just(V.SByte)),
    st.tuples(st.integers(0, 255), st.just(V.Byte)),
    st.tuples(st.integers(-(2**15), 2**15 - 1), st.just(V.Int16)),
    st.tuples(st.integers(0, 2**16 - 1), st.just(V.UInt16)),
    st.tuples(st.integers(-(2**31), 2**31 - 1), st.just(V.Int32)),
    st.tuples(st.integers(0, 2**32 - 1), st.just(V.UInt32)),
    st.tuples(st.integers(-(2**63), 2**63 - 1), st.just(V.Int64)),
    st.tuples(st.integers(0, 2**64 - 1), st.just(V.UInt64)),
    st.tuples(st.floats(width=32), st.just(V.Float)),
    st.tuples(st.floats(), st.just(V.Double)),
)
ROWS = st.lists(
    st.tuples(
        st.integers(0, 2**32 - 1),
        NUMBERS,
        st.integers(0, 2**32 - 1),
        st.sampled_from([None, STAMP]),
        st.sampled_from([None, STAMP]),
    ),
    max_size=12,
)


@given(ROWS)
def test_numbers_statuses_and_stamps(rows):
    items = [(h, value(v, kind, s, source, server)) for h, (v, kind), s, source, server in rows]
    out = decode(Buffer(message(changes(*items))))
    assert (out.subscription, out.sequence, out.empty, out.ended) == (3, 5, False, None)
    assert out.handle == [r[0] for r in rows]
    for found, (expected, _) in zip(out.value, (r[1] for r in rows), strict=True):
        assert found == float(expected) or math.isnan(expected)
    assert out.status == [r[2] for r in rows]
    assert out.source == [TICKS if r[3] else 0 for r in rows]
    assert out.server == [TICKS if r[4] else 0 for r in rows]
    assert out.inexact == [i for i, r in enumerate(rows) if r[1][1] in {V.Int64, V.UInt64} and abs(r[1][0]) > 2**53]


@pytest.mark.parametrize(
    ("content", "kind", "odd"),
    [
        ("Füller", V.String, "Füller"),
        ("", V.String, ""),
        (ua.LocalizedText("ready"), V.LocalizedText, "ready"),
        ([1.0, 2.0], V.Double, [1.0, 2.0]),
        (b"xy", V.ByteString, b"xy"),
        (None, V.Null, None),
    ],
)
def test_what_is_no_number_does_not_disturb_its_neighbours(content, kind, odd):
    out = decode(
        Buffer(message(changes((1, value(7.0, V.Double)), (2, value(content, kind)), (3, value(8.0, V.Double)))))
    )
    assert out.odd == {1: odd}
    assert (out.value[0], out.value[2], out.handle) == (7.0, 8.0, [1, 2, 3])


def test_dates_are_seconds():
    out = decode(Buffer(message(changes((1, value(STAMP, V.DateTime))))))
    assert out.value == [pytest.approx(STAMP.timestamp(), abs=1e-6)]


def test_no_value_at_all():
    out = decode(Buffer(message(changes((1, ua.DataValue(None, ua.StatusCode(0x80320000)))))))
    assert (out.odd, out.status) == ({0: None}, [0x80320000])


def test_picoseconds_are_where_the_standard_has_them():
    """The library encodes them elsewhere, so these bytes are made by hand."""
    body = struct.pack("<iIBBdIqHqH", 1, 9, 0x3F, 11, 2.5, 0, TICKS, 7, TICKS + 1, 8) + struct.pack("<i", -1)
    whole = message(changes((9, value(2.5, V.Double))))
    known = extensionobject_to_binary(changes((9, value(2.5, V.Double))))
    at = whole.index(known)
    made = known[:5] + struct.pack("<i", len(body)) + body
    out = decode(Buffer(whole[:at] + made + whole[at + len(known) :]))
    assert (out.value, out.source, out.server) == ([2.5], [TICKS], [TICKS + 1])


def test_keep_alive_and_end():
    alive = decode(Buffer(message()))
    assert (alive.empty, alive.more) == (True, False)
    assert decode(Buffer(message(more=True))).more
    ended = decode(Buffer(message(ua.StatusChangeNotification(ua.StatusCode(0x800A0000)))))
    assert ended.ended == 0x800A0000


@given(st.integers(0, 200))
def test_torn_messages_are_refused(length):
    whole = message(changes(*[(i, value(f"text {i}", V.String)) for i in range(8)]))
    with pytest.raises(DecodeError):
        decode(Buffer(whole[: min(length, len(whole) - 40)]))


@given(st.data())
def test_flipped_bytes_raise_nothing_else(data):
    whole = bytearray(message(changes((1, value(7.0, V.Double)), (2, value("x", V.String)))))
    for _ in range(3):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DecodeError, ua.UaStatusCodeError):
        decode(Buffer(bytes(whole)))
