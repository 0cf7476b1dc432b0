"""The PLC's process image: what its points read at the last scan, and the only way to change them.

Physics know nothing of scans or ranges; servers know nothing of physics. The image stands between them and tells both
the servers and the recorder exactly which values changed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hmi.softplc.plant.line import Line
from hmi.softplc.points import Access, Kind, Point, Value

TICK_MS = 100
GOOD = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A point's new value or status; `time` in ns since 1970 UTC, whole microseconds."""

    point: Point
    value: Value
    status: int
    time: int


class Image:
    """Values of one PLC's points, scanned class by class as a PLC's tasks do."""

    def __init__(self, plc: str, points: Sequence[Point], line: Line) -> None:
        self.plc = plc
        self.points = {point.name: point for point in points}
        self._line = line
        self._values: dict[str, Value] = {}
        self._status: dict[str, int] = dict.fromkeys(self.points, GOOD)
        self._stamps: dict[str, int] = {}
        self._classes: dict[int, list[tuple[Point, object]]] = {}
        for point in points:
            unit = getattr(line, point.unit)
            self._classes.setdefault(point.scan_ms // TICK_MS, []).append((point, unit))

    def value(self, name: str) -> Value:
        """What the point read at its last scan."""
        return self._values[name]

    def current(self) -> list[Change]:
        """Every point as it was last served, for a server that has just been opened."""
        return [
            Change(point, self._values[name], self._status[name], self._stamps[name] * 1000)
            for name, point in self.points.items()
        ]

    def scan(self, tick: int, time: int) -> list[Change]:
        """Read every point whose task is due at `tick` (100 ms each; tick 0 reads all) and return what changed."""
        changes = []
        for every, members in self._classes.items():
            if tick % every:
                continue
            for point, unit in members:
                value = self._read(point, unit)
                status = self._line.bad.get(point.name, GOOD)
                if value != self._values.get(point.name) or status != self._status[point.name]:
                    changes.append(self._keep(point, value, status, time))
        return changes

    def refuses(self, point: Point, value: Value) -> bool:
        """Whether the PLC would not take `value` from an operator: not writable, or outside its range or states."""
        if not point.writable:
            return True
        if point.kind is Kind.ENUM:
            return value not in point.states
        if point.kind in (Kind.FLOAT, Kind.INT):
            number = float(value)
            return not (math.isfinite(number) and point.low <= number <= point.high)
        return False

    def write(self, name: str, value: Value, time: int) -> Change:
        """Set a point that `refuses` let through; the physics see it at their next step."""
        point = self.points[name]
        setattr(getattr(self._line, point.unit), point.measure, value)
        return self._keep(point, value, self._status[name], time)

    def _keep(self, point: Point, value: Value, status: int, time: int) -> Change:
        """Two changes of a point never share a stamp, or a history could not tell them apart."""
        stamp = max(time // 1000, self._stamps.get(point.name, 0) + 1)
        self._stamps[point.name] = stamp
        self._values[point.name] = value
        self._status[point.name] = status
        return Change(point, value, status, stamp * 1000)

    @staticmethod
    def _read(point: Point, unit: object) -> Value:
        """A transmitter resolves only so many digits; a setpoint reads back exactly as written."""
        value: Value = getattr(unit, point.measure)
        if point.kind is Kind.FLOAT and point.access is Access.READ:
            return round(float(value), point.decimals) + 0.0
        if point.kind is Kind.INT:
            return int(value)
        return value
