"""The committed demo project against the PLCs it is for: a wrong address or scaling would show a wrong value."""

import csv
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asyncua import Client, ua
from pymodbus.client import AsyncModbusTcpClient

from hmi.core.expression import ResultType, check, order, parse
from hmi.core.tag import ConnectionSource, ExpressionSource, Tag, TagType
from hmi.softplc.run import Ports
from hmi.station.loading import load_project

DEMO = Path(__file__).parents[3] / "assets/demo"
LETTERS = {"int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "float32": "f"}
PROJECT, _, FLAWS = load_project(DEMO)
assert not FLAWS
ORDERS: dict[str, Any] = {name: c.options.get("word_order") for name, c in PROJECT.connections.items()}


def of(connection: str) -> list[Tag]:
    return [t for t in PROJECT.tags if isinstance(t.source, ConnectionSource) and t.source.connection == connection]


def plausible(tag: Tag, value: float) -> None:
    span = tag.normal or tag.range
    if tag.states:
        assert str(int(value)) in tag.states, tag.path
    elif span is not None:
        assert span[0] <= value <= span[1], tag.path
    for alarm in tag.alarms:
        active = {
            "H": value > alarm.limit,
            "HH": value > alarm.limit,
            "L": value < alarm.limit,
            "LL": value < alarm.limit,
            "off_normal": value != alarm.normal,
        }
        assert not active[alarm.kind], f"{tag.path} {alarm.id} is active in a good shift"


def test_the_project_is_whole() -> None:
    assert len(PROJECT.tags) >= 300
    assert {tag.scan for tag in PROJECT.tags} == {0.1, 0.5, 1.0, 5.0}
    ports = Ports()
    assert [c.endpoint.rsplit(":", 1)[1] for c in PROJECT.connections.values()] == [
        str(port) for port in (ports.process, ports.packaging, ports.utilities)
    ]


def test_every_line_has_its_keys_sorted() -> None:
    for file in (DEMO / "tags").glob("*.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            assert line == json.dumps(json.loads(line), sort_keys=True, ensure_ascii=False)


def test_expressions_and_interlocks_read_tags_that_exist() -> None:
    types = {tag.path: tag.type for tag in PROJECT.tags}
    derived = {}
    for tag in PROJECT.tags:
        if isinstance(tag.source, ExpressionSource):
            derived[tag.path] = parse(tag.source.expression)
            assert check(derived[tag.path], types) == (
                ResultType.BOOL if tag.type is TagType.BOOL else ResultType.NUMBER
            )
        if tag.write is not None and tag.write.interlock:
            assert check(parse(tag.write.interlock), types) is ResultType.BOOL
    assert len(order(derived)) == len(derived) >= 20


def test_alarms_are_rationalised() -> None:
    alarms = [alarm for tag in PROJECT.tags for alarm in tag.alarms]
    assert len(alarms) >= 60
    assert all(a.message and a.cause and a.consequence and a.response for a in alarms)
    share = {p: sum(a.priority == p for a in alarms) / len(alarms) for p in (1, 2, 3, 4)}
    assert share[1] < 0.03
    assert share[2] < 0.10
    assert share[3] < 0.25
    assert share[4] > 0.70


def test_stopping_is_always_possible() -> None:
    stops = [t for t in PROJECT.tags if t.path.endswith(("/cmd_stop", "/cmd_abort", "/cmd_hold"))]
    assert len(stops) >= 18
    for tag in stops:
        assert tag.write is not None
        assert tag.write.to_safe
        assert not tag.write.interlock


async def test_every_opcua_tag_is_served_with_its_type(opcua: Client) -> None:
    tags = of("process")
    nodes = [opcua.get_node(tag.source.address) for tag in tags]  # type: ignore[union-attr]
    values = await opcua.read_attributes(nodes, ua.AttributeIds.Value)
    access = await opcua.read_attributes(nodes, ua.AttributeIds.AccessLevel)
    for tag, value, level in zip(tags, values, access, strict=True):
        assert value.StatusCode.is_good(), tag.path
        text = value.Value.VariantType is ua.VariantType.String
        assert text == (tag.type is TagType.STRING)
        assert (tag.write is not None) == bool(level.Value.Value & 2), tag.path
        if not text:
            plausible(tag, float(value.Value.Value))


def decode(address: str, order: str, data: list[int]) -> float:
    if address.startswith(("coil", "discrete")):
        return float(data[0])
    words = data[::-1] if order == "CDAB" else data
    raw = b"".join(word.to_bytes(2, "big") for word in words)
    return float(struct.unpack(">" + LETTERS[address.split(":")[2]], raw)[0])


@pytest.mark.parametrize("connection", ["packaging", "utilities"])
async def test_every_modbus_tag_decodes_to_its_physical_value(
    endpoints: dict[str, str], connect: Callable[[str], AsyncModbusTcpClient], connection: str
) -> None:
    async with connect(endpoints[connection]) as client:
        reads = {
            "coil": client.read_coils,
            "discrete": client.read_discrete_inputs,
            "input": client.read_input_registers,
            "holding": client.read_holding_registers,
        }
        for tag in of(connection):
            address = tag.source.address  # type: ignore[union-attr]
            table, number = address.split(":")[:2]
            count = 2 if address.endswith("32") else 1
            answer = await reads[table](int(number), count=count)
            assert not answer.isError(), tag.path
            data = answer.bits[:1] if table in ("coil", "discrete") else answer.registers
            value = decode(address, str(ORDERS[connection]), data)
            if tag.scaling is not None:
                (low, high), (eu_low, eu_high) = tag.scaling.raw, tag.scaling.eu
                value = (value - low) / (high - low) * (eu_high - eu_low) + eu_low
            plausible(tag, value)
            assert (tag.write is not None) == (table in ("coil", "holding")), tag.path


def test_every_tag_of_a_device_appears_in_the_record_under_its_path(endpoints: dict[str, str], record: Path) -> None:
    with record.open(encoding="utf-8", newline="") as file:
        recorded = {row["tag"] for row in csv.DictReader(file)}
    assert recorded == {tag.path for tag in PROJECT.tags if isinstance(tag.source, ConnectionSource)}
