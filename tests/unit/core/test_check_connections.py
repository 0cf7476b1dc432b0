"""Heartbeats, CPU states and clocks of connections: what `hmi check` says of them."""

import math

import pytest

from hmi.core.check_connections import check_connections
from hmi.core.project import ConnectionConfig
from hmi.core.tag import ConnectionSource, MemorySource, Source, Tag, TagType


def tag(path: str, source: Source, kind: TagType = TagType.INT, scan: float = 1.0) -> Tag:
    return Tag(uid=path, path=path, type=kind, source=source, scan=scan)


PLC = ConnectionSource("plc", "1")
TAGS = [
    tag("plc/beat", PLC),
    tag("plc/state", PLC, TagType.ENUM),
    tag("plc/text", PLC, TagType.STRING),
    tag("plc/slow", PLC, scan=4.0),
    tag("other/beat", ConnectionSource("other", "1")),
    tag("memory", MemorySource()),
]


def config(**fields: object) -> ConnectionConfig:
    return ConnectionConfig("modbus", "modbus://host", **fields)  # type: ignore[arg-type]  # a table of fields


@pytest.mark.parametrize(
    "right",
    [
        {},
        {"heartbeat": "plc/beat"},
        {"heartbeat": "plc/beat", "cpu_state": "plc/state", "cpu_running": 8.0},
        {"heartbeat": "plc/slow", "heartbeat_timeout": 8.0},
        {"clock_tolerance": 0.0},
    ],
)
def test_what_is_right(right: dict[str, object]) -> None:
    assert check_connections({"plc": config(**right)}, TAGS) == []


@pytest.mark.parametrize(
    ("wrong", "where", "words"),
    [
        ({"heartbeat": "plc/bet"}, "heartbeat", "'plc/bet' does not exist"),
        ({"heartbeat": "other/beat"}, "heartbeat", "no tag of this connection"),
        ({"cpu_state": "memory"}, "cpu_state", "no tag of this connection"),
        ({"cpu_state": "plc/text"}, "cpu_state", "a text"),
        ({"heartbeat_timeout": 0.0}, "heartbeat_timeout", "more than 0"),
        ({"heartbeat": "plc/slow"}, "heartbeat_timeout", "read every 4 s"),
        ({"cpu_running": math.nan}, "cpu_running", "number"),
        ({"clock_tolerance": -1.0}, "clock_tolerance", "not negative"),
    ],
)
def test_what_is_wrong(wrong: dict[str, object], where: str, words: str) -> None:
    ((connection, field, sentence),) = check_connections({"plc": config(**wrong)}, TAGS)
    assert (connection, field) == ("plc", where)
    assert words in sentence
