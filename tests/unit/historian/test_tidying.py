"""Upkeep goes a step at a time; whoever hurries it hears when it is over, and trouble is told once."""

from dataclasses import dataclass, field
from threading import Condition

import pytest

from hmi.core.instants import Instants
from hmi.historian.api import DamagedError, StoreError
from hmi.historian.health import HealthEvent, HealthKind, Teller
from hmi.historian.tidying import Tidying

NOW = 1_000


def clock() -> Instants:
    return Instants(0, NOW)


@dataclass
class Upkeep:
    """So many steps are due; some find damage, or fail."""

    steps: int = 0
    fails: bool = False
    finds: list[DamagedError] = field(default_factory=list)
    hurry: bool = False
    looked: list[int] = field(default_factory=list)

    @property
    def due(self) -> bool:
        return self.steps > 0

    def look(self, utc: int) -> None:
        self.looked.append(utc)

    def step(self) -> list[DamagedError]:
        if self.fails:
            raise StoreError("The disk is full.", "Free space.")
        self.steps -= 1
        return self.finds


@dataclass
class Bench:
    upkeep: Upkeep = field(default_factory=Upkeep)
    heard: list[HealthEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.changed = Condition()
        tell = Teller(clock, self.heard.append)
        self.tidying = Tidying(self.upkeep, self.changed, clock, tell)  # type: ignore[arg-type]

    def hurry(self) -> None:
        with self.changed:
            self.tidying.hurry()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_hurry_is_over_when_nothing_is_due(bench: Bench) -> None:
    bench.upkeep.steps = 2
    bench.hurry()
    bench.tidying.step()
    assert (bench.tidying.hurried, bench.tidying.due) == (True, True)
    bench.tidying.step()
    assert (bench.tidying.hurried, bench.tidying.due, bench.tidying.done) == (False, False, True)
    assert bench.upkeep.looked == [NOW, NOW]


def test_a_hurry_that_fails_is_over_and_not_done_until_another_goes_well(bench: Bench) -> None:
    bench.upkeep.steps, bench.upkeep.fails = 1, True
    for _ in range(2):
        bench.hurry()
        bench.tidying.step()
        assert (bench.tidying.hurried, bench.tidying.done) == (False, False)
    assert [event.kind for event in bench.heard] == [HealthKind.UPKEEP_FAILED]
    bench.upkeep.fails = False
    bench.tidying.step()
    assert not bench.tidying.done
    bench.hurry()
    bench.tidying.step()
    assert bench.tidying.done


def test_damage_is_told(bench: Bench) -> None:
    bench.upkeep.steps, bench.upkeep.finds = 1, [DamagedError("A block is damaged.", "Restore it.", 0, 1)]
    bench.tidying.step()
    assert [(event.kind, event.text) for event in bench.heard] == [(HealthKind.DAMAGED, "A block is damaged.")]
