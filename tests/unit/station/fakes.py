"""Stand-ins behind the station's own protocols."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from hmi.core.batch import Batch, Int32
from hmi.core.instants import SECOND, Instants
from hmi.core.interlock import Verdict
from hmi.core.project import ConnectionConfig, Project, ProjectFile, Security
from hmi.core.tag import ConnectionSource, Feedback, MemorySource, Tag, TagType, Write
from hmi.drivers.api import LinkState, Point, Sample, WriteOutcome, WriteResult
from hmi.historian.api import StoreError
from hmi.station.intake import Intake
from hmi.station.links import Link
from hmi.station.tag_table import TagTable
from hmi.station.trail import Act
from hmi.station.who import Who


class FakeClock:
    """Stands still until told."""

    def __init__(self) -> None:
        self.mono = 1000 * SECOND
        self.utc = 5000 * SECOND

    def now(self) -> Instants:
        return Instants(self.mono, self.utc)

    def pass_(self, seconds: float) -> None:
        self.mono += int(seconds * SECOND)
        self.utc += int(seconds * SECOND)


class FakeTrail:
    """An audit trail in a list; `full` makes the disk refuse, `answers` hang until it is set."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []
        self.used: set[str] = set()
        self.full = False
        self.answers = asyncio.Event()
        self.answers.set()

    async def audit(self, who: Who, act: Act) -> None:
        await self.answers.wait()
        if self.full:
            raise StoreError("The disk is full.")
        self.lines.append((who.user, act.object_, act.result))

    async def claim(self, command: str, utc: int) -> bool:
        await self.answers.wait()
        if self.full:
            raise StoreError("The disk is full.")
        first = command not in self.used
        self.used.add(command)
        return first


class FakeConnection:
    """A device with one number a point, which writes exactly once."""

    def __init__(self) -> None:
        self.held: dict[int, float | str] = {}
        self.writes: list[tuple[int, float | str]] = []
        self.written = asyncio.Event()
        self.outcome = WriteOutcome.DONE
        self.takes = True
        """Whether a written value is really held."""
        self.encode: Callable[[float | str], float | str] = lambda value: value

    async def run(self) -> None:
        return

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        return [Sample(self.held[p.tag], 0, 0) for p in points]

    async def write(self, point: Point, value: float | str) -> WriteResult:
        self.writes.append((point.tag, value))
        self.written.set()
        sent = self.encode(value)
        if self.takes and self.outcome is not WriteOutcome.REFUSED:
            self.held[point.tag] = sent
        return WriteResult(self.outcome, 0, "", sent)


class FakeLive:
    """Present values in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[int, tuple[float | str | None, int, int]] = {}
        self.free: bool | None = True

    def present(self, tag: int) -> tuple[float | str | None, int, int]:
        return self.rows[tag]

    def interlock(self, tag: int) -> Verdict:
        return Verdict(self.free, "" if self.free else "The door is open, must be closed.")


def tag(path: str, **fields: object) -> Tag:
    base: dict[str, object] = {
        "uid": f"uid-{path}",
        "path": path,
        "type": TagType.FLOAT,
        "source": ConnectionSource("plc", path),
        "range": (0.0, 100.0),
        "write": Write(timeout=0.3),
    }
    return Tag(**{**base, **fields})  # type: ignore[arg-type]  # a table of fields


SETPOINT, STOP, RECIPE = 1, 2, 3
TAGS = {
    SETPOINT: tag("line/sp", unit="bar"),
    STOP: tag(
        "line/stop",
        type=TagType.BOOL,
        range=None,
        write=Write(pulse=True, to_safe=True, feedback=Feedback.NONE, timeout=0.3),
    ),
    RECIPE: tag("line/recipe", source=MemorySource(1.0), type=TagType.INT),
}


def project(*, writes: bool = True, device: bool = True) -> Project:
    file = ProjectFile("Line", security=Security(writes_enabled=writes))
    config = ConnectionConfig("fake", "fake://", writes_enabled=device)
    return Project(file, {"plc": config}, tuple(TAGS.values()))


def table(of: Project) -> TagTable:
    return TagTable(of, {t.uid: id_ for id_, t in TAGS.items()})


def link(connection: FakeConnection, clock: FakeClock) -> Link:
    def report(kind: str, source: str, text: str) -> None:
        return None

    intake = Intake("plc", clock, report)
    intake.state(LinkState.UP, "")
    points = {id_: Point(id_, t.path, t.path, t.type, 1.0, writable=True) for id_, t in TAGS.items()}
    return Link("plc", "fake", "fake://", intake, connection, lambda text, _type: text, points)


def latest(_: Int32) -> Batch:
    raise AssertionError("nobody asked for values")
