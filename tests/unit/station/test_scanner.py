from collections.abc import Sequence

import numpy as np

from hmi.core.actions import Acknowledge, Action, Alive
from hmi.core.batch import Batch, batch_of
from hmi.core.effects import Effects
from hmi.core.instants import Instants
from hmi.drivers.api import LinkState
from hmi.station.intake import Intake
from hmi.station.scanner import Scanner

from .fakes import FakeClock


class FakeEngine:
    """Notes what it is given."""

    def __init__(self) -> None:
        self.steps: list[tuple[Batch, list[Action]]] = []

    def step(self, now: Instants, batch: Batch, actions: Sequence[Action]) -> Effects:
        self.steps.append((batch, list(actions)))
        return Effects()


def samples(*received: int, tag: int = 1, backfill: bool = False) -> Batch:
    n = len(received)
    return batch_of([tag] * n, received, received, [0.0] * n, [0] * n, backfill=backfill)


def bench() -> tuple[Scanner, FakeEngine, list[Intake], FakeClock]:
    clock, engine = FakeClock(), FakeEngine()
    intakes = [Intake(name, clock, lambda *_: None) for name in ("a", "b")]
    applied: list[Effects] = []
    return Scanner(engine, clock, lambda: intakes, lambda _, effects: applied.append(effects)), engine, intakes, clock


def test_a_scan_takes_everything_once_in_order_of_reception() -> None:
    scanner, engine, (a, b), _ = bench()
    a.deliver(samples(10, 40, tag=1))
    b.deliver(samples(20, 30, tag=2))
    scanner.scan()
    scanner.scan()
    assert engine.steps[0][0].received.tolist() == [10, 20, 30, 40]
    assert engine.steps[0][0].tag.tolist() == [1, 2, 2, 1]
    assert len(engine.steps[1][0]) == 0
    assert scanner.scans == 2


def test_backfill_never_mixes_with_live_samples() -> None:
    scanner, engine, (a, _), _ = bench()
    a.deliver(samples(1, backfill=True))
    a.deliver(samples(2))
    scanner.scan()
    assert [(batch.backfill, batch.received.tolist()) for batch, _ in engine.steps] == [(False, [2]), (True, [1])]


def test_signs_of_life_come_before_what_people_did() -> None:
    scanner, engine, (a, _), clock = bench()
    scanner.post(Acknowledge("x", 1, "ann"))
    tags = np.array([1], np.int32)
    a.alive(tags)
    scanner.scan()
    [(_, actions)] = engine.steps
    assert isinstance(actions[0], Alive)
    assert actions[0].mono == clock.mono
    assert actions[1] == Acknowledge("x", 1, "ann")


def test_an_intakes_link_changes_are_events_once() -> None:
    told: list[tuple[str, str, str]] = []
    intake = Intake("plc", FakeClock(), lambda *event: told.append(event))
    for state in (LinkState.CONNECTING, LinkState.DOWN, LinkState.CONNECTING, LinkState.DOWN, LinkState.UP):
        intake.state(state, "text")
    assert [kind for kind, _, _ in told] == ["connection-down", "connection-up"]
