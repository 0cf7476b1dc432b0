"""What waits reaches the disk once; a disk that refuses is told of once, and so is its return."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from hmi.core.batch import Batch, batch_of
from hmi.core.instants import Instants
from hmi.historian.api import StoreError
from hmi.historian.drain import Drain
from hmi.historian.health import HealthEvent, HealthKind, Teller
from hmi.historian.tail import Group, Tail

NOW = 1_000


def clock() -> Instants:
    return Instants(0, NOW)


def rows(first: int, count: int = 1) -> Batch:
    times = list(range(first, first + count))
    return batch_of([1] * count, times, [0] * count, [0.0] * count, [0] * count)


@dataclass
class Disk:
    """Takes groups, or not, and lets something happen meanwhile."""

    refuses: bool = False
    groups: list[list[int]] = field(default_factory=list)
    marks: list[dict[str, int]] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def write(self, group: Group | None, meta: dict[str, int]) -> None:
        if self.refuses:
            raise StoreError("The disk is full.", "Free space.")
        self.groups += [] if group is None else [group.batch.time.tolist()]
        self.marks.append(meta)
        self.meanwhile()


@dataclass
class Bench:
    disk: Disk = field(default_factory=Disk)
    heard: list[HealthEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tail = Tail(1, max_rows=4, max_bytes=1 << 20, keep_rows=100, wake_rows=100)
        self.drain = Drain(self.tail, self.disk, 2, clock, Teller(clock, self.heard.append))  # type: ignore[arg-type]

    def kinds(self) -> list[HealthKind]:
        return [event.kind for event in self.heard]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_what_waits_is_written_in_pieces_and_what_comes_meanwhile_later(bench: Bench) -> None:
    for first in range(3):
        bench.tail.append(rows(first))
    bench.disk.meanwhile = lambda: bench.tail.append(rows(10 + len(bench.disk.groups)))
    bench.drain.run()
    assert bench.disk.groups == [[0, 1], [2, 11]]
    assert [group.batch.time.tolist() for group in bench.tail.uncommitted()] == [[12]]
    assert bench.heard == []


def test_a_disk_that_refuses_is_told_of_once_and_keeps_the_order(bench: Bench) -> None:
    bench.disk.refuses = True
    for first in range(3):
        bench.tail.append(rows(first))
        bench.drain.run()
    assert bench.drain.why is not None
    assert bench.kinds() == [HealthKind.STALLED]
    bench.disk.refuses = False
    bench.drain.run()
    assert bench.drain.why is None
    assert bench.disk.groups == [[0, 1], [2]]
    assert [(event.kind, event.lost, event.utc) for event in bench.heard[1:]] == [(HealthKind.RESUMED, 0, NOW)]


def test_what_is_lost_is_told_at_once_and_counted_in_the_end(bench: Bench) -> None:
    bench.disk.refuses = True
    for first in range(7):
        bench.tail.append(rows(first))
    for _ in range(2):
        bench.drain.run()
    assert bench.kinds() == [HealthKind.OVERFLOW, HealthKind.STALLED]
    bench.disk.refuses = False
    bench.drain.run()
    assert bench.heard[-1].lost == 3
    assert bench.disk.marks[-1]["lost"] == 3


def test_the_time_a_station_was_alive_is_kept_until_it_is_on_the_disk(bench: Bench) -> None:
    bench.drain.alive = NOW + 5
    bench.disk.refuses = True
    bench.drain.run()
    assert bench.drain.alive == NOW + 5
    bench.disk.refuses = False
    bench.drain.run()
    assert (bench.drain.alive, bench.disk.marks) == (None, [{"alive": NOW + 5, "lost": 0, "clean": 0}])
    bench.drain.run()
    assert len(bench.disk.marks) == 1
    bench.drain.end()
    assert bench.disk.marks[-1] == {"alive": NOW, "lost": 0, "clean": 1}
