"""The engine's scan: 100,000 tags with 200,000 limits, from Batch to Effects.

Measured as the station uses it, with deadbands, scaling on a third of the tags and staleness watched: one sample a tag,
three samples for each of a third of the tags, and a scan in which a tenth of the tags cross a limit; then the same with
a swinging door on 1,000 of the tags, and on all of them. The baselines of the same run: for the medians a plain Python
loop that does nothing but compare each sample with its tag's two limits, for the best scan one numpy pass that copies
the batch's columns, for the doors the scan without any.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from benchmarks.report import Report, main
from hmi.core.alarm import Alarm, AlarmKind
from hmi.core.batch import Batch
from hmi.core.engine import Engine, TagEntry
from hmi.core.instants import SECOND, Instants
from hmi.core.tag import ConnectionSource, ExpressionSource, History, Scaling, Tag, TagType

UTC = 1_800_000_000 * SECOND
TICK = SECOND // 20
ALARMS = (
    Alarm(id="H", kind=AlarmKind.HIGH, limit=80.0, deadband=2.0),
    Alarm(id="L", kind=AlarmKind.LOW, limit=20.0, deadband=2.0),
)
SCALING = Scaling(raw=(0.0, 1000.0), eu=(0.0, 1000.0))
DOOR = History(swinging_door=2.0)


def tags(count: int, doors: int = 0) -> list[TagEntry]:
    """Tags of which `doors`, spread evenly, have a swinging door."""
    every = count // doors if doors else count + 1
    source = ConnectionSource(connection="plc", address="0")
    return [
        TagEntry(
            number + 1,
            Tag(
                uid=f"u{number}",
                path=f"line/{number}",
                type=TagType.FLOAT,
                source=source,
                alarms=ALARMS,
                deadband=0.01,
                scaling=SCALING if number % 3 == 0 else None,
                history=DOOR if number % every == every - 1 else History(),
            ),
        )
        for number in range(count)
    ]


class Plant:
    """Batches whose every sample is a change, and the clock they belong to."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.random = np.random.default_rng(1)
        self.now = Instants(SECOND, UTC)

    def batch(self, tag: np.ndarray, crossing: float = 0.0) -> Batch:
        """One more scan's samples in random order of tags, received one after the other."""
        self.now = Instants(self.now.mono + TICK, self.now.utc + TICK)
        n = len(tag)
        value = self.random.uniform(30.0, 70.0, n)
        value[self.random.random(n) < crossing] = 95.0
        age = np.sort(self.random.integers(0, TICK, n))[::-1]
        return Batch(tag.astype(np.int32), self.now.utc - age, self.now.mono - age, value, np.zeros(n, np.uint32))

    def once(self, crossing: float = 0.0) -> Batch:
        return self.batch(self.random.permutation(self.count) + 1, crossing)

    def thrice(self) -> Batch:
        some = self.random.permutation(self.count)[: self.count // 3] + 1
        return self.batch(np.concatenate([self.random.permutation(some) for _ in range(3)]))

    def one_tag(self) -> Batch:
        return self.batch(np.full(self.count, 7))


def scans_ms(engine: Engine, plant: Plant, make: Callable[[], Batch], repeat: int) -> list[float]:
    """Milliseconds of each scan, in rising order."""
    taken = []
    for _ in range(repeat):
        batch = make()
        begin = time.perf_counter()
        effects = engine.step(plant.now, batch, ())
        taken.append((time.perf_counter() - begin) * 1e3)
        assert len(effects.changed) > 0.95 * len(batch)
    return sorted(taken)


def middle(values: list[float]) -> float:
    """The median."""
    return float(np.median(values))


def doors_ms(plain: Engine, count: int, doors: int, repeat: int) -> tuple[float, float]:
    """Median milliseconds of a scan with some doors and without any, taken in turn."""
    plant, engine = Plant(count), Engine.build(tags(count, doors), 1)
    taken: dict[Engine, list[float]] = {engine: [], plain: []}
    engine.step(plant.now, plant.once(), ())
    for _ in range(repeat):
        for one in (engine, plain):
            taken[one] += scans_ms(one, plant, plant.once, 1)
    return middle(taken[engine]), middle(taken[plain])


def derived_us(count: int, repeat: int) -> float:
    """Microseconds for one evaluation of an expression, with everything around it."""
    plant = Plant(2 * count)
    expressions = [
        TagEntry(
            2 * count + 1 + number,
            Tag(
                uid=f"d{number}",
                path=f"line/d{number}",
                type=TagType.FLOAT,
                source=ExpressionSource(expression=f"{{line/{2 * number}}} + {{line/{2 * number + 1}}} * 2"),
            ),
        )
        for number in range(count)
    ]
    engine = Engine.build(tags(2 * count) + expressions, 1)
    engine.step(plant.now, plant.once(), ())
    return middle(scans_ms(engine, plant, plant.once, repeat)) * 1e3 / (2 * count)


def copy_ms(batch: Batch, repeat: int) -> float:
    """Median milliseconds to copy the columns once."""
    columns = (batch.tag, batch.time, batch.received, batch.value, batch.status)
    return median_ms(lambda: [column.copy() for column in columns], repeat)


def loop_ms(batch: Batch) -> float:
    """Milliseconds of a loop that only compares each sample with two limits."""

    def loop() -> int:
        low, high = [20.0] * (len(batch) + 1), [80.0] * (len(batch) + 1)
        return sum(
            value > high[tag] or value < low[tag]
            for tag, value in zip(batch.tag.tolist(), batch.value.tolist(), strict=True)
        )

    return median_ms(loop, 3)


def median_ms(work: Callable[[], object], repeat: int) -> float:
    def once() -> float:
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin

    return float(np.median([once() for _ in range(repeat)])) * 1e3


def measure(quick: bool) -> Report:
    """Scan times of the engine."""
    count = 100_000
    repeat = 15 if quick else 60
    plant = Plant(count)
    begin = time.perf_counter()
    engine = Engine.build(tags(count), 1)
    build_ms = (time.perf_counter() - begin) * 1e3
    scans_ms(engine, plant, plant.once, 3)
    once = scans_ms(engine, plant, plant.once, repeat)
    thrice = scans_ms(engine, plant, plant.thrice, repeat)
    figures = {
        "once_ms": middle(once),
        "once_best_ms": once[0],
        "thrice_ms": middle(thrice),
        "thrice_best_ms": thrice[0],
        "one_tag_ms": middle(scans_ms(engine, plant, plant.one_tag, max(3, repeat // 5))),
        "crossing_ms": middle(scans_ms(engine, plant, lambda: plant.once(crossing=0.1), max(3, repeat // 5))),
        "idle_ms": median_ms(lambda: engine.step(plant.now, plant.batch(np.empty(0, np.intp)), ()), repeat),
        "derived_us": derived_us(10_000, max(3, repeat // 5)),
        "build_ms": build_ms,
    }
    figures["doors_1000_ms"], without = doors_ms(engine, count, 1000, repeat)
    figures["doors_all_ms"], without_any = doors_ms(engine, count, count, max(3, repeat // 5))
    loop = loop_ms(plant.once())
    return Report(
        "engine",
        figures=figures,
        baseline={
            "once_ms": loop,
            "thrice_ms": loop,
            "once_best_ms": copy_ms(plant.once(), repeat),
            "doors_1000_ms": without,
            "doors_all_ms": without_any,
        },
        goals={"once_ms": ("<=", 40.0), "thrice_ms": ("<=", 40.0), "ratio.doors_1000_ms": ("<=", 1.6)},
    )


if __name__ == "__main__":
    main(measure)
