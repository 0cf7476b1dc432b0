"""A stopped program's tags are halted together with one event, and writing to it is refused."""

from __future__ import annotations

from msgspec.structs import replace

from hmi.core.actions import Action, Halt
from hmi.core.batch import EMPTY, Batch, batch_of
from hmi.core.engine import Engine, TagEntry
from hmi.core.instants import Instants, seconds
from hmi.core.project import ConnectionConfig, Project, ProjectFile
from hmi.core.quality import Status
from hmi.core.tag import ConnectionSource, MemorySource, Tag, TagType
from hmi.station.heartbeats import Heartbeats
from hmi.station.tag_table import TagTable

BEAT, STATE, SPEED, LEVEL, OTHER, MEMORY = range(1, 7)
PLC = ConnectionConfig("fake", "fake://", heartbeat="plc/beat", cpu_state="plc/state")


def tag(at: int, path: str, connection: str = "plc") -> Tag:
    source = ConnectionSource(connection, path) if connection else MemorySource()
    return Tag(uid=f"u{at}", path=path, type=TagType.FLOAT, source=source)


TAGS = {
    BEAT: tag(BEAT, "plc/beat"),
    STATE: tag(STATE, "plc/state"),
    SPEED: tag(SPEED, "plc/speed"),
    LEVEL: tag(LEVEL, "plc/level"),
    OTHER: tag(OTHER, "other/speed", "other"),
    MEMORY: tag(MEMORY, "memory", ""),
}


class Station:
    """Heartbeats with everything that they post and tell."""

    def __init__(self, config: ConnectionConfig = PLC) -> None:
        self.posted: list[Action] = []
        self.told: list[tuple[str, bool, str]] = []
        self.values = {BEAT: 0.0, STATE: 1.0}
        self.heartbeats = Heartbeats(lambda _: True, lambda at: (self.values[at], 0), self.posted.append)
        self.configure(config)

    def configure(self, config: ConnectionConfig, *without: int) -> None:
        tags = {at: one for at, one in TAGS.items() if at not in without}
        connections = {"plc": config, "other": ConnectionConfig("fake", "fake://")}
        project = Project(ProjectFile("Line"), connections, tuple(tags.values()))
        self.heartbeats.configure(connections, TagTable(project, {one.uid: at for at, one in tags.items()}))

    def scan(self, second: float, **values: float) -> None:
        ids = {"beat": BEAT, "state": STATE}
        changed: Batch = EMPTY
        for name, value in values.items():
            self.values[ids[name]] = value
            changed = batch_of([ids[name]], [0], [0], [value], [0])
        self.heartbeats.scanned(Instants(seconds(second), 0), changed, lambda *told: self.told.append(told))

    def halts(self) -> list[tuple[list[int], bool]]:
        found = [(action.tags.tolist(), action.halted) for action in self.posted if isinstance(action, Halt)]
        self.posted.clear()
        return found


def stopped() -> Station:
    station = Station()
    station.scan(0, beat=1)
    station.scan(1, beat=2)
    station.scan(6)
    return station


def test_all_other_tags_stop_together_with_one_event() -> None:
    station = stopped()
    assert station.halts() == [([SPEED, LEVEL], True)]
    station.scan(7)
    station.scan(8, beat=2)
    assert station.halts() == []
    ((connection, is_stopped, text),) = station.told
    assert (connection, is_stopped) == ("plc", True)
    assert "plc/beat has not changed for 5 s" in text
    assert station.heartbeats.why_stopped("plc") == text
    assert station.heartbeats.why_stopped("other") == station.heartbeats.why_stopped("none") == ""


def test_they_come_back_with_the_first_beat() -> None:
    station = stopped()
    station.halts()
    station.scan(9, beat=3)
    assert station.halts() == [([SPEED, LEVEL], False)]
    assert [is_stopped for _, is_stopped, _ in station.told] == [True, False]
    assert station.heartbeats.why_stopped("plc") == ""


def test_the_state_of_the_cpu_stops_them_too() -> None:
    station = Station()
    station.scan(0, state=0.0)
    assert station.halts() == [([SPEED, LEVEL], True)]
    station.scan(1, state=1.0)
    assert station.halts() == [([SPEED, LEVEL], False)]


def test_a_connection_that_is_not_judged_costs_nothing() -> None:
    station = Station(ConnectionConfig("fake", "fake://"))
    station.scan(1000)
    assert not station.told


def test_an_edit_stops_what_is_new_in_a_stopped_device() -> None:
    station = stopped()
    station.halts()
    station.configure(PLC, LEVEL)
    assert station.halts() == [([LEVEL], False), ([SPEED], True)]
    station.configure(PLC)
    assert station.halts() == [([], False), ([SPEED, LEVEL], True)]
    station.scan(9, beat=3)
    assert station.halts() == [([SPEED, LEVEL], False)]


def test_another_judgement_begins_afresh() -> None:
    station = stopped()
    station.halts()
    station.configure(replace(PLC, heartbeat_timeout=60.0))
    assert station.halts() == [([SPEED, LEVEL], False)]
    station.scan(10)
    assert station.heartbeats.why_stopped("plc") == ""


def test_without_a_judgement_nothing_stays_stopped() -> None:
    station = stopped()
    station.halts()
    station.configure(ConnectionConfig("fake", "fake://"))
    assert station.halts() == [([SPEED, LEVEL], False)]


def test_values_of_a_stopped_program_are_bad_until_it_runs_again() -> None:
    """With the engine: the device goes on serving its last values, which must not look alive."""
    engine = Engine.build([TagEntry(at, one) for at, one in TAGS.items()], 1)
    station = Station()

    def scan(second: float, **values: float) -> dict[int, int]:
        ids = {"beat": BEAT, "speed": SPEED, "level": LEVEL}
        now = Instants(seconds(second), seconds(second))
        rows = [(ids[name], value) for name, value in values.items()]
        batch = batch_of([r[0] for r in rows], [now.utc] * len(rows), [now.mono] * len(rows), [r[1] for r in rows],
                         [0] * len(rows))  # fmt: skip
        actions, station.posted[:] = list(station.posted), []
        changed = engine.step(now, batch, actions).changed
        station.heartbeats.scanned(now, changed, lambda *told: station.told.append(told))
        return {at: engine.value_of(at).status for at in (SPEED, LEVEL)}

    scan(0, beat=1, speed=5, level=7)
    assert scan(1, beat=2, speed=5, level=7) == {SPEED: 0, LEVEL: 0}
    for second in range(2, 7):
        scan(second, beat=2, speed=5, level=7)
    halted = scan(7, beat=2, speed=5, level=7)
    assert halted == {SPEED: Status.BAD_DEVICE_FAILURE, LEVEL: Status.BAD_DEVICE_FAILURE}
    assert scan(8, beat=2, speed=6, level=7) == halted
    scan(9, beat=3, speed=6, level=8)
    assert scan(9.05) == {SPEED: 0, LEVEL: 0}
    assert (engine.value_of(SPEED).value, engine.value_of(LEVEL).value) == (6.0, 8.0)
    assert [told[1] for told in station.told] == [True, False]
