"""Checks of a driver whose device works: facts, values, reads, writes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from hmi.core.quality import is_bad, is_good
from hmi.core.tag import TagType
from hmi.drivers.api import API_VERSION, AddressError, Driver, LinkState, WriteOutcome
from hmi.drivers.conformance.harness import MISSING, NUMBER, TEXT, Harness, points_of, running, spec_of
from hmi.drivers.conformance.recorder import Recorder, SystemClock, require


async def check_facts(harness: Harness) -> None:
    """Name, API version, addresses and options."""
    driver, sites = harness.driver, harness.sites
    require(isinstance(driver, Driver), "It does not have the shape of a Driver.")
    require(driver.api_version == API_VERSION, "It was written for another API version.")
    address = driver.parse_address(sites.number, TagType.FLOAT)
    require(hash(address) == hash(driver.parse_address(sites.number, TagType.FLOAT)), "Addresses must be hashable.")
    for text in sites.wrong:
        _refuses(partial(driver.parse_address, text, TagType.FLOAT), f"The address {text!r} was accepted.")
    for options in sites.wrong_options:
        _refuses(partial(driver.parse_options, harness.endpoint, options), f"The options {options!r} were accepted.")
    _refuses(partial(driver.parse_options, "nonsense://", {}), "A nonsensical endpoint was accepted.")


def _refuses(call: Callable[[], object], sentence: str) -> None:
    try:
        call()
    except AddressError as fault:
        require(bool(fault.what and fault.do), "A refusal must say what is wrong and what is right.")
        return
    require(False, sentence)


async def check_values(harness: Harness) -> None:
    """Connects, delivers values with status and stamps, reports what is missing and stays alive."""
    recorder, number = Recorder(), harness.sites.number
    await harness.put(number, 11.0)
    async with running(harness, recorder, spec_of(harness, points_of(harness))):
        await recorder.until(lambda: recorder.is_good(NUMBER, 11.0), "The first value never came.")
        await recorder.until(lambda: bool(recorder.rows(MISSING)), "A missing address was never told.")
        require(bool(is_bad(recorder.last(MISSING)[1])), "A missing address must become Bad.")
        await harness.put(number, 12.0)
        await recorder.until(lambda: recorder.is_good(NUMBER, 12.0), "A change never came.")
        if harness.sites.text:
            await harness.put(harness.sites.text, "abc")
            await recorder.until(lambda: recorder.is_good(TEXT, "abc"), "A text never came.")
        recorder.alive_tags.clear()
        await recorder.until(lambda: any(NUMBER in tags for tags in recorder.alive_tags), "Quiet tags must be alive.")
        now = time.time_ns()
        require(all(abs(now - t) < 3600 * 10**9 for _, _, t in recorder.rows(NUMBER)), "Stamps must be UTC ns.")
        require([s for s, _ in recorder.states] == [LinkState.CONNECTING, LinkState.UP], "States: connecting, up.")
    _in_order(recorder)


def _in_order(recorder: Recorder) -> None:
    received = [int(t) for batch in recorder.batches for t in batch.received]
    require(received == sorted(received), "Rows must come in the order in which they were received.")


async def check_read(harness: Harness) -> None:
    """Reads afresh, one sample a point, also while nothing runs."""
    recorder, points = Recorder(), points_of(harness)
    await harness.put(harness.sites.number, 21.0)
    idle = harness.driver.connect(spec_of(harness, points), Recorder(), SystemClock())
    samples = await idle.read(points)
    require([bool(is_bad(s.status)) for s in samples] == [True] * len(points), "Without a link every read is Bad.")
    async with running(harness, recorder, spec_of(harness, points)) as connection:
        await recorder.until(lambda: recorder.is_good(NUMBER, 21.0), "The first value never came.")
        first, missing, *_ = await connection.read(points)
        require((first.value, bool(is_good(first.status))) == (21.0, True), f"read gave {first}.")
        require(bool(is_bad(missing.status)), "A missing address reads Bad.")
        twice = await connection.read([points[0], points[0]])
        require([s.value for s in twice] == [21.0, 21.0], "The same point may be read twice at once.")


async def check_write(harness: Harness) -> None:
    """Writes exactly once what is allowed, and nothing else."""
    recorder, points, number = Recorder(), points_of(harness), harness.sites.number
    idle = harness.driver.connect(spec_of(harness, points), Recorder(), SystemClock())
    require((await idle.write(points[0], 1.0)).outcome is WriteOutcome.REFUSED, "Without a link a write is refused.")
    async with running(harness, recorder, spec_of(harness, points)) as connection:
        await recorder.until(lambda: recorder.count_of(LinkState.UP) == 1, "It never connected.")
        result = await connection.write(points[0], 31.0)
        require(result.outcome is WriteOutcome.DONE, f"The write was not done: {result}.")
        await recorder.until(lambda: recorder.is_good(NUMBER, 31.0), "The written value never came back.")
        locked = replace(points[0], writable=False)
        require((await connection.write(locked, 32.0)).outcome is WriteOutcome.REFUSED, "A read-only tag was written.")
        refused = await connection.write(points[0], math.nan)
        require(refused.outcome is WriteOutcome.REFUSED and bool(refused.text), "NaN must be refused with a sentence.")
    require(await harness.writes(number) == [31.0], f"The device saw {await harness.writes(number)}, not one write.")
    closed = spec_of(harness, points, writes_enabled=False)
    async with running(harness, other := Recorder(), closed) as connection:
        await other.until(lambda: other.count_of(LinkState.UP) == 1, "It never connected.")
        require((await connection.write(points[0], 33.0)).outcome is WriteOutcome.REFUSED, "Writes are switched off.")
    require(await harness.writes(number) == [31.0], "A write came through although writes are off.")
