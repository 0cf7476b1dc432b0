"""Overload is noticed, told once and ends by itself; a hiccup is none."""

import numpy as np

from hmi.core.batch import batch_of
from hmi.core.engine import Engine, TagEntry
from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.core.tag import ConnectionSource, Tag, TagType
from hmi.station import intake as intake_module
from hmi.station.intake import Intake
from hmi.station.overload import Load, Overload
from hmi.station.scanner import Scanner

from .fakes import FakeClock


def told(*loads: Load) -> list[str]:
    """Why the station was overloaded at each change, second by second."""
    overload = Overload()
    return [overload.why for second, load in enumerate(loads) if overload.note(second * SECOND, load)]


def test_who_keeps_up_is_never_told() -> None:
    assert told(*(Load(20 * s, s // 10, 0) for s in range(60))) == []


def test_dropped_samples_are_told_once_and_end_ten_seconds_later() -> None:
    why, ended = told(*(Load(20 * s, 0, 7 if s > 5 else 0) for s in range(30)))
    assert why == "7 samples were dropped in the last seconds: more come than can be taken."
    assert ended == ""


def test_a_count_that_falls_is_no_overload() -> None:
    assert told(*(Load(20 * s, 0, 7 if s < 5 else 0) for s in range(30))) == []


def test_scans_that_are_mostly_late_are_told() -> None:
    why, *_ = told(*(Load(5 * s, 5 * s, 0) for s in range(30)))
    assert "of 10 scans were late" in why


def test_a_hiccup_of_a_second_is_no_overload() -> None:
    assert told(*(Load(20 * s, min(s, 9), 0) for s in range(30))) == []


def test_what_is_dropped_before_a_scan_is_counted_and_marked_in_history(monkeypatch) -> None:
    monkeypatch.setattr(intake_module, "MOST_ROWS", 4)
    clock = FakeClock()
    intake = Intake("plc", clock, lambda *_: None)
    tag = Tag(uid="u", path="a/b", type=TagType.FLOAT, source=ConnectionSource("plc", "x"))
    stored = []
    engine = Engine.build([TagEntry(1, tag)], 1)
    scanner = Scanner(engine, clock, lambda: [intake], lambda _, e: stored.extend([e.store, e.backfill]))
    for second in range(1, 8):
        time = second * SECOND
        intake.deliver(batch_of([1], [time], [time], [float(second)], [0]))
    clock.mono = clock.utc = 8 * SECOND
    scanner.scan()
    rows = sorted(
        (int(time), int(status)) for batch in stored for time, status in zip(batch.time, batch.status, strict=True)
    )
    dropped = intake.counters["dropped"]
    assert dropped > 0
    assert (SECOND, Status.BAD_DATA_LOST) in rows
    good = [time for time, status in rows if status == Status.GOOD]
    assert len(good) == 7 - dropped
    assert good[-1] == 7 * SECOND
    assert np.all(np.diff(good) > 0)
