"""What a panel knows of interlocks: the reason while it blocks, nothing while it does not or is not known."""

from collections.abc import Iterator

import pytest

from hmi.core.quality import Status
from hmi.link.messages import Subscribe, Unsubscribe
from hmi.panel.stores.gates import Gates
from tests.helpers_panel.memory import MemoryPanel

START, STOP, STATE, DOOR = "u/cmd_start", "u/cmd_stop", "u/state", "u/door"
NEEDS_IDLE = "{u/state} = 4 and not {u/door}"


class Bench:
    def __init__(self, interlock: str = NEEDS_IDLE) -> None:
        self.panel = MemoryPanel()
        station = self.station = self.panel.station
        station.add(STATE, 2.0, type="enum", description="State", states={"2": "Stopped", "4": "Idle"})
        station.add(DOOR, 0.0, type="bool", description="Door", states={"0": "closed", "1": "open"})
        station.add(START, 0.0, type="bool", interlock=interlock, writable=True)
        station.add(STOP, 0.0, type="bool", interlock="{u/door}", to_safe=True, writable=True)
        station.add("u/free", 0.0, type="bool", writable=True)
        self.told: list[frozenset[str]] = []
        paths = [START, STOP, "u/free", "u/none"]
        self.gates = Gates(self.panel.stores.values, self.panel.stores.session, paths, self.told.append)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    made.panel.open()
    made.panel.settle()
    yield made
    made.gates.close()


def test_what_blocks_is_told_and_taken_back(bench: Bench) -> None:
    assert bench.gates.why(START) == "State is Stopped, must be Idle. Reset first."
    bench.station.set(STATE, 4.0)
    bench.panel.step()
    assert bench.gates.why(START) == ""
    bench.station.set(DOOR, 1.0)
    bench.panel.step()
    assert bench.gates.why(START) == "Door is open, must be closed."
    assert bench.told == [frozenset({START})] * 3


def test_stopping_and_what_has_no_interlock_are_always_available(bench: Bench) -> None:
    assert [bench.gates.why(path) for path in (STOP, "u/free", "u/none", "elsewhere")] == [""] * 4


def test_an_input_that_is_bad_blocks(bench: Bench) -> None:
    bench.station.set(DOOR, 0.0, int(Status.BAD_SENSOR_FAILURE))
    bench.panel.step()
    assert "Door is Bad_SensorFailure." in bench.gates.why(START)


def test_without_a_live_link_it_says_nothing_and_comes_back(bench: Bench) -> None:
    bench.panel.stores.stale("The scan stands still.")
    assert bench.gates.why(START) == ""
    bench.panel.settle()
    assert bench.gates.why(START) == "State is Stopped, must be Idle. Reset first."


def test_another_project_means_another_interlock(bench: Bench) -> None:
    bench.station.add(START, 0.0, type="bool", interlock="{u/door}", writable=True)
    bench.panel.stores.lost("gone")
    bench.panel.outbox.clear()
    bench.panel.open()
    bench.panel.settle()
    assert bench.gates.why(START) == "Door is closed, must be open."


@pytest.mark.parametrize("interlock", ["{u/none} = 1", "{u/state} = ", "new_function({u/state})", '{u/state} = "x"'])
def test_what_this_panel_cannot_judge_is_left_to_the_station(interlock: str) -> None:
    bench = Bench(interlock)
    bench.panel.open()
    bench.panel.settle()
    assert bench.gates.why(START) == ""
    bench.gates.close()


def test_closing_lets_go_of_every_tag(bench: Bench) -> None:
    bench.gates.close()
    bench.panel.settle()
    heard = bench.station.heard
    assert sum(isinstance(m, Subscribe) for m in heard) == sum(isinstance(m, Unsubscribe) for m in heard)
    assert not bench.station.subscriptions
