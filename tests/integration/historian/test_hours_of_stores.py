"""Hours change nothing, whatever a store went through: every aggregate is what its samples say, statuses included."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hmi.core.batch import Batch, Float64, Int64, UInt32, batch_of
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import LIMIT_HIGH, MULTI_VALUE, Status
from hmi.historian.aggregates import Aggregate, AggregateConfig, AggregateError
from hmi.historian.files import present
from hmi.historian.processed import read_processed
from hmi.historian.pruning import prune
from hmi.historian.rollup.cells import DAY, HOUR, MINUTE
from hmi.historian.shelf import Shelf
from hmi.historian.sqlite import close, connect_writer
from hmi.historian.store import StoreOptions, StoreReader, open_store
from tests.helpers_historian.readers import SamplesAlone, SamplesAndHours

START = int(datetime(2026, 10, 30, tzinfo=UTC).timestamp()) * SECOND
DAYS = 4
"""The last two of October and the first two of November."""
SUMS = ("Average", "TimeAverage", "Total", "StandardDeviation")
CODES = [
    int(code)
    for code in (
        *(Status.UNCERTAIN, Status.BAD, Status.BAD_NO_COMMUNICATION, Status.GOOD_CLAMPED),
        *(Status.GOOD_LOCAL_OVERRIDE | LIMIT_HIGH, Status.UNCERTAIN_DATA_SUB_NORMAL | MULTI_VALUE, Status.BAD_NO_DATA),
    )
]
NUMBER = count()


@dataclass(frozen=True)
class Story:
    """What a store went through, and what is asked of it."""

    seed: int
    kind: str
    """How values go: `walk`, `steps`, `far` from 0, or `wild`."""
    doubt: int
    """How many stretches and single samples are not plainly Good."""
    gaps: int
    late: int
    """How many samples come after the rollup."""
    late_state: str
    """Where these are: `memory`, `journal` or `filed`."""
    damaged: int
    pruned: bool
    sealed: bool

    def samples(self, rng: np.random.Generator) -> tuple[Int64, Float64, UInt32]:
        time = START + np.arange(0, DAYS * DAY, 20 * SECOND)
        if rng.random() < 0.5:  # else on the full second, the hour's first included
            time = time + np.sort(rng.integers(0, 20 * SECOND, len(time)))
        n = len(time)
        value = {
            "walk": lambda: np.round(np.cumsum(rng.normal(size=n)), 1),
            "steps": lambda: np.repeat(rng.integers(-2, 3, n // 50 + 1), 50)[:n].astype(float),
            "far": lambda: 1e9 + rng.integers(0, 5, n) * 0.25,
            "wild": lambda: rng.normal(size=n) * 10.0 ** rng.integers(-5, 12, n),
        }[self.kind]()
        status = np.zeros(n, np.uint32)
        for _ in range(self.doubt):
            at, length = rng.integers(0, n), rng.choice([1, 1, 1, 5, 180, 400])
            status[at : at + length] = rng.choice(CODES)
            if rng.random() < 0.2:
                value[at] = rng.choice([np.nan, np.inf, 1e200, -1e305])
        keep = np.ones(n, np.bool_)
        for _ in range(self.gaps):
            at = rng.integers(0, n)
            keep[at : at + rng.integers(1, 900)] = False
        return time[keep], value[keep], status[keep]


stories = st.builds(
    Story,
    seed=st.integers(0, 1 << 30),
    kind=st.sampled_from(["walk", "steps", "far", "wild"]),
    doubt=st.sampled_from([0, 0, 1, 5, 20]),
    gaps=st.sampled_from([0, 0, 1, 3]),
    late=st.sampled_from([0, 0, 1, 30]),
    late_state=st.sampled_from(["memory", "journal", "filed"]),
    damaged=st.sampled_from([0, 0, 0, 1, 2]),
    pruned=st.sampled_from([False, False, False, True]),
    sealed=st.booleans(),
)


def batch(time: Int64, value: Float64, status: UInt32) -> Batch:
    return batch_of([1] * len(time), time, [0] * len(time), value, status)


def late(story: Story, rng: np.random.Generator, time: Int64) -> Batch:
    """Some fall on samples that are there, some between, some into gaps."""
    at = np.where(
        rng.random(story.late) < 0.3, rng.choice(time, story.late), rng.integers(START, START + DAYS * DAY, story.late)
    )
    at = np.sort(at)
    code = np.where(rng.random(len(at)) < 0.3, rng.choice(CODES, len(at)), 0)
    return batch(at, rng.normal(size=len(at)) * 50, code.astype(np.uint32))


def ruin(folder: Path, rng: np.random.Generator, most: int) -> None:
    for key in present(folder):
        connection = connect_writer(key.path(folder))
        ids = [row for (row,) in connection.execute("SELECT id FROM block").fetchall()]
        for row in rng.choice(ids, min(most, len(ids)), replace=False).tolist():
            connection.execute("UPDATE block SET data = x'00', damaged = 1 WHERE id = ?", (row,))
        close(connection)


def asked(rng: np.random.Generator) -> tuple[int, int, int]:
    """Start, end and interval."""
    start = int(rng.choice([0, HOUR, HOUR // 2, -3 * HOUR, DAY, 7, 13 * MINUTE, DAY + 3 * HOUR]))
    end = int(rng.choice([DAYS * DAY, DAYS * DAY - HOUR, 3 * DAY + 1, DAYS * DAY + 2 * HOUR, 2 * DAY + HOUR // 2]))
    interval = int(rng.choice([0, HOUR, HOUR, 3 * HOUR, DAY, HOUR // 2, 90 * MINUTE, 7 * HOUR, 25 * HOUR]))
    if rng.random() < 0.1:
        start, end = end, start
    return START + start, START + end, interval


def config(rng: np.random.Generator) -> AggregateConfig:
    return AggregateConfig(
        treat_uncertain_as_bad=bool(rng.integers(2)),
        percent_data_bad=int(rng.choice([100, 50, 1])),
        percent_data_good=int(rng.choice([100, 99])),
        use_sloped_extrapolation=bool(rng.integers(2)),
        stepped=bool(rng.integers(2)),
    )


def assert_same(reader: StoreReader, rng: np.random.Generator, page: int) -> None:
    for function in Aggregate:
        span, rules = asked(rng), config(rng)
        try:
            wanted = read_processed(SamplesAlone(reader), 1, function, *span, rules)
        except AggregateError:
            continue
        found = read_processed(SamplesAndHours(reader), 1, function, *span, rules, page=page)
        where = f"{function} {span} {rules}"
        assert found.time.tolist() == wanted.time.tolist(), where
        assert [hex(c) for c in found.status.tolist()] == [hex(c) for c in wanted.status.tolist()], where
        if not function.value.startswith(SUMS):
            np.testing.assert_array_equal(found.value, wanted.value, where)
            continue
        known = reader.read_raw(1, min(span[:2]) - DAY, max(span[:2]) + DAY).value
        largest = float(np.abs(known[np.isfinite(known)]).max(initial=0.0))
        seconds = abs(span[1] - span[0]) / SECOND if function.value.startswith("Total") else 1.0
        np.testing.assert_allclose(found.value, wanted.value, rtol=1e-12, atol=1e-12 * largest * seconds, err_msg=where)


@given(story=stories, page=st.sampled_from([500, 20_000, 100_000]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hours_of_a_store_change_nothing(tmp_path: Path, story: Story, page: int) -> None:
    rng = np.random.default_rng(story.seed)
    folder = tmp_path / str(next(NUMBER))
    now = START + (40 if story.sealed else 3) * DAY
    options = StoreOptions(compact_rows=1 << 30, compact_flushes=1 << 30)
    time, value, status = story.samples(rng)
    writer = open_store(folder, clock=lambda: Instants(5, now), options=options, on_health=lambda _event: None)
    half = len(time) // 2
    for rows in (slice(0, half), slice(half, None)):
        writer.append(batch(time[rows], value[rows], status[rows]))
        writer.tidy()
    reader = writer.reader()
    try:
        ruin(folder, rng, story.damaged)
        if story.late:
            writer.append(late(story, rng, time))
        if story.late_state == "journal":
            writer.flush()
        elif story.late_state == "filed":
            writer.tidy()
        assert_same(reader, rng, page)
        if story.pruned:
            writer.close()
            shelf = Shelf(folder, None)
            prune(shelf, present(folder)[:1])
            shelf.close()
            writer = open_store(folder, clock=lambda: Instants(5, now), options=options, on_health=lambda _event: None)
            reader.close()
            reader = writer.reader()
            if story.late:
                writer.append(late(story, rng, time))  # makes a deleted month again
                writer.tidy()
            assert_same(reader, rng, page)
    finally:
        reader.close()
        writer.close()
        shutil.rmtree(folder)
