"""Addresses, topics, options, states, values of tags, and the limit on requests for births."""

import math

import pytest

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import AddressError
from plugins.sparkplug.address import parse_address
from plugins.sparkplug.options import FIELDS, TimePolicy, parse_options
from plugins.sparkplug.payload import Table
from plugins.sparkplug.rebirths import Rebirths
from plugins.sparkplug.state import HostState, parse_state, state_at
from plugins.sparkplug.topics import Kind, NodeId, Topic, command_topic, filters, parse_topic
from plugins.sparkplug.values import fit

URL = "mqtt://127.0.0.1"
NODE = NodeId("G", "E")


def test_names_may_have_anything_behind_the_first_sign():
    address = parse_address("My Plant/Press.3/Dosing#A/B c#2[1]")
    assert (address.node, address.device) == (NodeId("My Plant", "Press.3"), "Dosing")
    assert address.metric == "A/B c#2[1]"
    assert address.element == ("A/B c#2", ("1",))
    assert parse_address("G/E#Table[0][Name of it]").element == ("Table", ("0", "Name of it"))
    assert parse_address("G/E#Level").element is None


def test_topics():
    assert parse_topic("spBv1.0/G/NDATA/E") == Topic(Kind.NDATA, NODE)
    assert parse_topic("spBv1.0/G/DDATA/E/D") == Topic(Kind.DDATA, NODE, "D")
    for text in (
        "spBv1.0/STATE/host",
        "spBv1.0/G/NDATA/E/D",
        "spBv1.0/G/DDATA/E",
        "spAv1.0/G/NDATA/E",
        "spBv1.0/G/OTHER/E",
        "spBv1.0//NDATA/E",
        "",
    ):
        assert parse_topic(text) is None
    assert command_topic(NODE, "") == "spBv1.0/G/NCMD/E"
    assert command_topic(NODE, "D") == "spBv1.0/G/DCMD/E/D"
    assert "spBv1.0/+/NBIRTH/+" in filters(())
    assert "spBv1.0/A/DDATA/+/+" in filters(("A", "B"))
    assert not [text for text in filters(("A",)) if "CMD" in text or "STATE" in text]


def test_options():
    options = parse_options("mqtts://broker:9000", {"groups": "A, B", "reorder": 0, "time": "receive"})
    assert (options.broker.host, options.broker.port, options.broker.tls) == ("broker", 9000, True)
    assert (options.groups, options.reorder, options.time) == (("A", "B"), 0.0, TimePolicy.RECEIVE)
    assert parse_options(URL, {"rebirth": 2.5}).rebirth == 2.5
    with pytest.raises(AddressError, match="hmi secret set"):
        parse_options(URL, {"password": "hidden"})
    for field in FIELDS:
        if not field.secret:
            parse_options(URL, {field.name: field.default})


@pytest.mark.parametrize("endpoint", ["http://x", "mqtt://", "mqtt://a:b@host", "mqtt://host/path", "mqtt://host:0"])
def test_wrong_endpoints(endpoint):
    with pytest.raises(AddressError):
        parse_options(endpoint, {})


def test_states():
    assert state_at(1_700_000_000_123_456_789, online=True).payload() == (
        b'{"online": true, "timestamp": 1700000000123}'
    )
    assert parse_state(b'{"online":false,"timestamp":5}') == HostState(False, 5)
    for text in (b"ONLINE", b"{}", b"[]", b'{"online":1,"timestamp":5}', b'{"online":true}', b"\xff"):
        assert parse_state(text) is None


TABLE = Table(("n", "s"), ((1.5, "a"), (None, "b")))


@pytest.mark.parametrize(
    ("content", "type_", "element", "expected"),
    [
        (1.5, TagType.FLOAT, None, (1.5, 0)),
        (True, TagType.BOOL, None, (1.0, 0)),
        ("x", TagType.STRING, None, ("x", 0)),
        ("x", TagType.FLOAT, None, (None, Status.BAD_TYPE_MISMATCH)),
        (1, TagType.STRING, None, ("", Status.BAD_TYPE_MISMATCH)),
        (2**60, TagType.INT, None, (float(2**60), Status.UNCERTAIN)),
        ([1, 2], TagType.INT, None, (None, Status.BAD_TYPE_MISMATCH)),
        ([1, 2], TagType.INT, ("1",), (2.0, 0)),
        ([1, 2], TagType.INT, ("2",), (None, Status.BAD_NO_DATA)),
        ([1, 2], TagType.INT, ("-1",), (None, Status.BAD_NO_DATA)),
        (TABLE, TagType.FLOAT, ("0", "n"), (1.5, 0)),
        (TABLE, TagType.STRING, ("1", "1"), ("b", 0)),
        (TABLE, TagType.FLOAT, ("1", "n"), (None, Status.BAD_NO_DATA)),
        (TABLE, TagType.FLOAT, ("0", "z"), (None, Status.BAD_NO_DATA)),
        (TABLE, TagType.FLOAT, ("0",), (None, Status.BAD_TYPE_MISMATCH)),
        (None, TagType.FLOAT, None, (None, Status.BAD_NO_DATA)),
        (math.nan, TagType.FLOAT, None, (None, Status.BAD_OUT_OF_RANGE)),
        (-math.inf, TagType.INT, None, (None, Status.BAD_OUT_OF_RANGE)),
        ([math.inf], TagType.FLOAT, ("0",), (None, Status.BAD_OUT_OF_RANGE)),
    ],
)
def test_what_a_tag_shows(content, type_, element, expected):
    value, status = fit(content, Status.GOOD, type_, element)
    assert status == expected[1]
    assert value == expected[0] or (expected[0] is None and isinstance(value, float) and math.isnan(value))


def test_a_node_is_asked_once_and_then_ever_more_seldom():
    rebirths = Rebirths(10)
    for _ in range(100):
        rebirths.want(NODE, 0)
    assert rebirths.due(0) == [NODE]
    assert rebirths.due(0) == []
    rebirths.want(NODE, 1)
    assert rebirths.due(9) == []
    assert rebirths.deadline == rebirths.at(NODE) == 10
    assert rebirths.due(10) == [NODE]
    rebirths.want(NODE, 11)
    assert rebirths.due(29) == []
    assert rebirths.due(30) == [NODE]


def test_a_birth_that_helped_lets_the_next_trouble_be_asked_for_soon():
    rebirths = Rebirths(10)
    rebirths.want(NODE, 0)
    rebirths.due(0)
    rebirths.born(NODE)
    assert rebirths.deadline is rebirths.at(NODE) is None
    rebirths.want(NODE, 1000)
    assert rebirths.due(1000) == [NODE]
    rebirths.want(NODE, 1001)
    assert rebirths.due(1010) == [NODE]


def test_a_node_whose_births_do_not_help_is_not_asked_for_ever():
    rebirths, asked = Rebirths(10), []
    for mono in range(2000):
        rebirths.want(NODE, mono)
        if rebirths.due(mono):
            asked.append(mono)
            rebirths.born(NODE)
    assert asked == [0, 10, 30, 70, 150, 310, 630, 950, 1270, 1590, 1910]
