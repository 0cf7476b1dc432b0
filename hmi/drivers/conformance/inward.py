"""Checks of a driver without a device outside, e.g. one that looks at the station's own computer.

Nothing there dies, is set by a test or is written, so these take the place of the checks that do that.
"""

from __future__ import annotations

import time

from hmi.core.quality import is_bad, is_good
from hmi.drivers.api import LinkState, WriteOutcome
from hmi.drivers.conformance.harness import MISSING, NUMBER, Harness, points_of, running, spec_of
from hmi.drivers.conformance.recorder import Recorder, SystemClock, require


async def check_looks(harness: Harness) -> None:
    """Values come by themselves, with status and stamps; what is not there is Bad."""
    recorder = Recorder()
    async with running(harness, recorder, spec_of(harness, points_of(harness))):
        await recorder.until(lambda: bool(is_good(recorder.last(NUMBER)[1])), "No Good value ever came.")
        await recorder.until(lambda: bool(recorder.rows(MISSING)), "A missing address was never told.")
        require(bool(is_bad(recorder.last(MISSING)[1])), "A missing address must become Bad.")
        seen = len(recorder.rows(NUMBER))
        await recorder.until(
            lambda: len(recorder.rows(NUMBER)) > seen or any(NUMBER in tags for tags in recorder.alive_tags),
            "It was told once and never again.",
        )
        now = time.time_ns()
        require(all(abs(now - t) < 3600 * 10**9 for _, _, t in recorder.rows(NUMBER)), "Stamps must be UTC ns.")
        require([s for s, _ in recorder.states] == [LinkState.CONNECTING, LinkState.UP], "States: connecting, up.")


async def check_looks_afresh(harness: Harness) -> None:
    """Reads one sample a point, and writes nothing."""
    recorder, points = Recorder(), points_of(harness)
    idle = harness.driver.connect(spec_of(harness, points), Recorder(), SystemClock())
    samples = await idle.read(points)
    require([bool(is_bad(s.status)) for s in samples] == [True] * len(points), "Without a link every read is Bad.")
    require((await idle.write(points[0], 1.0)).outcome is WriteOutcome.REFUSED, "Without a link a write is refused.")
    async with running(harness, recorder, spec_of(harness, points)) as connection:
        await recorder.until(lambda: bool(is_good(recorder.last(NUMBER)[1])), "No Good value ever came.")
        first, missing, *_ = await connection.read(points)
        require(bool(is_good(first.status)), f"read gave {first}.")
        require(bool(is_bad(missing.status)), "A missing address reads Bad.")
        require(len(await connection.read([points[0], points[0]])) == 2, "The same point may be read twice at once.")
        refused = await connection.write(points[0], 1.0)
        require(refused.outcome is WriteOutcome.REFUSED and bool(refused.text), "There is nothing to write.")
