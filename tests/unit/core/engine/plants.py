"""A small plant with one tag of every kind, and random histories of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

import numpy as np
from hypothesis import strategies as st

from hmi.core.actions import Alive
from hmi.core.alarm import Alarm, AlarmKind, OnBad
from hmi.core.batch import Batch, batch_of
from hmi.core.engine import TagEntry
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.core.tag import (
    Clamp,
    ConnectionSource,
    ExpressionSource,
    History,
    ManualSource,
    MemorySource,
    Scaling,
    Source,
    Tag,
    TagType,
)

UTC = 1_800_000_000 * SECOND
QUARTER = SECOND // 4
DEVICE = ConnectionSource(connection="plc", address="0")


def entry(at: int, source: Source = DEVICE, kind: TagType = TagType.FLOAT, **more: object) -> TagEntry:
    return TagEntry(at, Tag(uid=f"u{at}", path=f"p/{at}", type=kind, source=source, **more))  # type: ignore[arg-type]


def high(limit: float = 80, **more: object) -> Alarm:
    return Alarm(id="H", kind=AlarmKind.HIGH, limit=limit, **more)  # type: ignore[arg-type]


ALARMS = (
    Alarm(id="HH", kind=AlarmKind.HIGH_HIGH, limit=90, deadband=1, off_delay=0.5),
    Alarm(id="H", kind=AlarmKind.HIGH, limit=80, deadband=2, on_delay=1),
    Alarm(id="L", kind=AlarmKind.LOW, limit=20, deadband=2, on_delay=0.5, off_delay=1),
    Alarm(id="LL", kind=AlarmKind.LOW_LOW, limit=10, on_bad=OnBad.ACTIVE, on_delay=0.25),
)

PLANT = [
    entry(1, alarms=ALARMS, scan=0.1),
    entry(2, alarms=(Alarm(id="X", kind=AlarmKind.OFF_NORMAL, normal=20, on_bad=OnBad.ACTIVE),), deadband=2.0),
    entry(4, history=History(deadband=5), deadband=1.0, alarms=ALARMS[:2]),
    entry(5, scaling=Scaling(raw=(0, 100), eu=(-10, 90), clamp=Clamp.LIMIT), alarms=ALARMS[1:3]),
    entry(6, scaling=Scaling(raw=(0, 100), eu=(100, 0), clamp=Clamp.REJECT), history=History(store=False)),
    entry(7, kind=TagType.STRING),
    entry(8, ExpressionSource(expression="{p/1} + {p/4}"), alarms=ALARMS),
    entry(9, ExpressionSource(expression="totaliser({p/2}, 1)"), deadband=0.5),
    entry(10, ExpressionSource(expression="timer({p/1} > 50, 1)"), kind=TagType.BOOL, alarms=(
        Alarm(id="on", kind=AlarmKind.OFF_NORMAL, on_delay=0.5),
    )),
    entry(11, ExpressionSource(expression="{p/8} * 2 + {p/13}"), kind=TagType.INT),
    entry(12, ExpressionSource(expression="edge({p/10})"), kind=TagType.BOOL),
    entry(13, MemorySource(default=15.0), alarms=ALARMS[2:3]),
    entry(14, ManualSource(), alarms=ALARMS[:1]),
    entry(15, ExpressionSource(expression="{p/7}"), kind=TagType.STRING),
    entry(16, ExpressionSource(expression="start_count(rising({p/10})) + ifbad({p/5}, {p/14})"), deadband=3.0,
          history=History(deadband=7), alarms=ALARMS[:2]),
]  # fmt: skip
CONNECTED = [1, 2, 4, 5, 6, 7]

KEEPERS = [
    entry(1),
    entry(2, history=History(deadband=2)),
    entry(3, history=History(min_interval=1)),
    entry(4, history=History(max_interval=2), deadband=1.0),
    entry(5, history=History(deadband=2, min_interval=0.5, max_interval=3)),
    entry(6, history=History(swinging_door=2)),
    entry(7, history=History(swinging_door=0, max_interval=5), deadband=1.0),
    entry(8, history=History(swinging_door=1.5, deadband=1, min_interval=0.5, max_interval=3)),
    entry(9, kind=TagType.STRING, history=History(min_interval=1, max_interval=2.5)),
    entry(10, kind=TagType.INT, history=History(deadband=3)),
    entry(11, kind=TagType.BOOL, history=History(min_interval=1.25)),
    entry(12, kind=TagType.ENUM, history=History(max_interval=1)),
    entry(13, MemorySource(default=15.0), history=History(deadband=2, max_interval=2)),
    entry(14, ManualSource()),
    entry(15, ExpressionSource(expression="{p/1} + {p/6}"), history=History(swinging_door=3, min_interval=0.25)),
    entry(16, history=History(store=False, swinging_door=1)),
    entry(17, ExpressionSource(expression="totaliser({p/2}, 1)"), history=History(deadband=5, max_interval=4)),
    entry(18, MemorySource(default="a"), TagType.STRING, history=History(min_interval=2)),
    entry(19, history=History(swinging_door=0.25, deadband=3, max_interval=2)),
    entry(20, history=History(swinging_door=0.5, min_interval=1, max_interval=1.5), deadband=2.0),
]
"""Tags with every history policy."""
KEPT = [tag.id for tag in KEEPERS if tag.tag.source is DEVICE]

VALUES = [0.0, 9.0, 10.0, 11.0, 19.0, 20.0, 22.0, 23.0, 51.0, 78.0, 78.5, 80.0, 81.0, 89.0, 91.0]
ODD_VALUES = [math.nan, math.inf, -0.0, 1e300]
STATUSES = [0, 0, 0, 0, int(Status.UNCERTAIN), int(Status.BAD), int(Status.BAD_SENSOR_FAILURE), 0x80000480]


@dataclass(frozen=True)
class Scan:
    """One step: how much later, samples as (tag, age, delay, value, status), signs of life, acknowledgements.

    Ages and the delays between a device's stamp and the receipt are in quarters of a second; a delay is less than
    nothing where the device's clock is ahead.
    """

    quarters: int
    rows: tuple[tuple[int, int, int, float | str, int], ...]
    alive: tuple[tuple[int, int], ...]
    acknowledge: bool
    enter: float | None = None


def _row(random: Random) -> tuple[int, int, int, float | str, int]:
    tag = random.choice([*CONNECTED, 1, 1, 2, 4, 3, 99])
    value: float | str = random.choice(VALUES if random.random() < 0.9 else ODD_VALUES)
    if tag == 7:
        value = random.choice(["a", "b", 3.0])
    return tag, random.randint(0, 12), random.choice([0, 0, 0, 1, 12, 300]), value, random.choice(STATUSES)


def scans_of(seed: int, count: int, most_rows: int) -> list[Scan]:
    """A random history; drawing every value by itself would cost far more than running it."""
    random = Random(seed)
    return [
        Scan(
            random.choice([0, 1, 1, 2, 4, 9, 20, 130]),
            tuple(_row(random) for _ in range(random.randint(0, most_rows))),
            tuple((random.choice(CONNECTED), random.randint(0, 8)) for _ in range(random.randint(0, 3))),
            random.random() < 0.5,
            random.choice([None, None, *VALUES]),
        )
        for _ in range(count)
    ]


def _keeper_row(random: Random, few: list[int], delays: list[int]) -> tuple[int, int, int, float | str, int]:
    tag = random.choice(few)
    value: float | str = random.choice([0.0, 1.0, 1.5, 2.5, 3.0, 4.0, 6.0, 10.0, 10.5, math.nan, 1e308, -1e308])
    value = round(random.gauss(5, 2), 1) if random.random() < 0.7 else value
    if tag == 9:
        value = random.choice(["a", "a", "b"])
    age, delay = random.choice([0, 0, 1, 2, 3, 5, 9]), random.choice(delays)
    return tag, age, delay, value, random.choice([*[0] * 12, *STATUSES[4:]])


def keeper_scans_of(seed: int, count: int, most_rows: int) -> list[Scan]:
    """A random history of `KEEPERS` in which stamps repeat, come late and jump."""
    random = Random(seed)
    few = random.choices([*KEPT, 14, 99], k=random.choice([2, 6, 20]))
    delays = random.choice([[0], [0] * 12 + [-1, 1, 2, -40, 40], [0, 0, 1, 12, 300]])
    scans = []
    for _ in range(count):
        rows = tuple(_keeper_row(random, few, delays) for _ in range(random.randint(0, most_rows)))
        enter = random.choice([None, None, 15.0, 15.5, 20.0])
        scans.append(Scan(random.choice([0, 1, 1, 2, 4, 9, 20, 130]), rows, (), False, enter))
    return scans


KEEPER_SCANS = st.builds(keeper_scans_of, st.integers(0, 2**32), st.integers(1, 10), st.sampled_from([1, 3, 12, 40]))
SCANS = st.builds(scans_of, st.integers(0, 2**32), st.integers(1, 8), st.sampled_from([1, 3, 12, 40]))


def batch_at(scan: Scan, now: Instants) -> Batch:
    """The scan's samples; source time a little or a delay before the receive time."""
    received = [now.mono - row[1] * QUARTER for row in scan.rows]
    source = [now.utc - (row[1] + row[2]) * QUARTER - 1000 for row in scan.rows]
    return batch_of(
        [row[0] for row in scan.rows],
        source,
        received,
        [row[3] for row in scan.rows],
        [row[4] for row in scan.rows],
    )


def alive_at(scan: Scan, now: Instants) -> list[Alive]:
    return [Alive(np.array([tag], np.int32), now.mono - age * QUARTER) for tag, age in scan.alive]
