import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from hmi.core.batch import EMPTY
from hmi.core.instants import SECOND
from hmi.historian.api import Delays, StoreError, StoreInfo
from hmi.link.server import StationFacts
from hmi.station.links import Link
from hmi.station.status import StatusBoard

from .fakes import FakeClock, FakeConnection, link

FACTS = StationFacts("s", "Line", "r", "active", "UTC", "", view_without_sign_in=False)


class Idle:
    """A scanner that has not scanned."""

    scans = late = 0

    def percentiles(self) -> tuple[float, float]:
        return 0.0, 0.0


def info(samples: int) -> StoreInfo:
    return StoreInfo("x", samples, 0, None, None, 0, 0, 0)


def board(clock: FakeClock, read: Callable[[], StoreInfo], links: dict[str, Link] | None = None) -> StatusBoard:
    scanner: Any = Idle()
    return StatusBoard(FACTS, {} if links is None else links, scanner, lambda: EMPTY, dict, read, clock.now(), deque())


def test_the_report_tells_how_far_the_disk_is_behind() -> None:
    clock = FakeClock()
    stored = StoreInfo("x", 1, 0, None, None, 0, 0, 0, Delays(4.0, 812.0, 350.0))
    history = board(clock, lambda: stored).report(clock.now()).history
    figures = [history[name] for name in ("commit_p99_ms", "store_p95_ms", "oldest_waiting_ms")]
    assert figures == [4.0, 812.0, 350.0]


def test_a_connection_that_is_no_more_takes_nothing_from_what_was_dropped() -> None:
    clock = FakeClock()
    links = {name: link(FakeConnection(), clock) for name in ("a", "b")}
    status = board(clock, lambda: info(1), links)
    links["a"].intake.count("dropped", 100)
    assert status.load().dropped == 100
    del links["a"]
    assert status.load().dropped == 100
    links["b"].intake.count("dropped", 3)
    assert status.load().dropped == 103, "what is really dropped must not be hidden by what has gone"


def test_a_connection_that_begins_anew_has_no_negative_rate() -> None:
    clock = FakeClock()
    links = {"plc": link(FakeConnection(), clock)}
    status = board(clock, lambda: info(1), links)
    for samples in (1000, 2000, 5):
        links["plc"].intake.samples = samples
        status.note_rates(clock.now())
        clock.mono += SECOND
    assert status.report(clock.now()).connections[0].changes_per_second == 0.0


async def end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_report_is_made_while_the_disk_hangs_and_tells_how_old_its_figures_are() -> None:
    clock, goes_on, asked = FakeClock(), threading.Event(), threading.Event()
    goes_on.set()

    def read() -> StoreInfo:
        asked.set()
        goes_on.wait()
        return info(1)

    status = board(clock, read)
    goes_on.clear()
    asked.clear()
    following = asyncio.create_task(status.follow_history(clock))
    await asyncio.to_thread(asked.wait)
    clock.mono += 3 * SECOND
    history = status.report(clock.now()).history
    assert (history["samples"], history["age_s"]) == (1, 3.0)
    goes_on.set()
    await end(following)


async def test_a_store_that_cannot_be_read_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hmi.station.status.HISTORY_EVERY", 0)
    clock, done, loop = FakeClock(), asyncio.Event(), asyncio.get_running_loop()
    asked = 0

    def read() -> StoreInfo:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise StoreError("No.")
        if asked == 4:
            loop.call_soon_threadsafe(done.set)
        return info(asked)

    status = board(clock, read)
    following = asyncio.create_task(status.follow_history(clock))
    await done.wait()
    assert status.report(clock.now()).history["samples"] in (3, 4, 5)
    await end(following)
