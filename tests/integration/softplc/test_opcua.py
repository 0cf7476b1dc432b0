"""The process PLC seen by an ordinary OPC UA client."""

import asyncio
import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asyncua import Client, Node, ua

from hmi.softplc.points import PROCESS, Kind
from tests.integration.softplc.conftest import Start, opcua_client

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def node(client: Client, name: str) -> Node:
    return client.get_node(f"ns=2;s={name}")


async def until(node: Node, value: object) -> None:
    """Returns when the node has the value; the test's own time limit is the deadline."""
    while await node.read_value() != value:  # noqa: ASYNC110 - the other side is another process
        await asyncio.sleep(0.02)


async def test_every_point_is_there_with_type_range_unit_and_time(opcua: Client) -> None:
    kinds = {
        Kind.FLOAT: ua.VariantType.Double,
        Kind.INT: ua.VariantType.UInt32,
        Kind.BOOL: ua.VariantType.Boolean,
        Kind.ENUM: ua.VariantType.Int32,
        Kind.STRING: ua.VariantType.String,
    }
    values = await opcua.read_attributes([node(opcua, p.name) for p in PROCESS], ua.AttributeIds.Value)
    for point, value in zip(PROCESS, values, strict=True):
        assert value.StatusCode.is_good(), point.name
        assert value.Value.VariantType is kinds[point.kind], point.name
        assert value.SourceTimestamp is not None, point.name
    level = node(opcua, "mixer.level")
    names = {(await p.read_browse_name()).Name: await p.read_value() for p in await level.get_properties()}
    assert (names["EURange"].Low, names["EURange"].High) == (0, 100)
    assert names["EngineeringUnits"].DisplayName.Text == "%"
    folders = [(await child.read_browse_name()).Name for child in await opcua.nodes.objects.get_children()]
    assert {"supply", "mixer", "pasteuriser", "filler"} <= set(folders)


async def test_a_setpoint_acts_and_reads_back_exactly(opcua: Client) -> None:
    setpoint = node(opcua, "mixer.agitator_speed_sp")
    await setpoint.write_value(97.123456, ua.VariantType.Double)
    assert await setpoint.read_value() == 97.123456
    await until(node(opcua, "mixer.agitator_speed"), 97.1)


@pytest.mark.parametrize(
    ("name", "value", "kind", "status"),
    [
        ("mixer.level_sp", 91.0, ua.VariantType.Double, "BadOutOfRange"),
        ("mixer.level_sp", float("nan"), ua.VariantType.Double, "BadOutOfRange"),
        ("mixer.level_sp", 50, ua.VariantType.Int32, "BadTypeMismatch"),
        ("mixer.recipe", 9, ua.VariantType.Int32, "BadOutOfRange"),
        ("mixer.level", 50.0, ua.VariantType.Double, "BadNotWritable"),
        ("mixer.nothing", 1.0, ua.VariantType.Double, "BadNodeIdUnknown"),
        ("mixer.level.EURange", 1.0, ua.VariantType.Double, "BadNodeIdUnknown"),
    ],
)
async def test_what_the_plc_refuses(opcua: Client, name: str, value: float, kind: ua.VariantType, status: str) -> None:
    with pytest.raises(ua.UaStatusCodeError) as refused:
        await node(opcua, name).write_value(ua.DataValue(ua.Variant(value, kind)))
    assert ua.status_codes.get_name_and_doc(refused.value.code)[0] == status


async def test_methods_command_a_machine_and_are_refused_in_the_wrong_state(opcua: Client) -> None:
    state = node(opcua, "filler.state")
    filler = node(opcua, "filler")
    await filler.call_method("2:Hold")
    await until(state, 11)
    with pytest.raises(ua.UaStatusCodeError, match="BadInvalidState"):
        await filler.call_method("2:Start")
    await filler.call_method("2:Unhold")
    await until(state, 6)


async def test_a_command_bit_is_taken_back_by_the_plc(opcua: Client) -> None:
    button = node(opcua, "mixer.cmd_hold")
    await button.write_value(True)
    await until(node(opcua, "mixer.state"), 11)
    assert await button.read_value() is False
    await node(opcua, "mixer.cmd_unhold").write_value(True)
    await until(node(opcua, "mixer.state"), 6)


class Listener:
    """Collects notifications until there are enough."""

    def __init__(self, enough: int) -> None:
        self.seen: dict[str, list[tuple[int, object]]] = {}
        self.done = asyncio.Event()
        self._left = enough

    def datachange_notification(self, node: Node, value: object, data: object) -> None:
        stamp: datetime = data.monitored_item.Value.SourceTimestamp  # type: ignore[attr-defined]
        nanoseconds = (stamp - EPOCH) // timedelta(microseconds=1) * 1000
        self.seen.setdefault(str(node.nodeid.Identifier), []).append((nanoseconds, value))
        self._left -= 1
        if not self._left:
            self.done.set()


async def test_a_subscription_gets_exactly_what_the_record_says(opcua: Client, record: Path) -> None:
    listener = Listener(enough=len(PROCESS) + 500)
    async with await opcua.create_subscription(100, listener) as subscription:
        await subscription.subscribe_data_change([node(opcua, p.name) for p in PROCESS], queuesize=1000)
        await node(opcua, "filler.fill_volume_sp").write_value(501.25, ua.VariantType.Double)
        await listener.done.wait()
    served: dict[str, list[tuple[int, object]]] = {}
    kinds = {point.name: point.kind for point in PROCESS}
    with record.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            area, line, unit, measure = row["tag"].split("/")
            if (area, line) == ("plant", "bottling"):
                kind = kinds[name := f"{unit}.{measure}"]
                value = row["value"] if kind is Kind.STRING else float(row["value"])
                served.setdefault(name, []).append((int(row["time"]), value))
    assert set(listener.seen) == set(served)
    for name, seen in listener.seen.items():
        begin = served[name].index(seen[0])
        assert served[name][begin : begin + len(seen)] == seen, name


async def test_a_broken_sensor_is_served_bad_with_its_time(start: Start) -> None:
    _, endpoints = start("--only", "process", "--scenario", "drift", "--speed", "20")
    async with opcua_client(endpoints["process"]) as client:
        pressure = node(client, "filler.lubrication_pressure")
        while True:
            value = await pressure.read_data_value(raise_on_bad_status=False)
            if value.StatusCode.value == ua.StatusCodes.BadSensorFailure:
                break
            await asyncio.sleep(0.05)
        assert value.Value is None or value.Value.Value is None
        assert value.SourceTimestamp is not None
