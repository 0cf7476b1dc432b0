"""What happens to points when a controller refuses, stops, hangs or dies: over a real socket."""

import asyncio

import pytest

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import LinkState, Repointable, WriteOutcome
from plugins.s7.tests.soft_plc import RUN, STOP

REAL = "DB1.DBD0:real"


async def running(rig, *texts):
    for text in texts:
        is_text = "string" in text or text.endswith("date_and_time")
        is_bit = ".DBX" in text or (text[0] in "MIQ" and "." in text)
        rig.point(text, TagType.STRING if is_text else TagType.BOOL if is_bit else TagType.FLOAT)
    rig.run()
    await rig.up()
    return rig


async def test_neighbours_come_in_one_request(device, rig_of):
    rig = await running(rig_of(), *(f"DB2.DBW{n}:int" for n in range(0, 200, 2)), REAL, "MW0", "QB0")
    await rig.until(lambda: all(rig.rows(text) for text in rig.points))
    assert (await device.ask("reads"))[0] == 4
    assert rig.status("DB2.DBW198:int") == Status.GOOD


async def test_an_address_that_does_not_exist_is_alone_in_being_bad(device, rig_of):
    good = [f"DB1.DBW{n}:int" for n in range(480, 512, 2)]
    rig = await running(rig_of(), *good, "DB1.DBW512:int", "DB7.DBW0:int")
    await rig.until(lambda: all(rig.rows(text) for text in rig.points))
    assert {rig.status(text) for text in good} == {Status.GOOD}
    assert rig.status("DB1.DBW512:int") == rig.status("DB7.DBW0:int") == Status.BAD_NODE_ID_UNKNOWN
    before = rig.sink.counters["refusals"]
    await rig.until(lambda: rig.sink.counters["requests"] > 30)
    assert rig.sink.counters["refusals"] == before, "what was refused is left alone for a while"
    samples = await rig.connection.read(list(rig.points.values()))
    assert [s.status for s in samples] == [0] * len(good) + [Status.BAD_NODE_ID_UNKNOWN] * 2


async def test_a_small_controller_gets_small_requests(device, rig_of):
    await device.ask("mood", "pdu", 240)
    texts = [f"DB2.DBD{4 * n}:real" for n in range(150)]
    rig = await running(rig_of(), *texts, "DB2.DBB600:string[254]")
    await rig.until(lambda: all(rig.rows(text) for text in rig.points))
    assert {rig.status(text) for text in texts} == {Status.GOOD}
    assert rig.status("DB2.DBB600:string[254]") == Status.BAD_CONFIGURATION_ERROR


async def test_a_controller_that_gives_one_block_at_a_time_is_read_so(device, rig_of):
    await device.ask("mood", "one_block", True)
    rig = await running(rig_of(), REAL, "DB2.DBW0:int", "MW0", "DB7.DBW0:int")
    await rig.until(lambda: all(rig.rows(text) for text in rig.points))
    assert rig.status(REAL) == rig.status("DB2.DBW0:int") == rig.status("MW0") == Status.GOOD
    assert rig.status("DB7.DBW0:int") == Status.BAD_NODE_ID_UNKNOWN
    samples = await rig.connection.read(list(rig.points.values()))
    assert [sample.status for sample in samples] == [0, 0, 0, Status.BAD_NODE_ID_UNKNOWN]


async def test_a_stopped_program_makes_every_point_bad_and_takes_no_command(device, rig_of):
    rig = await running(rig_of(cpu_watch=0.05), REAL, "MW0")
    await rig.good(REAL, 0.0)
    await device.ask("cpu", STOP)
    await rig.becomes(REAL, Status.BAD_OUT_OF_SERVICE)
    await rig.becomes("MW0", Status.BAD_OUT_OF_SERVICE)
    (sample,) = await rig.connection.read([rig.points[REAL]])
    assert sample.status == Status.BAD_OUT_OF_SERVICE
    result = await rig.write(REAL, 5.0)
    assert (result.outcome, "stopped" in result.text) == (WriteOutcome.REFUSED, True)
    assert await device.ask("writes") == []
    await device.ask("cpu", RUN)
    await rig.good(REAL, 0.0)
    assert (await rig.write(REAL, 5.0)).outcome is WriteOutcome.DONE
    assert rig.sink.counters["cpu_stops"] == 1
    assert rig.sink.count_of(LinkState.DOWN) == 0


async def test_what_was_refused_before_the_stop_is_told_again_when_the_program_runs(device, rig_of):
    await device.ask("mood", "pdu", 240)
    missing, long = "DB7.DBW0:int", "DB2.DBB600:string[254]"
    rig = await running(rig_of(cpu_watch=0.05), REAL, missing, long)
    await rig.becomes(missing, Status.BAD_NODE_ID_UNKNOWN)
    await rig.becomes(long, Status.BAD_CONFIGURATION_ERROR)
    await device.ask("cpu", STOP)
    for text in rig.points:
        await rig.becomes(text, Status.BAD_OUT_OF_SERVICE)
    await device.ask("cpu", RUN)
    await rig.good(REAL, 0.0)
    await rig.becomes(missing, Status.BAD_NODE_ID_UNKNOWN)
    await rig.becomes(long, Status.BAD_CONFIGURATION_ERROR)


async def test_a_program_that_stopped_since_the_last_look_takes_no_command(device, rig_of):
    rig = await running(rig_of(cpu_watch=60), REAL)
    await rig.good(REAL, 0.0)
    await device.ask("cpu", STOP)
    assert (await rig.write(REAL, 5.0)).outcome is WriteOutcome.REFUSED
    assert rig.status(REAL) == Status.BAD_OUT_OF_SERVICE
    assert await device.ask("writes") == []


async def test_a_controller_that_does_not_tell_its_mode_is_believed(device, rig_of):
    await device.ask("mood", "deaf_to_mode", True)
    await device.ask("cpu", STOP)
    rig = await running(rig_of(), REAL)
    await rig.good(REAL, 0.0)
    assert (await rig.write(REAL, 5.0)).outcome is WriteOutcome.DONE


async def test_a_bit_is_written_without_its_byte(device, rig_of):
    await device.ask("poke", "DB", 1, 100, "a5")
    rig = await running(rig_of(), "DB1.DBX100.1", "DB1.DBX100.0", "M3.7")
    await rig.good("DB1.DBX100.0", 1.0)
    assert (await rig.write("DB1.DBX100.1", 1.0)).outcome is WriteOutcome.DONE
    assert (await rig.write("DB1.DBX100.0", 0.0)).outcome is WriteOutcome.DONE
    assert (await rig.write("M3.7", 1.0)).outcome is WriteOutcome.DONE
    assert await device.ask("writes") == [["DB", 1, 100, 1, "01"], ["DB", 1, 100, 0, "00"], ["MK", 0, 3, 7, "01"]]
    assert await device.ask("peek", "DB", 1, 100, 1) == "a6"
    await rig.good("DB1.DBX100.1", 1.0)


async def test_a_text_keeps_its_declared_length(device, rig_of):
    await device.ask("poke", "DB", 1, 50, "03")
    rig = await running(rig_of(), "DB1.DBB50:string[20]", "DB1.DBB10:string[16]")
    assert (await rig.write("DB1.DBB10:string[16]", "mixer")).outcome is WriteOutcome.DONE
    await rig.good("DB1.DBB10:string[16]", "mixer")
    assert await device.ask("peek", "DB", 1, 10, 8) == "10056d697865720000"[:16]
    result = await rig.write("DB1.DBB50:string[20]", "mixer")
    assert (result.outcome, "shorter" in result.text) == (WriteOutcome.REFUSED, True)
    assert len(await device.ask("writes")) == 1


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [("IW0", 1.0, "input"), ("DB1.DBW0:int", 40000.0, "fit"), ("DB7.DBW0:int", 1.0, "refused"), (REAL, "x", "number")],
)
async def test_what_cannot_be_written_is_refused_with_a_reason(rig_of, text, value, why):
    rig = await running(rig_of(), text)
    result = await rig.write(text, value)
    assert (result.outcome, why in result.text) == (WriteOutcome.REFUSED, True)


async def test_a_real_is_told_as_the_controller_holds_it(rig_of):
    rig = await running(rig_of(), REAL)
    result = await rig.write(REAL, 0.1)
    assert result.sent != 0.1
    await rig.good(REAL, result.sent)


async def test_a_write_whose_answer_is_lost_is_unknown_and_never_repeated(device, rig_of):
    rig = await running(rig_of(), REAL)
    await rig.good(REAL, 0.0)
    await device.ask("mood", "swallow", True)
    result = await rig.write(REAL, 5.0)
    assert (result.outcome, result.sent) == (WriteOutcome.UNKNOWN, 5.0)
    await rig.up(2)
    await rig.good(REAL, 5.0)
    assert len(await device.ask("writes")) == 1


async def test_a_controller_that_hangs_is_down_after_its_time(device, rig_of):
    rig = await running(rig_of(timeout=0.5), REAL)
    await rig.good(REAL, 0.0)
    await device.ask("hold", True)
    assert "no answer within" in await rig.down()
    assert (await rig.write(REAL, 5.0)).outcome is WriteOutcome.REFUSED
    await device.ask("hold", False)
    await rig.up(2)
    assert await device.ask("writes") == []


async def test_a_write_into_a_hanging_controller_is_unknown(device, rig_of):
    await device.ask("mood", "deaf_to_mode", True)
    rig = rig_of(timeout=0.5)
    rig.point(REAL)
    rig.run()
    await rig.up()
    await device.ask("hold", True)
    result = await rig.write(REAL, 5.0)
    assert result.outcome in {WriteOutcome.UNKNOWN, WriteOutcome.REFUSED}
    await rig.down()
    await device.ask("hold", False)
    sent = len(await device.ask("writes"))
    assert sent == (1 if result.outcome is WriteOutcome.UNKNOWN else 0)


async def test_other_points_are_taken_without_disturbing_those_that_stay(device, rig_of):
    rig = await running(rig_of(), REAL, "DB1.DBW20:int")
    await rig.good(REAL, 0.0)
    await rig.good("DB1.DBW20:int", 0.0)
    assert isinstance(rig.connection, Repointable)
    kept = rig.points[REAL]
    rig.point("DB1.DBW30:int")
    await rig.connection.repoint((kept, rig.points["DB1.DBW30:int"]))
    await rig.good("DB1.DBW30:int", 0.0)
    await device.ask("poke", "DB", 1, 20, "0001")
    await device.ask("poke", "DB", 1, 30, "0002")
    await rig.good("DB1.DBW30:int", 2.0)
    assert len(rig.rows(REAL)) == 1
    assert len(rig.rows("DB1.DBW20:int")) == 1
    assert rig.sink.count_of(LinkState.UP) == 1


async def test_a_place_where_nobody_answers_is_told_with_the_address(device, rig_of):
    await device.kill()
    rig = rig_of()
    rig.run()
    assert f"127.0.0.1:{device.port}" in await rig.down()


async def test_one_that_accepts_and_says_nothing_is_down_after_its_time(rig_of, device):
    accepted = asyncio.Event()
    await device.kill()

    async def mute(reader, writer):
        accepted.set()
        await reader.read()
        writer.transport.abort()

    async with await asyncio.start_server(mute, "127.0.0.1", device.port):
        rig = rig_of(timeout=0.5)
        rig.run()
        assert "no answer" in await rig.down()
        assert accepted.is_set()
        await rig.stop()
