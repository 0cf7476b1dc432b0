"""Samples gathered for a moment and delivered as columns."""

import asyncio
import math

from hmi.core.instants import Instants
from hmi.core.quality import Status
from hmi.drivers.broker.outbox import Outbox
from hmi.drivers.conformance import Recorder, SystemClock

NOW = Instants(10, 20)


async def test_samples_of_a_moment_come_together_and_in_order():
    sink = Recorder()
    outbox = Outbox(sink, SystemClock())
    outbox.add(1, 5, 1.5, Status.GOOD, NOW)
    outbox.add(2, 6, "text", Status.GOOD, NOW)
    outbox.add(1, 7, math.inf, Status.GOOD, NOW)
    outbox.add_old(1, 3, 0.5, Status.GOOD, NOW)
    assert sink.batches == []
    await sink.until(lambda: len(sink.batches) == 2, "nothing was delivered")
    old, live = sink.batches
    assert old.backfill
    assert not live.backfill
    assert sink.rows(2) == [("text", 0, 6)]
    assert [row[1:] for row in sink.rows(1)] == [(0, 3), (0, 5), (Status.BAD_OUT_OF_RANGE, 7)]
    assert live.received.tolist() == [10, 10, 10]


async def test_what_is_dropped_never_comes():
    sink = Recorder()
    outbox = Outbox(sink, SystemClock())
    outbox.add(1, 5, 1.5, Status.GOOD, NOW)
    outbox.drop()
    outbox.flush()
    await asyncio.sleep(0)
    assert sink.batches == []
