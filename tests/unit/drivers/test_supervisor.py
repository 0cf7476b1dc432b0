"""One event an outage, whatever the number of attempts; nothing is left behind."""

import asyncio
from random import Random

import pytest

from hmi.core.instants import SECOND, Instants
from hmi.drivers.api import LinkState
from hmi.drivers.backoff import Backoff
from hmi.drivers.conformance import Recorder
from hmi.drivers.supervisor import Link, LinkLostError, keep_connected, until_one_ends


class HandClock:
    def __init__(self):
        self.mono = 0

    def now(self):
        return Instants(self.mono, self.mono)


class FinishedError(Exception):
    """Ends `keep_connected`, which has no end."""


async def run(script, backoff=None):
    """Runs attempts: 'no' fails, 'up' connects and is lost at once, a number holds for so many seconds."""
    sink, clock = Recorder(), HandClock()
    link = Link("plc", sink, clock)
    steps = iter(script)

    async def attempt():
        step = next(steps, None)
        if step is None:
            raise FinishedError
        if step != "no":
            link.up()
            clock.mono += int(SECOND * (0 if step == "up" else step))
        raise LinkLostError(f"plc: {step}.")

    with pytest.raises(FinishedError):
        await keep_connected(link, attempt, clock, sink, backoff or Backoff(first=0), Random(1))
    return sink


async def test_an_outage_is_one_event():
    sink = await run(["no", "no", "up", "no", "no", "up"])
    told = [state for state, _ in sink.states]
    assert told == [LinkState.CONNECTING, LinkState.DOWN, LinkState.UP, LinkState.DOWN, LinkState.UP, LinkState.DOWN]
    assert sink.counters == {"failed_attempts": 4, "losses": 2, "reconnects": 1}


async def test_the_first_reason_is_told():
    sink = await run(["no", "up"])
    assert sink.states[1] == (LinkState.DOWN, "plc: no.")


async def test_a_link_that_held_waits_short_again_and_a_flapping_one_does_not(monkeypatch):
    waits = []

    async def sleep(delay):
        waits.append(delay)

    monkeypatch.setattr("hmi.drivers.supervisor.asyncio.sleep", sleep)
    await run(["no", "up", "up", 60, "no"], Backoff(first=1, cap=100, spread=0))
    assert waits == [1, 2, 4, 1, 2]


async def test_until_one_ends_stops_the_others_and_passes_the_error_on():
    ended = []

    async def forever():
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("other")

    async def fail():
        raise LinkLostError("gone.")

    with pytest.raises(LinkLostError, match="gone"):
        await until_one_ends(forever(), fail())
    assert ended == ["other"]


async def test_until_one_ends_is_cancelled_whole():
    job = asyncio.ensure_future(until_one_ends(asyncio.Event().wait(), asyncio.Event().wait()))
    await asyncio.sleep(0)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert asyncio.all_tasks() == {asyncio.current_task()}
