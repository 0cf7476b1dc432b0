"""Addresses, paths, payloads, times and commands, without a network."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, ConnectionSpec, Point, WriteOutcome
from plugins.mqtt.address import Place, parse_address, parse_place
from plugins.mqtt.jsonpath import ABSENT, find, format_path, parse_path
from plugins.mqtt.options import FIELDS, parse_options
from plugins.mqtt.payload import NoJsonError, document, plain, read, stamp
from plugins.mqtt.writing import Order, build

URL = "mqtt://127.0.0.1"
ADDRESS = parse_address("a", TagType.FLOAT)


def test_an_address_with_everything():
    text = (
        "a/b#$.x['y z'][-1];time=$.t;write=a/b/set;retain;qos=2;status=a/online#$.s;max_age=5;partial;template={value};"
    )
    address = parse_address(text, TagType.FLOAT)
    assert address.place == Place("a/b", ("x", "y z", -1))
    assert (address.time, address.write, address.template) == (("t",), "a/b/set", "{value};")
    assert (address.retain, address.qos, address.max_age, address.partial) == (True, 2, 5.0, True)
    assert address.status == Place("a/online", ("s",))


def test_topics_may_have_nearly_anything():
    for topic in ("a", "/a", "a/", "a b/c=d;e", "$SYS/broker/uptime", "ä/ö"):
        assert parse_address(topic, TagType.FLOAT).place == Place(topic)
    assert parse_place("a#$").path == ()


@pytest.mark.parametrize(
    "text",
    [
        "a#;retain=yes",
        "a#;on=",
        "a#$x",
        "a#;template=5",
        "a#;qos=1.5",
        "a#;write=b/+",
        "a#;status=#",
        "a\0b",
        "a#;time=$.",
    ],
)
def test_what_is_no_address(text):
    with pytest.raises(AddressError):
        parse_address(text, TagType.BOOL)


steps = st.one_of(st.text(min_size=1, max_size=8), st.integers(-99999, 99999))


@given(st.lists(steps, max_size=5).map(tuple))
def test_a_path_written_and_read_is_the_same(path):
    assert parse_path(format_path(path)) == (path, "")


def test_finding_in_a_document():
    content = {"a": [{"b c": 1}, None], "d": "text"}
    for text, expected in [
        ("$.a[0]['b c']", 1),
        ("$.a[-1]", None),
        ("$.a[2]", ABSENT),
        ("$.d[0]", ABSENT),
        ("$.d.e", ABSENT),
        ("$.e", ABSENT),
        ("$", content),
    ]:
        assert find(content, parse_path(text)[0]) == expected
    assert find(b"12", (0,)) is ABSENT, "what is no JSON has no elements"


@pytest.mark.parametrize(
    ("content", "type_", "expected"),
    [
        ("12.5", TagType.FLOAT, (12.5, 0)),
        (" -1e3\n", TagType.FLOAT, (-1000.0, 0)),
        (7, TagType.INT, (7.0, 0)),
        (True, TagType.INT, (1.0, 0)),
        ("true", TagType.FLOAT, (1.0, 0)),
        ("1_000", TagType.FLOAT, (None, Status.BAD_TYPE_MISMATCH)),
        ("12,5", TagType.FLOAT, (None, Status.BAD_TYPE_MISMATCH)),
        ("", TagType.FLOAT, (None, Status.BAD_TYPE_MISMATCH)),
        ("nan", TagType.FLOAT, (None, Status.BAD_OUT_OF_RANGE)),
        ("-Infinity", TagType.FLOAT, (None, Status.BAD_OUT_OF_RANGE)),
        ("1e999", TagType.FLOAT, (None, Status.BAD_OUT_OF_RANGE)),
        ("9007199254740993", TagType.INT, (9007199254740992.0, Status.UNCERTAIN)),
        ("9" * 350, TagType.INT, (None, Status.BAD_OUT_OF_RANGE)),
        ({"a": 1}, TagType.FLOAT, (None, Status.BAD_TYPE_MISMATCH)),
        (None, TagType.FLOAT, (None, Status.BAD_NO_DATA)),
        (ABSENT, TagType.STRING, ("", Status.BAD_NO_DATA)),
        (b"\xff", TagType.STRING, ("", Status.BAD_TYPE_MISMATCH)),
        (5, TagType.STRING, ("5", 0)),
        (False, TagType.STRING, ("false", 0)),
        ("ON", TagType.BOOL, (1.0, 0)),
        ("no", TagType.BOOL, (0.0, 0)),
        (0, TagType.BOOL, (0.0, 0)),
        (2, TagType.BOOL, (None, Status.BAD_TYPE_MISMATCH)),
    ],
)
def test_what_a_message_says(content, type_, expected):
    value, status = read(content, type_, ADDRESS)
    assert status == expected[1]
    assert value == expected[0] or (expected[0] is None and isinstance(value, float) and math.isnan(value))


def test_own_words_of_a_boolean():
    address = parse_address("a#;on=RUN;off=STOP", TagType.BOOL)
    assert read("RUN", TagType.BOOL, address) == (1.0, 0)
    assert read("STOP", TagType.BOOL, address) == (0.0, 0)
    assert read("true", TagType.BOOL, address)[1] == Status.BAD_TYPE_MISMATCH


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_bad(payload):
    for type_ in TagType:
        read(plain(payload), type_, ADDRESS)
        try:
            content = document(payload)
        except NoJsonError:
            continue
        value, status = read(content, type_, ADDRESS)
        assert status or isinstance(value, str) or math.isfinite(value)


def test_deep_json_is_refused():
    with pytest.raises(NoJsonError):
        document(b"[" * 100_000)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (1_700_000_000, 1_700_000_000_000_000_000),
        (1_700_000_000.5, 1_700_000_000_500_000_000),
        (1_700_000_000_123, 1_700_000_000_123_000_000),
        (1_700_000_000_123_456, 1_700_000_000_123_456_000),
        (1_700_000_000_123_456_789, 1_700_000_000_123_456_789),
        ("1700000000", 1_700_000_000_000_000_000),
        ("2023-11-14T22:13:20Z", 1_700_000_000_000_000_000),
        ("2023-11-14T23:13:20.25+01:00", 1_700_000_000_250_000_000),
        ("2023-11-14T22:13:20", 1_700_000_000_000_000_000),
        ("yesterday", None),
        (True, None),
        (-5, None),
        (1e30, None),
        (None, None),
        (ABSENT, None),
    ],
)
def test_times(content, expected):
    assert stamp(content) == expected


def order(text, value, type_=TagType.FLOAT, writable=True, enabled=True):
    options = parse_options(URL, {})
    point = Point(1, "tag", parse_address(text, type_), type_, 1.0, writable=writable)
    return build(ConnectionSpec("c", URL, options, (point,), enabled), options, point, value)


@pytest.mark.parametrize(
    ("text", "type_", "value", "payload", "sent"),
    [
        ("a", TagType.FLOAT, 1.5, b"1.5", 1.5),
        ("a", TagType.INT, 2.5, b"2", 2.0),
        ("a", TagType.BOOL, 1.0, b"true", 1.0),
        ("a#;on=RUN;off=STOP", TagType.BOOL, 0.0, b"STOP", 0.0),
        ("a", TagType.STRING, 'say "ä"', 'say "ä"'.encode(), 'say "ä"'),
        ('a#$.v;template={"v": {value}}', TagType.STRING, 'say "x"', b'{"v": "say \\"x\\""}', 'say "x"'),
        ('a#$.v;template={"v": {value}}', TagType.BOOL, 1.0, b'{"v": true}', 1.0),
        ('a#$.v;on=RUN;template={"v": {value}}', TagType.BOOL, 1.0, b'{"v": "RUN"}', 1.0),
    ],
)
def test_commands(text, type_, value, payload, sent):
    built = order(text, value, type_)
    assert isinstance(built, Order)
    assert (built.topic, built.payload, built.qos, built.retain, built.sent) == ("a", payload, 1, False, sent)


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("a", TagType.FLOAT, math.inf),
        ("a", TagType.FLOAT, "1"),
        ("a", TagType.BOOL, 2.0),
        ("a", TagType.STRING, 1.0),
        ("a#$.v", TagType.FLOAT, 1.0),
        ("$SYS/x", TagType.FLOAT, 1.0),
    ],
)
def test_commands_that_are_refused(text, type_, value):
    built = order(text, value, type_)
    assert not isinstance(built, Order)
    assert built.outcome is WriteOutcome.REFUSED
    assert built.text


def test_every_described_option_has_a_default_that_is_right():
    for field in FIELDS:
        if not field.secret:
            parse_options(URL, {field.name: field.default})
    with pytest.raises(AddressError, match="nonsense"):
        parse_options(URL, {"nonsense": 1})
