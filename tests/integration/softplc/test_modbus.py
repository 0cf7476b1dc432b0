"""The two Modbus PLCs seen by an ordinary client, decoded here from the standard and not by their own code."""

import asyncio
import struct
from collections.abc import Callable

import pytest
from pymodbus.client import AsyncModbusTcpClient

from hmi.softplc.modbus_map import Slot, Table, allocate
from hmi.softplc.points import PACKAGING, UTILITIES, Point, Wire

Connect = Callable[[str], AsyncModbusTcpClient]
LETTERS = {Wire.INT16: "h", Wire.UINT16: "H", Wire.INT32: "i", Wire.UINT32: "I", Wire.FLOAT32: "f"}
SETS = [("packaging", PACKAGING, False), ("utilities", UTILITIES, True)]


def number(point: Point, registers: list[int], swapped: bool) -> float:
    words = reversed(registers) if swapped else registers
    data = b"".join(word.to_bytes(2, "big") for word in words)
    (raw,) = struct.unpack(">" + LETTERS[point.wire], data)
    return float(raw) / point.factor


async def until(client: AsyncModbusTcpClient, slot: Slot, value: float) -> None:
    """Returns when the point has the value; the test's own time limit is the deadline."""
    while await read(client, slot, False) != value:  # noqa: ASYNC110 - the other side is another process
        await asyncio.sleep(0.02)


async def read(client: AsyncModbusTcpClient, slot: Slot, swapped: bool) -> float:
    match slot.table:
        case Table.COIL:
            answer = await client.read_coils(slot.address, count=1)
        case Table.DISCRETE:
            answer = await client.read_discrete_inputs(slot.address, count=1)
        case Table.INPUT:
            answer = await client.read_input_registers(slot.address, count=slot.width)
        case Table.HOLDING:
            answer = await client.read_holding_registers(slot.address, count=slot.width)
    assert not answer.isError(), slot.text
    return float(answer.bits[0]) if slot.table.is_bits else number(slot.point, answer.registers, swapped)


@pytest.mark.parametrize(("plc", "points", "swapped"), SETS, ids=["ABCD", "CDAB"])
async def test_every_point_decodes_into_its_range_and_normal_band(
    endpoints: dict[str, str], connect: Connect, plc: str, points: tuple[Point, ...], swapped: bool
) -> None:
    async with connect(endpoints[plc]) as client:
        for slot in allocate(points).values():
            value = await read(client, slot, swapped)
            low, high = slot.point.normal or (slot.point.low, slot.point.high)
            assert low <= value <= high, slot


@pytest.mark.parametrize(("plc", "points", "swapped"), SETS, ids=["packaging", "utilities"])
async def test_an_address_that_is_not_there_is_exception_02(
    endpoints: dict[str, str], connect: Connect, plc: str, points: tuple[Point, ...], swapped: bool
) -> None:
    ends = {}
    for slot in allocate(points).values():
        block = (slot.table, slot.address // 1000)
        ends[block] = max(ends.get(block, 0), slot.address + slot.width)
    async with connect(endpoints[plc]) as client:
        reads = {
            Table.COIL: client.read_coils,
            Table.DISCRETE: client.read_discrete_inputs,
            Table.INPUT: client.read_input_registers,
            Table.HOLDING: client.read_holding_registers,
        }
        for (table, _), end in ends.items():
            for address, count in ((end, 1), (end - 1, 2), (9_000, 4)):
                answer = await reads[table](address, count=count)
                assert answer.isError()
                assert answer.exception_code == 2
            assert not (await reads[table](end - 1, count=1)).isError()


async def test_a_unit_that_is_not_there_does_not_answer_for_another(
    endpoints: dict[str, str], connect: Connect
) -> None:
    async with connect(endpoints["packaging"]) as client:
        answer = await client.read_coils(0, count=1, device_id=9)
        assert answer.exception_code == 0x0B


async def test_setpoints_are_written_whole_within_range_and_act(endpoints: dict[str, str], connect: Connect) -> None:
    slots = allocate(PACKAGING)
    speed, actual = slots["labeller.glue_temperature_sp"], slots["conveyor1.speed"]
    async with connect(endpoints["packaging"]) as client:
        assert not (await client.write_register(speed.address, 1600)).isError()
        assert await read(client, speed, False) == 160.0
        assert (await client.write_register(speed.address, 1801)).exception_code == 3
        assert await read(client, speed, False) == 160.0
        wide = slots["capper.torque_sp"]
        assert (await client.write_register(wide.address, 1)).exception_code == 2
        words = list(struct.unpack(">2H", struct.pack(">f", 1.85)))
        assert not (await client.write_registers(wide.address, words)).isError()
        assert await read(client, wide, False) == pytest.approx(1.85)
        await client.write_register(slots["conveyor1.speed_sp"].address, 400)
        await until(client, actual, 40.0)


async def test_the_other_word_order_is_used_for_writes_too(endpoints: dict[str, str], connect: Connect) -> None:
    slot = allocate(UTILITIES)["compressor.pressure_sp"]
    async with connect(endpoints["utilities"]) as client:
        high, low = struct.unpack(">2H", struct.pack(">f", 6.9))
        assert not (await client.write_registers(slot.address, [low, high])).isError()
        assert await read(client, slot, True) == pytest.approx(6.9)
        assert (await client.write_registers(slot.address, [high, low])).exception_code == 3


async def test_command_coils_act_once_and_reset_themselves(endpoints: dict[str, str], connect: Connect) -> None:
    slots = allocate(PACKAGING)
    hold, unhold, state = (slots[f"labeller.{name}"] for name in ("cmd_hold", "cmd_unhold", "state"))
    async with connect(endpoints["packaging"]) as client:
        for coil, wanted in ((hold, 11), (unhold, 6)):
            assert not (await client.write_coil(coil.address, True)).isError()
            await until(client, state, wanted)
            assert await read(client, coil, False) == 0.0


async def test_inputs_cannot_be_written(endpoints: dict[str, str], connect: Connect) -> None:
    async with connect(endpoints["packaging"]) as client:
        free = max(s.address for s in allocate(PACKAGING).values() if s.table is Table.COIL) + 1
        assert (await client.write_coil(free, True)).exception_code == 2
        assert (await client.write_registers(2_000, [1, 1])).exception_code == 2
