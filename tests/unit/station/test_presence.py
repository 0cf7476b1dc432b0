from types import SimpleNamespace
from typing import Any

from hmi.core.actions import Action, Lost
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.station.presence import Presence

CONNECTED = "system/plc/connected"


class Bench:
    def __init__(self, *points: int) -> None:
        self.shown: list[tuple[str, float, Status]] = []
        self.posted: list[Action] = []
        self.links: dict[str, Any] = {"plc": SimpleNamespace(points=dict.fromkeys(points))}
        self.presence = Presence(self.links, lambda *row: self.shown.append(row), self.posted.append)

    def connected(self) -> list[tuple[float, Status]]:
        return [(value, status) for path, value, status in self.shown if path == CONNECTED]


def at(seconds: float) -> Instants:
    return Instants(int(seconds * SECOND), 0)


def test_a_new_connection_may_take_its_time_and_is_lost_then() -> None:
    bench = Bench()
    bench.presence.begin(["plc"], at(100))
    bench.presence.event("connection-down", "plc", at(101))
    bench.presence.settle(at(129))
    assert bench.connected() == [(0.0, Status.BAD_WAITING_FOR_INITIAL_DATA)]
    bench.presence.settle(at(131))
    assert bench.connected()[1:] == [(0.0, Status.GOOD)]


def test_a_lost_connection_takes_its_present_tags_along() -> None:
    bench = Bench(3, 5)
    bench.presence.begin(["plc"], at(0))
    bench.presence.event("connection-up", "plc", at(1))
    bench.links["plc"].points[7] = None  # a tag that an edit brought
    bench.presence.event("connection-down", "plc", at(2))
    assert bench.connected()[1:] == [(1.0, Status.GOOD), (0.0, Status.GOOD)]
    [lost] = bench.posted
    assert isinstance(lost, Lost)
    assert lost.tags.tolist() == [3, 5, 7]


def test_a_devices_own_alarm_is_no_loss_and_an_edited_away_connection_is_nobody() -> None:
    bench = Bench(3)
    bench.presence.event("device-alarm-active", "plc", at(1))
    bench.presence.event("connection-down", "other", at(1))
    assert bench.shown == []
    assert bench.posted == []
