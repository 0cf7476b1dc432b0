"""Checks of a driver whose device dies, is absent or talks rubbish, and of a station that stops."""

from __future__ import annotations

import asyncio
import time

from hmi.core.quality import is_bad, is_good
from hmi.drivers.api import LinkState, WriteOutcome
from hmi.drivers.conformance.harness import NUMBER, Harness, points_of, running, spec_of
from hmi.drivers.conformance.recorder import Recorder, require


async def check_restart(harness: Harness) -> None:
    """A device that dies and returns is one event, and its values are Good again by themselves."""
    recorder = Recorder()
    await harness.put(harness.sites.number, 41.0)
    async with running(harness, recorder, spec_of(harness, points_of(harness))) as connection:
        await recorder.until(lambda: recorder.is_good(NUMBER, 41.0), "The first value never came.")
        await harness.kill()
        await recorder.until(lambda: recorder.count_of(LinkState.DOWN) == 1, "The loss was never noticed.")
        seen, died = len(recorder.rows(NUMBER)), time.time_ns()
        (sample,) = await connection.read(points_of(harness)[:1])
        require(bool(is_bad(sample.status)), "A read from a dead device is Bad.")
        outcome = (await connection.write(points_of(harness)[0], 1.0)).outcome
        require(outcome is WriteOutcome.REFUSED, "A write to a device known to be dead is refused, not kept.")
        alive = len(recorder.alive_tags)
        await recorder.until(
            lambda: recorder.counters["failed_attempts"] >= 1 or recorder.count_of(LinkState.UP) > 1, "?"
        )
        require(len(recorder.alive_tags) == alive, "Nothing that is dead is alive.")
        await harness.start()
        await harness.put(harness.sites.number, 41.0)
        await recorder.until(lambda: recorder.count_of(LinkState.UP) == 2, "It never reconnected.")
        await recorder.until(
            lambda: any(r[0] == 41.0 and is_good(r[1]) and r[2] >= died for r in recorder.rows(NUMBER)[seen:]),
            "The unchanged value must be delivered again, stamped after the outage.",
        )
        told = [state for state, _ in recorder.states]
        expected = [LinkState.CONNECTING, LinkState.UP, LinkState.DOWN, LinkState.UP]
        require(told == expected, f"An outage is one event, not {told}.")
        require(await harness.writes(harness.sites.number) == [], "A write was sent late.")


async def check_absent(harness: Harness) -> None:
    """A device that is not there at the start is one event; it is found when it comes."""
    recorder = Recorder()
    await harness.kill()
    async with running(harness, recorder, spec_of(harness, points_of(harness))):
        await recorder.until(lambda: recorder.count_of(LinkState.DOWN) == 1, "The absence was never told.")
        require(bool(recorder.states[-1][1]), "The reason must be a sentence.")
        await harness.start()
        await harness.put(harness.sites.number, 51.0)
        await recorder.until(lambda: recorder.is_good(NUMBER, 51.0), "It was never found.")
        require(recorder.count_of(LinkState.DOWN) == 1, "An outage is one event.")


async def check_garbage(harness: Harness) -> None:
    """Garbage from the device ends the link, not the driver, and is never taken for a value."""
    recorder = Recorder()
    await harness.put(harness.sites.number, 61.0)
    async with running(harness, recorder, spec_of(harness, points_of(harness))):
        await recorder.until(lambda: recorder.is_good(NUMBER, 61.0), "The first value never came.")
        await harness.garble()
        await recorder.until(lambda: recorder.count_of(LinkState.DOWN) >= 1, "Garbage must end the link.")
        await harness.kill()
        good = {r[0] for r in recorder.rows(NUMBER) if is_good(r[1])}
        require(good == {61.0}, f"Garbage was taken for values: {good}.")
        await harness.start()
        await harness.put(harness.sites.number, 62.0)
        await recorder.until(lambda: recorder.is_good(NUMBER, 62.0), "It did not recover from garbage.")


async def check_cancel(harness: Harness) -> None:
    """A cancelled run ends at once at any moment, leaves nothing and delivers nothing more."""
    for moment in (0, 1, 3, 10, 40):
        recorder = Recorder()
        async with running(harness, recorder, spec_of(harness, points_of(harness))):
            for _ in range(moment):
                await asyncio.sleep(0)
        await _settle()
        require(recorder.late == 0, "It delivered after its cancellation.")
    recorder = Recorder()
    async with running(harness, recorder, spec_of(harness, points_of(harness))):
        await recorder.until(lambda: recorder.count_of(LinkState.UP) == 1, "It never connected.")
    await _settle()
    require(recorder.late == 0, "It delivered after its cancellation.")


async def _settle() -> None:
    """Lets callbacks that are already due run."""
    for _ in range(20):
        await asyncio.sleep(0)
