"""What history policies kept back reaches the store: at the stop, and after a crash before its gap is marked."""

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from hmi.core.actions import Action, Lost, SetValue
from hmi.core.batch import Batch, batch_of
from hmi.core.clock_offset import WINDOW, ClockOffset
from hmi.core.effects import Effects, Transition
from hmi.core.engine import Engine, TagEntry
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.core.tag import ConnectionSource, History, Tag, TagType
from hmi.historian.health import HealthEvent, HealthKind
from hmi.station.heartbeats import Heartbeats
from hmi.station.overload import Load
from hmi.station.pump import Pump, Wiring
from hmi.station.records import Records
from hmi.station.system_tags import (
    HISTORY_PATH,
    KEEPING_UP_PATH,
    PROJECT_PATH,
    clock_path,
    connection_path,
    running_path,
)

from .fakes import FakeClock

DOOR = Tag(
    uid="d",
    path="line/door",
    type=TagType.FLOAT,
    source=ConnectionSource("plc", "a"),
    scan=1000,
    history=History(swinging_door=1.0),
)
ALIVE = 5 * SECOND
"""Seconds of the fake clock's UTC."""


class FakeStore:
    """Notes in which order it was used; alive until `ALIVE`."""

    closed_in_order = True

    def __init__(self) -> None:
        self.rows: list[tuple[int, float, int]] = []
        self.flushed = 0

    def append(self, batch: Batch) -> None:
        self.rows += zip(batch.time.tolist(), batch.value.tolist(), batch.status.tolist(), strict=True)

    def flush(self, _: float) -> None:
        self.flushed = len(self.rows)

    def recovered(self) -> int:
        return ALIVE

    def reader(self) -> Any:
        return SimpleNamespace(later=lambda _: {}, close=lambda: None)


class FakeRecords:
    """Keeps the state saved last."""

    def __init__(self, state: str | None) -> None:
        self.state = state

    def note(self, kind: str, source: str, text: str) -> None:
        return None

    def retained(self) -> tuple[Any, list[Transition]] | None:
        return None if self.state is None else (json.loads(self.state), [])

    def scan(self, transitions: Sequence[Transition], state: Any, rows: object) -> Future[None]:
        self.state = json.dumps(state)
        done: Future[None] = Future()
        done.set_result(None)
        return done


def build(state: str | None) -> tuple[Pump, Engine, FakeStore, FakeRecords]:
    engine, store, records = Engine.build([TagEntry(1, DOOR)], 1), FakeStore(), FakeRecords(state)
    table = SimpleNamespace(tags={1: DOOR}, id_of={HISTORY_PATH: 2, PROJECT_PATH: 3, KEEPING_UP_PATH: 9})
    posted: list[Action] = []
    scanner = SimpleNamespace(scan=lambda: None, post=posted.append)
    parts: Any = SimpleNamespace(
        engine=engine, table=table, store=store, records=records, scanner=scanner, board=SimpleNamespace(stored=0)
    )
    pump = Pump(FakeClock())
    pump.attach(
        Wiring(
            engine,
            parts.table,
            parts.store,
            parts.records,
            *[parts] * 5,
            parts.scanner,
            parts.board,
            links={},
            heartbeats=parts,
            turned_away=parts,
        )
    )
    return pump, engine, store, records


def feed(engine: Engine, *seconds: int) -> None:
    """Samples with these stamps, each as soon as it is measured, but none later than `ALIVE`."""
    for second in seconds:
        time = second * SECOND
        now = Instants(min(time, ALIVE), min(time, ALIVE))
        engine.step(now, batch_of([1], [time], [now.mono], [float(second)], [0]), ())


@pytest.fixture
def crashed() -> str:
    """The state saved before a crash: the last sample is held, and its device's clock is ahead."""
    engine = Engine.build([TagEntry(1, DOOR)], 1)
    feed(engine, 1, 6)
    return json.dumps(engine.save())


async def test_what_is_held_is_stored_before_the_last_flush() -> None:
    pump, engine, store, records = build(None)
    feed(engine, 1, 2, 3)
    await pump.stop()
    assert store.rows == [(3 * SECOND, 3.0, 0)]
    assert store.flushed == 1
    assert records.state is not None
    fresh = Engine.build([TagEntry(1, DOOR)], 1)
    fresh.restore(json.loads(records.state), FakeClock().now())
    assert not len(fresh.finish()), "it would be stored twice"


def test_what_was_held_at_a_crash_is_stored_and_the_gap_follows_it(crashed: str) -> None:
    pump, _, store, _ = build(crashed)
    pump.start([], project_valid=True)
    [held, gap] = store.rows
    assert held == (6 * SECOND, 6.0, 0)
    assert (gap[0], gap[2]) == (6 * SECOND + 1, Status.BAD_NO_DATA)


def test_a_lost_connection_is_told_to_the_engine_with_its_tags() -> None:
    posted: list[Action] = []
    table = SimpleNamespace(tags={1: DOOR}, id_of={"system/plc/connected": 2})
    parts: Any = SimpleNamespace(table=table, records=FakeRecords(None), scanner=SimpleNamespace(post=posted.append))
    pump = Pump(FakeClock())
    pump.attach(
        Wiring(
            parts,
            table,
            parts,
            parts.records,
            *[parts] * 5,
            parts.scanner,
            parts,
            links={"plc": cast("Any", SimpleNamespace(points={1: None}))},
            heartbeats=parts,
            turned_away=parts,
        )
    )
    pump.connection_event("connection-up", "plc", "plc: connected.")
    assert not [action for action in posted if isinstance(action, Lost)]
    pump.connection_event("connection-down", "plc", "plc: gone.")
    (lost,) = (action for action in posted if isinstance(action, Lost))
    assert (lost.tags.tolist(), lost.mono) == ([1], FakeClock().now().mono)


def writing(*told: tuple[str, HealthKind], before_start: bool = False) -> list[float]:
    """What the tag that tells whether history is written is set to, by what the stores tell."""
    posted: list[Action] = []
    table = SimpleNamespace(tags={}, id_of={HISTORY_PATH: 2, PROJECT_PATH: 3, KEEPING_UP_PATH: 9})
    store = SimpleNamespace(append=lambda _: None, recovered=lambda: None)
    parts: Any = SimpleNamespace(records=FakeRecords(None), scanner=SimpleNamespace(post=posted.append))
    pump = Pump(FakeClock())
    wiring = Wiring(
        Engine.build([], 1), *[parts] * 8, parts.scanner, parts, links={}, heartbeats=parts, turned_away=parts
    )
    wiring = replace(wiring, table=table, store=store, records=parts.records)  # type: ignore[arg-type]  # stand-ins
    if not before_start:
        pump.attach(wiring)
    for name, kind in told:
        pump.health(name, HealthEvent(kind, 0, ""))
    if before_start:
        pump.attach(wiring)
        pump.start([], project_valid=True)
    return [action.value for action in posted if isinstance(action, SetValue) and action.tag == 2]  # type: ignore[misc]  # a number


def test_history_is_written_only_while_every_store_writes() -> None:
    down, up = HealthKind.STALLED, HealthKind.RESUMED
    told = [("samples", down), ("events", down), ("events", up), ("samples", HealthKind.PRUNED), ("samples", up)]
    assert writing(*told) == [0.0, 0.0, 0.0, 1.0]


def test_a_store_that_stalled_before_the_start_is_not_taken_for_one_that_writes() -> None:
    assert writing(("events", HealthKind.STALLED), before_start=True) == [0.0]
    assert writing(before_start=True) == [1.0]


async def test_a_device_that_has_not_come_since_the_start_is_waited_for_as_long_as_its_tags() -> None:
    clock, posted = FakeClock(), list[Action]()
    connected = connection_path("plc")
    nothing: Any = SimpleNamespace(
        append=lambda _: None,
        recovered=lambda: None,
        mark_alive=lambda _: None,
        note_rates=lambda _: None,
        refresh_rights=lambda: None,
        settle=lambda: None,
        post=posted.append,
        scans=0,
        load=lambda: Load(0, 0, 0),
        tags={},
        id_of={HISTORY_PATH: 2, PROJECT_PATH: 3, KEEPING_UP_PATH: 9, connected: 4},
    )
    engine, records = Engine.build([], 1), cast("Records", FakeRecords(None))
    pump = Pump(clock)
    link: Any = SimpleNamespace(intake=SimpleNamespace(clock_offset=ClockOffset()))
    pump.attach(
        Wiring(
            engine,
            nothing,
            nothing,
            records,
            *[nothing] * 7,
            links={"plc": link},
            heartbeats=nothing,
            turned_away=nothing,
        )
    )
    pump.start([], project_valid=True)

    async def told_after(seconds: float) -> list[int]:
        clock.pass_(seconds)
        keeping = asyncio.create_task(pump.housekeeping())
        await asyncio.sleep(0)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        return [a.status for a in posted if isinstance(a, SetValue) and a.tag == 4]

    waiting = int(Status.BAD_WAITING_FOR_INITIAL_DATA)
    assert await told_after(29.9) == [waiting]
    assert await told_after(0.1) == [waiting, int(Status.GOOD)]


def test_a_stopped_device_and_its_clock_have_their_tags() -> None:
    """What happens in a scan and in housekeeping reaches system tags, where a project has them."""
    posted: list[Action] = []
    notes: list[tuple[str, str]] = []
    ids = {running_path("plc"): 5, clock_path("plc"): 6}
    records = SimpleNamespace(note=lambda kind, source, _: notes.append((kind, source)))
    heartbeats = SimpleNamespace(scanned=lambda *given: given[2]("plc", True, "It is stopped."))
    nothing: Any = SimpleNamespace(
        append=lambda _: None,
        scanned=lambda: None,
        publish=lambda *_: None,
        not_evaluated=lambda: 0,
        post=posted.append,
        pending=False,
        stored=0,
        scans=0,
        clients=(),
        tags={},
        id_of=ids,
    )
    clock = ClockOffset()
    link: Any = SimpleNamespace(intake=SimpleNamespace(clock_offset=clock))
    for _ in range(9):
        clock.take(np.array([1], np.int32), np.array([0], np.int64), 7 * SECOND)
    wiring = Wiring(
        Engine.build([], 1), nothing, nothing, cast("Records", records), *[nothing] * 7, links={"plc": link},
        heartbeats=cast("Heartbeats", heartbeats), turned_away=nothing)  # fmt: skip
    pump = Pump(FakeClock())
    pump.attach(wiring)
    pump.apply(Instants(SECOND, SECOND), Effects())
    pump.note_clocks(Instants(WINDOW, 0))
    assert notes == [("device-stopped", "plc")]
    assert [(action.tag, action.value) for action in posted if isinstance(action, SetValue)] == [(5, 0.0), (6, 7.0)]
