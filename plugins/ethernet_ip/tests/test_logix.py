"""What happens to points when a controller refuses, stops, hangs or dies: over a real socket."""

import struct

import pytest

from hmi.core.errors import ConnectError
from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, BrowseKind, Browser, LinkState, Point, Repointable, WriteOutcome
from plugins.ethernet_ip.driver import DRIVER

LEVEL = "Level"
FINE = ["Level", "Total", "Mode", "Table[3]", "Grid[2,3]", "Pump.Speed", "Pump.Counts[3]", "Program:Main.Step"]
BITS = ["Ready", "Bits.31", "Flags[63]", "Pump.Run", "Pumps[2].Fault", "Program:Main.Pump.Run"]
TEXTS = ["Recipe", "Names[1]", "Pump.Name"]
MANY = [f"Pumps[{n}].Counts[{m}]" for n in range(3) for m in range(4)]


async def running(rig, *numbers, bits=(), texts=()):
    for some, type_ in ((numbers, TagType.FLOAT), (bits, TagType.BOOL), (texts, TagType.STRING)):
        for text in some:
            rig.point(text, type_)
    rig.run()
    await rig.up()
    return rig


async def test_every_kind_of_value_comes(device, rig_of):
    rig = await running(rig_of(), *FINE, bits=BITS, texts=TEXTS)
    await rig.until(lambda: all(rig.rows(text) for text in rig.points))
    assert {text: rig.status(text) for text in rig.points} == dict.fromkeys(rig.points, 0)
    await device.ask("put", "Total", struct.pack("<q", -5).hex())
    await rig.good("Total", -5.0)
    await device.ask("put", "Bits", "00000080")
    await rig.good("Bits.31", 1.0)


async def test_many_tags_come_in_few_messages(device, rig_of):
    rig = await running(rig_of(cpu_watch=0), *MANY, *FINE)
    await rig.until(lambda: all(rig.rows(text) for text in rig.points))
    before, seen = await device.ask("tell", "frames"), len(rig.sink.alive_tags)
    await rig.until(lambda: len(rig.sink.alive_tags) >= seen + 5)
    assert await device.ask("tell", "frames") - before <= 8


@pytest.mark.parametrize(
    ("text", "type_", "status"),
    [
        ("Nowhere", TagType.FLOAT, Status.BAD_NODE_ID_UNKNOWN),
        ("Pump.Torque", TagType.FLOAT, Status.BAD_NODE_ID_UNKNOWN),
        ("Pump.ZZZZZZZZZZMotor0", TagType.FLOAT, Status.BAD_NODE_ID_UNKNOWN),
        ("Level.Speed", TagType.FLOAT, Status.BAD_NODE_ID_UNKNOWN),
        ("Program:Other.Step", TagType.FLOAT, Status.BAD_NODE_ID_UNKNOWN),
        ("Table[10]", TagType.FLOAT, Status.BAD_NODE_ID_UNKNOWN),
        ("Table", TagType.FLOAT, Status.BAD_NODE_ID_UNKNOWN),
        ("Pumps.Speed", TagType.FLOAT, Status.BAD_NODE_ID_UNKNOWN),
        ("Grid[1]", TagType.FLOAT, Status.BAD_NODE_ID_UNKNOWN),
        ("Flags[64]", TagType.BOOL, Status.BAD_NODE_ID_UNKNOWN),
        ("Mode.16", TagType.BOOL, Status.BAD_NODE_ID_UNKNOWN),
        ("Level.3", TagType.BOOL, Status.BAD_NODE_ID_UNKNOWN),
        ("Pump", TagType.FLOAT, Status.BAD_TYPE_MISMATCH),
        ("Recipe", TagType.FLOAT, Status.BAD_TYPE_MISMATCH),
        ("Level", TagType.STRING, Status.BAD_TYPE_MISMATCH),
        ("Level", TagType.BOOL, Status.BAD_TYPE_MISMATCH),
    ],
)
async def test_what_the_controller_does_not_have_is_bad_alone(rig_of, text, type_, status):
    rig = rig_of()
    tag = rig.point(text, type_)
    rig.points["good"] = Point(99, "good", DRIVER.parse_address("Total", TagType.INT), TagType.INT, 0.1)
    rig.run()
    await rig.until(lambda: rig.sink.is_good(99, 0.0))
    await rig.until(lambda: rig.sink.last(tag)[1] == status)
    (sample,) = await rig.connection.read([rig.points[text]])
    assert sample.status == status


async def test_a_name_is_found_however_it_is_written(rig_of):
    rig = await running(rig_of(), "level", "Program:main.STEP", "pumps[1].SPEED")
    await rig.good("level", 0.0)
    await rig.good("Program:main.STEP", 0.0)
    assert (await rig.write("pumps[1].SPEED", 2.0)).outcome is WriteOutcome.DONE
    await rig.good("pumps[1].SPEED", 2.0)


async def test_a_tag_that_goes_away_is_bad_and_the_others_stay(device, rig_of):
    rig = await running(rig_of(), "Mode", "Total")
    await rig.good("Mode", 0.0)
    await device.ask("drop", "Mode")
    await rig.becomes("Mode", Status.BAD_NODE_ID_UNKNOWN)
    assert rig.status("Total") == Status.GOOD


@pytest.mark.parametrize(
    ("text", "value", "raw"),
    [
        ("Level", 1.5, "0000c03f"),
        ("Total", -5.0, "fbffffffffffffff"),
        ("Table[3]", 7.0, "07000000"),
        ("Grid[1,2]", 2.5, "00002040"),
        ("Pump.Counts[2]", 9.0, "09000000"),
        ("Program:Main.Step", 4.0, "04000000"),
    ],
)
async def test_a_number_is_written_once_and_nowhere_else(device, rig_of, text, value, raw):
    rig = await running(rig_of(), text)
    assert (await rig.write(text, value)).outcome is WriteOutcome.DONE
    await rig.good(text, value)
    assert [written for _, written in await device.ask("tell", "writes")] == [raw]


@pytest.mark.parametrize(
    ("text", "value", "raw"),
    [
        ("Ready", 1.0, "ff"),
        ("Pump.Fault", 1.0, "ff"),
        ("Bits.3", 1.0, "or 8 and ffffffff"),
        ("Bits.3", 0.0, "or 0 and fffffff7"),
        ("Mode.15", 0.0, "or 0 and 7fff"),
        ("Flags[40]", 1.0, "or 100 and ffffffff"),
    ],
)
async def test_a_bit_is_written_without_its_neighbours(device, rig_of, text, value, raw):
    await device.ask("put", "Bits", "ffffff7f")
    await device.ask("put", "Pump", "01")
    rig = await running(rig_of(), bits=[text])
    assert (await rig.write(text, value)).outcome is WriteOutcome.DONE
    await rig.good(text, value)
    assert [written for _, written in await device.ask("tell", "writes")] == [raw]
    assert await device.ask("get", "Pump", 1) == ("03" if text == "Pump.Fault" else "01")


async def test_a_text_is_written_whole(device, rig_of):
    rig = await running(rig_of(), texts=TEXTS)
    for text in TEXTS:
        assert (await rig.write(text, f"ab {text[0]}")).outcome is WriteOutcome.DONE
        await rig.good(text, f"ab {text[0]}")
    refused = await rig.write("Recipe", "x" * 83)
    assert (refused.outcome, "82" in refused.text) == (WriteOutcome.REFUSED, True)
    assert len(await device.ask("tell", "writes")) == len(TEXTS)


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("Locked", 1.0, "reading"),
        ("Mode", 40000.0, "fit"),
        ("Mode", 1.5, "whole"),
        ("Mode", "x", "number"),
        ("X", 1.0, "nothing"),
    ],
)
async def test_what_cannot_be_written_is_refused_with_a_reason(device, rig_of, text, value, why):
    rig = await running(rig_of(), text)
    result = await rig.write(text, value)
    assert (result.outcome, why in result.text) == (WriteOutcome.REFUSED, True)
    assert await device.ask("tell", "writes") == []


async def test_a_refusal_of_the_controller_is_told(device, rig_of):
    rig = await running(rig_of(), "Mode")
    await device.ask("drop", "Mode")
    result = await rig.write("Mode", 1.0)
    assert (result.outcome, result.status) == (WriteOutcome.REFUSED, Status.BAD_NODE_ID_UNKNOWN)


async def test_program_mode_makes_every_point_bad_and_takes_no_command(device, rig_of):
    rig = await running(rig_of(cpu_watch=0.05), LEVEL, "Nowhere")
    await rig.good(LEVEL, 0.0)
    await device.ask("set", "run", False)
    await rig.becomes(LEVEL, Status.BAD_OUT_OF_SERVICE)
    (sample,) = await rig.connection.read([rig.points[LEVEL]])
    assert sample.status == Status.BAD_OUT_OF_SERVICE
    result = await rig.write(LEVEL, 5.0)
    assert (result.outcome, "program mode" in result.text) == (WriteOutcome.REFUSED, True)
    await device.ask("set", "run", True)
    await rig.good(LEVEL, 0.0)
    await rig.becomes("Nowhere", Status.BAD_NODE_ID_UNKNOWN)
    assert (await rig.write(LEVEL, 5.0)).outcome is WriteOutcome.DONE
    assert len(await device.ask("tell", "writes")) == 1
    assert rig.sink.counters["cpu_stops"] == 1
    assert rig.sink.count_of(LinkState.DOWN) == 0


async def test_program_mode_since_the_last_look_takes_no_command(device, rig_of):
    rig = await running(rig_of(cpu_watch=60), LEVEL)
    await rig.good(LEVEL, 0.0)
    await device.ask("set", "run", False)
    assert (await rig.write(LEVEL, 5.0)).outcome is WriteOutcome.REFUSED
    await rig.becomes(LEVEL, Status.BAD_OUT_OF_SERVICE)
    assert await device.ask("tell", "writes") == []


async def test_a_write_whose_answer_is_lost_is_unknown_and_never_repeated(device, rig_of):
    rig = await running(rig_of(), LEVEL)
    await rig.good(LEVEL, 0.0)
    await device.ask("set", "swallow", True)
    result = await rig.write(LEVEL, 5.0)
    assert (result.outcome, result.sent) == (WriteOutcome.UNKNOWN, 5.0)
    await device.ask("set", "swallow", False)
    await rig.up(2)
    await rig.good(LEVEL, 5.0)
    assert len(await device.ask("tell", "writes")) == 1


async def test_a_controller_that_hangs_is_down_after_its_time(device, rig_of):
    rig = await running(rig_of(timeout=0.5), LEVEL)
    await rig.good(LEVEL, 0.0)
    await device.ask("hold", True)
    assert "no answer within" in await rig.down()
    assert (await rig.write(LEVEL, 5.0)).outcome is WriteOutcome.REFUSED
    await device.ask("hold", False)
    await rig.up(2)
    assert await device.ask("tell", "writes") == []


async def test_a_hanging_controller_does_not_hold_up_the_end(device, rig_of):
    """With a time-out as long as the test may take, an end that waited for it would fail the test."""
    rig = await running(rig_of(timeout=60), LEVEL)
    await rig.good(LEVEL, 0.0)
    await device.ask("hold", True)
    await rig.stop()
    await device.ask("hold", False)


async def test_a_connection_that_the_controller_gave_up_is_made_anew(device, rig_of):
    rig = await running(rig_of(), LEVEL, "Total")
    await rig.good(LEVEL, 0.0)
    await device.ask("set", "dead", True)
    await rig.down()
    await device.ask("set", "dead", False)
    await rig.up(2)
    await rig.good(LEVEL, 0.0)


async def test_a_single_point_notices_that_too(device, rig_of):
    rig = await running(rig_of(), LEVEL)
    await rig.good(LEVEL, 0.0)
    await device.ask("set", "dead", True)
    assert "gave the connection up" in await rig.down()


async def test_an_old_controller_gets_small_messages(device, rig_of, expect_log):
    expect_log("forward_open", "the library logs that the controller knows small connections only")
    await device.ask("set", "small", True)
    rig = await running(rig_of(), *MANY, texts=TEXTS)
    await rig.until(lambda: all(rig.rows(text) for text in rig.points))
    assert {rig.status(text) for text in rig.points} == {Status.GOOD}


async def test_a_connection_is_given_back(device, rig_of):
    rig = await running(rig_of(), LEVEL)
    await rig.good(LEVEL, 0.0)
    # A moment at which nothing is asked: a question that is given up breaks the connection instead.
    await rig.connection.repoint(())
    await rig.connection.read([rig.points[LEVEL]])
    await rig.stop()
    assert await device.ask("tell", "closed") == 1


async def test_other_points_are_taken_without_disturbing_those_that_stay(device, rig_of):
    rig = await running(rig_of(), LEVEL, "Mode")
    await rig.good(LEVEL, 0.0)
    await rig.good("Mode", 0.0)
    assert isinstance(rig.connection, Repointable)
    rig.point("Total")
    rig.point("Nowhere")
    await rig.connection.repoint(tuple(rig.points[text] for text in (LEVEL, "Total", "Nowhere")))
    await rig.good("Total", 0.0)
    await rig.becomes("Nowhere", Status.BAD_NODE_ID_UNKNOWN)
    await device.ask("put", "Mode", "0100")
    await device.ask("put", "Total", "02")
    await rig.good("Total", 2.0)
    assert len(rig.rows(LEVEL)) == 1
    assert len(rig.rows("Mode")) == 1
    assert rig.sink.count_of(LinkState.UP) == 1


async def test_the_controllers_tags_can_be_looked_through(rig_of):
    rig = await running(rig_of(), LEVEL)
    assert isinstance(rig.connection, Browser)
    top = {item.name: item for item in await rig.connection.browse("")}
    assert list(top)[:2] == ["Program:Main", "Level"]
    assert not [name for name in top if name.startswith(("__", "Task"))]
    assert (top["Level"].address, top["Level"].type, top["Level"].writable) == ("Level", TagType.FLOAT, True)
    assert (top["Total"].type, top["Ready"].type, top["Recipe"].type) == (TagType.INT, TagType.BOOL, TagType.STRING)
    assert not top["Locked"].writable
    assert (top["Grid"].kind, top["Grid"].description) == (BrowseKind.FOLDER, "REAL[3,4]")
    assert [item.name for item in await rig.connection.browse("Program:Main")] == ["Step", "Pump"]
    assert [item.address for item in await rig.connection.browse("Grid")][:2] == ["Grid[0,0]", "Grid[0,1]"]
    assert len(await rig.connection.browse("Flags")) == 64
    members = await rig.connection.browse("Pumps[1]")
    assert [item.name for item in members] == ["Run", "Fault", "Speed", "Counts", "Name"]
    assert [item.below for item in members] == [False, False, False, True, False]
    for node in ("Nowhere", "Pump.Nowhere", "Program:Other", "no tag"):
        with pytest.raises(AddressError):
            await rig.connection.browse(node)


async def test_every_address_that_is_shown_can_be_read(rig_of):
    rig = await running(rig_of(), LEVEL)
    nodes, found = [""], []
    while nodes:
        for item in await rig.connection.browse(nodes.pop()):
            if item.below:
                nodes.append(item.node)
            if item.address:
                found.append(item)
    assert len(found) > 100
    points = [Point(n, i.name, DRIVER.parse_address(i.address, i.type), i.type, 1.0) for n, i in enumerate(found)]
    samples = await rig.connection.read(points)
    assert {sample.status for sample in samples} == {Status.GOOD}


async def test_nothing_can_be_looked_through_without_a_controller(device, rig_of):
    await device.kill()
    rig = rig_of()
    rig.run()
    assert f"127.0.0.1:{device.port}" in await rig.down()
    with pytest.raises(ConnectError):
        await rig.connection.browse("")
