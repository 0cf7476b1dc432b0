"""The codec against bytes written by hand, and against rubbish."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.sparkplug.datatypes import DataType
from plugins.sparkplug.payload import BadPayloadError, Codec, Table, members
from plugins.sparkplug.tests import encoder as e

CODEC = Codec()


def test_a_message_byte_by_byte():
    # timestamp 1000; one metric: name "T", alias 5, timestamp 1000, datatype Double, value 1.5; seq 7.
    data = bytes.fromhex("08 E807  12 13  0A 01 54  10 05  18 E807  20 0A  69 000000000000F83F  18 07")
    message = CODEC.decode(data)
    (metric,) = message.metrics
    assert (message.time, message.seq) == (1_000_000_000, 7)
    assert (metric.name, metric.alias, metric.time, metric.datatype) == ("T", 5, 1_000_000_000, 10)
    assert (metric.carrier, metric.raw) == ("double_value", 1.5)
    assert data == e.payload(e.metric("T", 10, e.double_value(1.5), alias=5, time=1000), time=1000, seq=7)


def test_a_command_byte_by_byte():
    # timestamp 2000; metric with alias 3, timestamp 2000, datatype Int32, int_value 2; no seq.
    data = CODEC.command(2_000_000_000, "Speed", 3, DataType.INT32, "int_value", 2)
    assert data.hex() == "08d00f" + "1209" + "1003" + "18d00f" + "2003" + "5002"
    named = CODEC.command(2_000_000_000, "Go", None, DataType.BOOLEAN, "boolean_value", True)
    assert named.hex() == "08d00f" + "120b" + "0a02476f" + "18d00f" + "200b" + "7001"


def test_null_historical_properties_and_unknown_fields():
    more = e.HISTORICAL + e.properties(Quality=(3, e.number(3, 500)), engUnit=(12, e.chunk(8, "bar")))
    unknown = e.chunk(19, b"extension") + e.number(50, 1)
    (metric,) = CODEC.decode(e.payload(e.metric("P", 9, e.NULL, more=more + unknown))).metrics
    assert metric.null
    assert metric.historical
    assert metric.properties == {"Quality": 500, "engUnit": "bar"}
    assert CODEC.decode(e.payload(time=0)).time == 0
    assert CODEC.decode(b"").time is None


def test_a_data_set():
    cells = [[e.number(1, 4294967295), e.chunk(6, "a")], [e.number(1, 2), e.chunk(6, "b")]]
    (metric,) = CODEC.decode(e.payload(e.metric("T", 16, e.data_set(["n", "s"], [3, 12], cells)))).metrics
    assert metric.raw == Table(("n", "s"), ((-1, "a"), (2, "b")))


def test_members_of_templates_get_the_names_of_tags():
    inner = e.metric("Drive", 19, e.template(e.metric("Speed", 3, e.int_value(7))))
    (metric,) = CODEC.decode(e.payload(e.metric("Pump", 19, e.template(inner), time=5))).metrics
    assert [(m.name, m.time) for m in members(metric)] == [("Pump/Drive", 5_000_000), ("Pump/Drive/Speed", 5_000_000)]


def test_templates_within_templates_have_an_end():
    data = e.metric("x", 3, e.int_value(1))
    for _ in range(20):
        data = e.metric("t", 19, e.template(data))
    (metric,) = CODEC.decode(e.payload(data)).metrics
    assert len(list(members(metric))) == 8


def test_a_message_beyond_a_mebibyte_is_none():
    with pytest.raises(BadPayloadError):
        CODEC.decode(bytes(1 << 20 | 1))


VALID = e.payload(
    e.metric("T", 10, e.double_value(1.5), alias=5, time=1000, more=e.quality(192)),
    e.metric("D", 16, e.data_set(["a"], [3], [[e.number(1, 1)]])),
    e.metric("U", 19, e.template(e.metric("m", 12, e.string_value("ä")))),
    time=1000,
    seq=7,
)


@given(st.binary(max_size=200))
def test_random_bytes_are_a_message_or_refused(data):
    with contextlib.suppress(BadPayloadError):
        CODEC.decode(data)


@given(st.integers(0, len(VALID)), st.integers(0, len(VALID) - 1), st.integers(0, 255))
def test_damaged_messages_are_a_message_or_refused(length, at, byte):
    damaged = bytearray(VALID)
    damaged[at] = byte
    for data in (VALID[:length], bytes(damaged), bytes(damaged[:length])):
        with contextlib.suppress(BadPayloadError):
            list(CODEC.decode(data).metrics)
