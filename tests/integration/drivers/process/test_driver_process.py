"""Real driver processes that crash, hang and lose their station."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from hmi.core.instants import SECOND, Instants
from hmi.core.quality import is_bad
from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, Clock, ConnectionSpec, LinkState, Point, WriteOutcome
from hmi.drivers.backoff import Backoff
from hmi.drivers.conformance import Recorder, SystemClock
from hmi.drivers.plugin.place import fetch
from hmi.drivers.process import host
from hmi.drivers.process.host import DriverProcess
from hmi.drivers.process.hosted import HostedDriver
from hmi.drivers.registry import available
from tests.helpers_drivers.wild import place_of, plugin

pytestmark = pytest.mark.usefixtures("told")


@pytest.fixture
def told(expect_log):
    expect_log("driver process ended", "the tests end it", required=False)


class Rig:
    """Connections of the wild driver in one process."""

    def __init__(self, folder: Path) -> None:
        place = place_of(plugin(folder))
        self.process = DriverProcess("rig", SystemClock(), Random(1), Backoff(0.05, cap=0.1))
        self.driver = HostedDriver(fetch(place), place, lambda _: self.process)
        self.jobs: list[asyncio.Task[None]] = []

    def start(self, endpoint: str = "calm", clock: Clock | None = None, **secrets: str):
        address = self.driver.parse_address("a", TagType.FLOAT)
        points = (Point(1, "a", address, TagType.FLOAT, 0.1, writable=True),)
        options = self.driver.parse_options(endpoint, {})
        spec = ConnectionSpec(endpoint, endpoint, options, points, True, secrets)
        recorder = Recorder()
        connection = self.driver.connect(spec, recorder, clock or SystemClock())
        self.jobs.append(asyncio.create_task(connection.run()))
        return connection, recorder, points[0]

    async def stop(self) -> None:
        for job in self.jobs:
            job.cancel()
        await asyncio.gather(*self.jobs, return_exceptions=True)


@pytest.fixture
async def rig(tmp_path):
    rig = Rig(tmp_path / "plugins")
    yield rig
    await rig.stop()
    assert rig.process.pid is None


def up(recorder: Recorder, times: int = 1):
    return lambda: recorder.count_of(LinkState.UP) == times


async def test_a_crash_is_one_event_and_the_process_returns(rig):
    _, recorder, _ = rig.start()
    await recorder.until(up(recorder), "It never came up.")
    first = rig.process.pid
    os.kill(first, signal.SIGKILL)
    await recorder.until(up(recorder, 2), "It never returned.")
    assert [state for state, _ in recorder.states] == [
        LinkState.CONNECTING,
        LinkState.UP,
        LinkState.DOWN,
        LinkState.UP,
    ]
    assert "died (signal 9). It is started again in" in recorder.states[2][1]
    assert recorder.counters["process_restarts"] == 1
    await recorder.until(lambda: recorder.last(1)[0] == rig.process.pid != first, "No value of the new process came.")


async def test_a_write_during_which_the_process_dies_is_unknown_and_not_repeated(rig):
    connection, recorder, point = rig.start()
    await recorder.until(up(recorder), "It never came up.")
    result = await connection.write(point, 1.0)
    assert result.outcome is WriteOutcome.UNKNOWN
    assert "before the device confirmed" in result.text
    await recorder.until(up(recorder, 2), "It never returned: was the write sent again?")
    assert (await connection.write(point, 5.0)).outcome is WriteOutcome.DONE
    assert recorder.counters["process_restarts"] == 1


async def test_a_driver_that_fails_in_a_write_leaves_it_unknown(rig):
    connection, recorder, point = rig.start()
    await recorder.until(up(recorder), "It never came up.")
    assert (await connection.write(point, 3.0)).outcome is WriteOutcome.UNKNOWN


async def test_without_its_process_nothing_is_written_and_reads_are_bad(rig):
    connection, recorder, point = rig.start()
    await recorder.until(up(recorder), "It never came up.")
    os.kill(rig.process.pid, signal.SIGKILL)
    await recorder.until(lambda: recorder.count_of(LinkState.DOWN) == 1, "The loss was never noticed.")
    assert (await connection.write(point, 5.0)).outcome is WriteOutcome.REFUSED
    [sample] = await connection.read([point])
    assert is_bad(sample.status)


async def test_a_process_that_hangs_is_killed_and_started_again(rig, monkeypatch):
    monkeypatch.setattr(host, "SILENT", 1.5)
    _, recorder, _ = rig.start()
    await recorder.until(up(recorder), "It never came up.")
    os.kill(rig.process.pid, signal.SIGSTOP)
    await recorder.until(up(recorder, 2), "It never returned.")
    assert "did not answer and was ended" in recorder.states[2][1]


class Behind(SystemClock):
    """A station's clock as it was two seconds ago: what it sends has waited so long when it arrives."""

    def now(self) -> Instants:
        now = super().now()
        return Instants(now.mono - 2 * SECOND, now.utc)


async def test_a_command_that_waited_in_a_process_that_hung_is_not_sent(rig):
    connection, recorder, point = rig.start(clock=Behind())
    await recorder.until(up(recorder), "It never came up.")
    result = await connection.write(point, 1.0)  # would end the process
    assert result.outcome is WriteOutcome.REFUSED
    assert "nothing was sent" in result.text


async def test_a_hang_in_connect_switches_that_connection_off_and_the_others_return(rig, monkeypatch):
    monkeypatch.setattr(host, "SILENT", 1.5)
    _, calm, _ = rig.start("calm")
    await calm.until(up(calm), "It never came up.")
    _, hanging, _ = rig.start("hang")
    await hanging.until(lambda: hanging.count_of(LinkState.OFF) == 1, "It was never switched off.")
    assert hanging.states[-1][1].startswith("The driver of hang hangs when it makes the connection. Restart")
    await calm.until(up(calm, 2), "The other one never returned.")
    assert hanging.count_of(LinkState.UP) == 0


async def test_a_driver_that_ends_its_process_in_connect_is_switched_off_after_three_times(rig):
    _, dying, _ = rig.start("die")
    await dying.until(lambda: dying.count_of(LinkState.OFF) == 1, "It was never switched off.")
    assert dying.counters["process_restarts"] == 3
    assert "ends its process when it makes the connection" in dying.states[-1][1]


@pytest.mark.parametrize(("endpoint", "fault"), [("exit", "SystemExit: no licence"), ("fail", "ZeroDivisionError")])
async def test_a_driver_that_fails_is_switched_off_alone(rig, endpoint, fault):
    _, calm, _ = rig.start("calm")
    _, failing, _ = rig.start(endpoint)
    await failing.until(lambda: failing.count_of(LinkState.OFF) == 1, "It was never switched off.")
    assert fault in failing.states[-1][1]
    await calm.until(up(calm), "The other one never came up.")
    assert calm.count_of(LinkState.DOWN) == 0


@pytest.fixture
async def simulated():
    """A device with a directory, whose driver takes other points while it runs, in a process."""
    place = available()["simulator"].place
    process = DriverProcess("sim", SystemClock(), Random(1), Backoff(0.05, cap=0.1))
    driver = HostedDriver(fetch(place), place, lambda _: process)
    recorder = Recorder()
    spec = ConnectionSpec("sim", "simulator", driver.parse_options("simulator", {}), named(driver, "a"), True)
    connection = driver.connect(spec, recorder, SystemClock())
    job = asyncio.create_task(connection.run())
    await recorder.until(lambda: bool(recorder.rows(1)), "No value came.")
    yield driver, connection, recorder
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)


def named(driver, *names):
    parse = driver.parse_address
    return tuple(
        Point(n, name, parse(f"memory:{name}", TagType.FLOAT), TagType.FLOAT, 0.05, writable=True)
        for n, name in enumerate(names, 1)
    )


async def test_a_directory_is_looked_through_from_afar(simulated):
    driver, connection, _ = simulated
    await connection.write(named(driver, "a")[0], 1.0)
    assert [item.node for item in await connection.browse("")] == ["signals", "csv", "memory"]
    [item] = await connection.browse("memory")
    assert (item.address, item.type, item.writable) == ("memory:a", TagType.FLOAT, True)
    with pytest.raises(AddressError, match="There is no 'nowhere' here"):
        await connection.browse("nowhere")


async def test_other_points_reach_the_driver_and_those_that_stay_are_left_alone(simulated):
    driver, connection, recorder = simulated
    await connection.repoint(named(driver, "a", "b"))
    await recorder.until(lambda: bool(recorder.rows(2)), "The new point was never told.")
    assert len(recorder.rows(1)) == 1
    assert recorder.count_of(LinkState.UP) == 1


async def test_a_driver_that_takes_no_other_points_is_connected_anew_in_its_process(rig):
    connection, recorder, point = rig.start()
    await recorder.until(lambda: bool(recorder.rows(1)), "No value came.")
    pid = rig.process.pid
    await connection.repoint((point, replace(point, tag=2)))
    await recorder.until(lambda: bool(recorder.rows(2)), "The new point was never told.")
    assert rig.process.pid == pid


async def test_what_a_driver_does_not_have_is_a_sentence(rig):
    connection, recorder, _ = rig.start()
    await recorder.until(up(recorder), "It never came up.")
    with pytest.raises(AddressError, match="calm has no directory"):
        await connection.browse("")
    refused = await connection.acknowledge("key", "event", "ann", "")
    assert refused.outcome is WriteOutcome.REFUSED
    assert "takes no acknowledgements" in refused.text


async def test_connections_of_one_name_share_a_process_and_leave_one_by_one(rig):
    _, one, _ = rig.start("one")
    _, two, _ = rig.start("two")
    await one.until(lambda: bool(one.rows(1)), "No value came.")
    await two.until(lambda: bool(two.rows(1)), "No value came.")
    assert one.last(1) == two.last(1) == (float(rig.process.pid), 0)
    rig.jobs[0].cancel()
    await asyncio.gather(rig.jobs[0], return_exceptions=True)
    assert rig.process.pid is not None


async def test_secrets_cross_the_pipe_and_stand_in_no_command_line(rig):
    connection, recorder, point = rig.start("calm", password="squeamish")
    await recorder.until(up(recorder), "It never came up.")
    assert [s.value for s in await connection.read([point])] == [1.0]
    assert "squeamish" not in visible(rig.process.pid)


def visible(pid: int) -> str:
    """What any user of the machine, or the same one, sees of a process: its command line and its environment."""
    return "".join(Path(f"/proc/{pid}/{file}").read_text("utf-8", "replace") for file in ("cmdline", "environ"))


STATION = """
import asyncio, sys
from pathlib import Path
from tests.integration.drivers.process.test_driver_process import Rig

async def main():
    rig = Rig(Path(sys.argv[1]))
    _, recorder, _ = rig.start()
    await recorder.until(lambda: bool(recorder.rows(1)), "No value came.")
    print(rig.process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def orphaned(folder: Path) -> int:
    """A descriptor of a driver process whose station was killed a moment ago."""
    command = [sys.executable, "-c", STATION, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as station:
        assert station.stdout is not None
        watch = os.pidfd_open(int(station.stdout.readline()))
        station.kill()
    return watch


async def test_a_driver_process_ends_with_a_station_that_is_killed(tmp_path):
    watch = orphaned(tmp_path / "plugins")
    try:
        ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(watch, ended.set)
        async with asyncio.timeout(10):
            await ended.wait()
    finally:
        asyncio.get_running_loop().remove_reader(watch)
        os.close(watch)
