import asyncio
import math
import uuid

import numpy as np
import pytest

from hmi.core.actions import SetValue
from hmi.core.rights import Role
from hmi.drivers.api import LinkState, WriteOutcome
from hmi.link.messages import CommandResult, Write
from hmi.station import commands
from hmi.station.commands import CommandService
from hmi.station.deliveries import Deliveries, same_raw
from hmi.station.trail import Act
from hmi.station.who import Who

from .fakes import RECIPE, SETPOINT, STOP, FakeClock, FakeConnection, FakeLive, FakeTrail, link, project, table

ANN = Who("ann", Role.OPERATOR, "panel at pc")


class Bench:
    """A command service with a fake device behind it."""

    def __init__(self, *, writes: bool = True) -> None:
        self.clock, self.trail, self.live, self.device = FakeClock(), FakeTrail(), FakeLive(), FakeConnection()
        self.device.held = {SETPOINT: 5.0, STOP: 0.0}
        self.live.rows = {SETPOINT: (5.0, 0, 0), STOP: (0.0, 0, 0), RECIPE: (1.0, 0, 0)}
        self.link = link(self.device, self.clock)
        self.posted: list[SetValue] = []
        self.cannot_set: Exception | None = None
        self.alarms: list[str] = []
        self.results: list[CommandResult] = []
        whole = project(writes=writes)
        self.stopped = ""
        deliveries = Deliveries({"plc": self.link}, lambda _: (None, 0), lambda _: self.stopped)
        self.service = CommandService(
            whole,
            table(whole),
            self.live,
            deliveries,
            self.trail,
            self.clock,
            self.set_value,
            self.alarms.append,
        )

    async def set_value(self, action: SetValue) -> None:
        if self.cannot_set is not None:
            raise self.cannot_set
        self.posted.append(action)

    async def write(
        self,
        tag: int = SETPOINT,
        value: float | str = 6.0,
        *,
        expected: float | str | None = 5.0,
        who: Who = ANN,
        id_: str = "",
    ) -> CommandResult:
        request = Write(1, id_ or str(uuid.uuid4()), tag, value, expected, self.clock.utc)
        results: list[CommandResult] = []
        await self.service.write(who, request, results.append)
        self.results += results
        assert [r.final for r in results] == [False] * (len(results) - 1) + [True]
        return results[-1]


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_setpoint_is_journalled_sent_once_and_read_back(bench: Bench) -> None:
    result = await bench.write()
    assert (result.state, result.value) == ("done", 6.0)
    assert bench.device.writes == [(SETPOINT, 6.0)]
    assert [line[2].split(":")[0] for line in bench.trail.lines] == ["requested", "done"]


async def test_nothing_but_a_stop_is_written_to_a_device_whose_program_is_stopped(bench: Bench) -> None:
    bench.stopped = "The program of the device is stopped: beat has not changed for 5 s."
    result = await bench.write()
    assert result.state == "refused"
    assert result.text.startswith(bench.stopped)
    assert bench.device.writes == []
    assert (await bench.write(RECIPE, 2.0, expected=1.0)).state == "done"
    assert (await bench.write(STOP, 1.0, expected=None)).state == "done"
    assert bench.device.writes == [(STOP, 1.0)]


async def test_what_the_device_rounds_is_still_confirmed(bench: Bench) -> None:
    bench.device.encode = lambda value: float(round(float(value)))
    assert (await bench.write(value=6.4)).state == "done"


async def test_a_device_that_does_not_keep_the_value_is_not_confirmed(bench: Bench) -> None:
    bench.device.takes = False
    result = await bench.write()
    assert result.state == "not confirmed"
    assert "NOT CONFIRMED, the device holds 5 bar" in result.text
    assert bench.device.writes == [(SETPOINT, 6.0)]  # and never again


async def test_no_answer_is_cleared_up_by_the_read_back(bench: Bench) -> None:
    bench.device.outcome = WriteOutcome.UNKNOWN
    assert (await bench.write()).state == "done"
    assert len(bench.device.writes) == 1


async def test_a_pulse_without_answer_stays_unknown_and_is_not_sent_again(bench: Bench) -> None:
    bench.device.outcome = WriteOutcome.UNKNOWN
    result = await bench.write(STOP, 1.0, expected=None)
    assert result.state == "unknown"
    assert len(bench.device.writes) == 1


async def test_a_refusal_by_the_device_is_told(bench: Bench) -> None:
    bench.device.outcome = WriteOutcome.REFUSED
    assert (await bench.write()).state == "refused"


async def test_the_same_command_is_not_carried_out_twice(bench: Bench) -> None:
    assert (await bench.write(id_="same-id-1")).state == "done"
    bench.live.rows[SETPOINT] = (6.0, 0, bench.clock.mono)
    assert (await bench.write(id_="same-id-1", value=7.0, expected=6.0)).state == "refused"
    assert len(bench.device.writes) == 1


async def test_of_twenty_at_once_one_is_carried_out(bench: Bench) -> None:
    results = await asyncio.gather(*(bench.write(value=6.0 + i) for i in range(20)))
    assert sorted(r.state for r in results) == ["done"] + ["refused"] * 19
    assert len(bench.device.writes) == 1


async def test_a_second_write_is_judged_by_the_value_just_read_back(bench: Bench) -> None:
    await bench.write()
    # The engine has not seen the new value yet; somebody who still sees the old one must be refused.
    assert (await bench.write(value=7.0, expected=5.0)).state == "refused"
    assert (await bench.write(value=7.0, expected=6.0)).state == "done"


async def test_the_engines_newer_value_takes_over_from_the_read_back(bench: Bench) -> None:
    await bench.write()
    bench.clock.pass_(1)
    bench.live.rows[SETPOINT] = (8.0, 0, bench.clock.mono)
    assert (await bench.write(value=7.0, expected=8.0)).state == "done"


async def test_a_lost_device_gets_nothing_later(bench: Bench) -> None:
    bench.link.intake.state(LinkState.DOWN, "")
    result = await bench.write()
    assert result.state == "refused"
    assert "nothing will be sent later" in result.text
    assert bench.device.writes == []


async def test_without_audit_nothing_is_sent(bench: Bench) -> None:
    bench.trail.full = True
    assert (await bench.write()).state == "refused"
    assert bench.device.writes == []


async def test_a_stop_is_sent_without_audit_and_alarmed(bench: Bench) -> None:
    bench.trail.full = True
    assert (await bench.write(STOP, 1.0, expected=None)).state == "done"
    assert bench.device.writes == [(STOP, 1.0)]
    assert any("without an audit record" in text for text in bench.alarms)


async def test_a_memory_tag_is_set_in_the_next_scan(bench: Bench) -> None:
    assert (await bench.write(RECIPE, 3.0, expected=1.0)).state == "done"
    assert bench.posted == [SetValue(RECIPE, 3.0, 0, "ann")]


@pytest.mark.parametrize("who", [Who("", Role.NONE, "x"), Who("bob", Role.VIEWER, "x"), Who("eve", Role.NONE, "x")])
async def test_those_who_may_not_are_refused_and_noted(bench: Bench, who: Who) -> None:
    assert (await bench.write(who=who)).state == "refused"
    assert bench.device.writes == []
    assert bench.trail.lines[-1][0] == who.user
    assert bench.trail.lines[-1][2].startswith("refused:")


async def test_an_unknown_tag_is_refused_and_noted(bench: Bench) -> None:
    assert (await bench.write(99)).state == "refused"
    assert bench.trail.lines == [("ann", "tag 99", "refused: unknown tag")]


async def test_the_global_switch_holds() -> None:
    bench = Bench(writes=False)
    assert (await bench.write()).state == "refused"
    assert bench.device.writes == []


async def test_a_tag_takes_five_writes_a_second_at_most(bench: Bench) -> None:
    states = []
    for step in range(7):
        seen = float(bench.device.held[SETPOINT])
        states.append((await bench.write(value=10.0 + step, expected=seen)).state)
    assert states == ["done"] * 5 + ["refused"] * 2
    bench.clock.pass_(1.1)
    assert (await bench.write(value=20.0, expected=float(bench.device.held[SETPOINT]))).state == "done"


async def test_a_disk_that_hangs_keeps_a_stop_waiting_no_longer_than_that(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "STOP_WAITS", 0.01)
    bench.trail.answers.clear()
    assert (await bench.write(STOP, 1.0, expected=None)).state == "done"
    assert bench.device.writes == [(STOP, 1.0)]
    assert len(bench.alarms) == 2  # sent without a record, and its result without one too


async def test_a_command_that_the_disk_held_up_is_not_sent_late(bench: Bench) -> None:
    bench.trail.answers.clear()
    writing = asyncio.create_task(bench.write())
    await asyncio.sleep(0)
    bench.clock.pass_(11)
    bench.trail.answers.set()
    result = await writing
    assert (result.state, bench.device.writes) == ("refused", [])
    assert "too old" in result.text


async def test_an_interlock_that_blocks_while_the_audit_is_written_blocks_the_command(bench: Bench) -> None:
    kept = bench.trail.audit

    async def audit(who: Who, act: Act) -> None:
        bench.live.free = False
        await kept(who, act)

    bench.trail.audit = audit  # type: ignore[method-assign]  # an interlock that moves at the worst moment
    assert (await bench.write()).state == "refused"
    assert bench.device.writes == []
    assert [line[2].split(":")[0] for line in bench.trail.lines] == ["requested", "refused"]


async def test_a_command_that_is_broken_off_leaves_its_result_in_the_trail(bench: Bench) -> None:
    bench.device.takes = False
    writing = asyncio.create_task(bench.write())
    await bench.device.written.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert [line[2].split(":")[0] for line in bench.trail.lines] == ["requested", "unknown"]


async def test_a_setpoint_the_device_took_back_at_once_does_not_block_the_next_one(bench: Bench) -> None:
    await bench.write()
    bench.clock.pass_(10)  # the device shows 5 as before: no new sample came
    assert (await bench.write(value=7.0, expected=5.0)).state == "done"


async def test_a_device_that_holds_no_number_is_not_confirmed(bench: Bench) -> None:
    bench.device.takes = False
    bench.device.held[SETPOINT] = math.nan
    assert (await bench.write()).state == "not confirmed"


def test_whole_numbers_are_confirmed_to_the_last_digit() -> None:
    assert not same_raw(1_000_001.0, 1_000_000.0)
    assert same_raw(float(np.float32(0.1)), 0.1)
    assert not same_raw(math.inf, 5.0)
