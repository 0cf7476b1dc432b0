"""Element: one thing on a display - a tank, a value, a button - as its JSON object says it.

The `kind` of the object names the struct. Positions and sizes are logical pixels of the display. An element names
the tags it shows by path; `paths()` puts the most telling one first: it is the one whose faceplate a click opens.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct


class Element(Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """Base of everything on a display: where it is and what it is called."""

    id: str
    """Unique on its display."""
    x: float
    y: float
    w: float
    h: float
    label: str = ""
    """Short name printed with the symbol."""

    def paths(self) -> tuple[str, ...]:
        """Tags this element shows, the main one first."""
        return ()


def prefixes(alarms: str | list[str]) -> list[str]:
    """Path prefixes as a list, none for an empty string."""
    return [alarms] * bool(alarms) if isinstance(alarms, str) else alarms


def _given(*paths: str) -> tuple[str, ...]:
    return tuple(path for path in paths if path)


class Text(Element, frozen=True, tag="text"):
    """A word or a heading."""

    size: float = 15
    """Height in logical pixels."""
    bold: bool = False
    quiet: bool = False
    """Secondary text colour."""
    align: Literal["left", "center", "right"] = "left"


class Frame(Element, frozen=True, tag="frame"):
    """A group of things that belong together, with its heading."""


class Tank(Element, frozen=True, tag="tank"):
    """A vessel filled to its level; the fill is the level's engineering range."""

    level: str
    setpoint: str = ""
    low_switch: str = ""
    high_switch: str = ""
    agitator: str = ""
    """Running bit of an agitator drawn inside."""

    def paths(self) -> tuple[str, ...]:
        """Level first."""
        return _given(self.level, self.setpoint, self.low_switch, self.high_switch, self.agitator)


class Pump(Element, frozen=True, tag="pump"):
    """A centrifugal pump: light when it runs, dark and named when it stands."""

    running: str
    interlock: str = ""
    """Bit that is 1 while the pump is locked."""

    def paths(self) -> tuple[str, ...]:
        """Running first."""
        return _given(self.running, self.interlock)


class Motor(Element, frozen=True, tag="motor"):
    """An electric drive."""

    running: str
    speed: str = ""

    def paths(self) -> tuple[str, ...]:
        """Running first."""
        return _given(self.running, self.speed)


class Valve(Element, frozen=True, tag="valve"):
    """A control valve (`position` in percent) or an open/shut valve (`position` is a bit)."""

    position: str
    words: tuple[str, str] = ("shut", "open")
    """What 0 and 1 of a bit mean at this valve."""

    def paths(self) -> tuple[str, ...]:
        """The position."""
        return (self.position,)


class Conveyor(Element, frozen=True, tag="conveyor"):
    """A belt: how fast it runs and how full it is."""

    running: str
    speed: str = ""
    accumulation: str = ""
    jam: str = ""

    def paths(self) -> tuple[str, ...]:
        """Speed first where there is one."""
        return _given(self.speed, self.running, self.accumulation, self.jam)


class Pipe(Element, frozen=True, tag="pipe"):
    """A line through `points`; lighter while `flow` is above a hundredth of its range or its bit is 1."""

    points: list[tuple[float, float]]
    flow: str = ""
    arrow: bool = True
    """Arrow head at the last point."""

    def paths(self) -> tuple[str, ...]:
        """The flow, where there is one."""
        return _given(self.flow)


class Exchanger(Element, frozen=True, tag="exchanger"):
    """A plate heat exchanger; `running` makes it light."""

    running: str = ""

    def paths(self) -> tuple[str, ...]:
        """Running, where there is a bit."""
        return _given(self.running)


class Machine(Element, frozen=True, tag="machine"):
    """A PackML machine: its state in words, why it does not produce, its speed and its worst alarm."""

    state: str
    reason: str = ""
    speed: str = ""
    alarms: str | list[str] = ""
    """Path prefix, or several, whose alarms are rolled up onto the box."""
    display: str = ""
    """Display that shows the machine in detail; a double click opens it."""

    def paths(self) -> tuple[str, ...]:
        """State first."""
        return _given(self.state, self.reason, self.speed)


class Value(Element, frozen=True, tag="value"):
    """A number or text with its name and unit."""

    path: str
    decimals: int | None = None
    show_unit: bool = True
    setpoint: bool = False
    """Drawn as a field that can be entered."""

    def paths(self) -> tuple[str, ...]:
        """The value's tag."""
        return (self.path,)


class Bar(Element, frozen=True, tag="bar"):
    """A moving analog indicator: pointer on the engineering range with normal band and alarm limits."""

    path: str
    setpoint: str = ""
    decimals: int | None = None

    def paths(self) -> tuple[str, ...]:
        """The indicated tag first."""
        return _given(self.path, self.setpoint)


class State(Element, frozen=True, tag="state"):
    """The word of a bit or enumeration; set off when it is not the `normal` one."""

    path: str
    normal: float | None = None

    def paths(self) -> tuple[str, ...]:
        """The state's tag."""
        return (self.path,)


class Trend(Element, frozen=True, tag="trend"):
    """A small trend of up to four tags over the last `window` seconds."""

    pens: list[str]
    window: float = 3600
    names: list[str] = []
    """Short names of the pens, in their order; without them the last word of the path."""

    def paths(self) -> tuple[str, ...]:
        """The pens."""
        return tuple(self.pens)


class Button(Element, frozen=True, tag="button"):
    """A command: writes `value` to `path` after what its confirm class asks for."""

    path: str
    value: float = 1
    state: str = ""
    """Tag of the machine's state, in PackML words: a stopping button stands out only while it would stop something."""

    def paths(self) -> tuple[str, ...]:
        """The command's tag first."""
        return _given(self.path, self.state)


class Link(Element, frozen=True, tag="link"):
    """Goes to another display and carries the worst alarm that is at home there or below."""

    display: str
    alarms: list[str] = []
    """Path prefixes whose alarms are at home on that display when their tag is on none."""


class Card(Element, frozen=True, tag="card"):
    """A key figure, large, with its normal band below it."""

    path: str
    decimals: int | None = None
    target: str = ""
    """Tag of the figure to reach."""

    def paths(self) -> tuple[str, ...]:
        """The figure first."""
        return _given(self.path, self.target)


class AlarmSummary(Element, frozen=True, tag="alarm_summary"):
    """Alarms by priority: of a display, of the rest, or below path prefixes."""

    display: str = ""
    """Counts what is at home on this display or below it, as the navigation tree does."""
    rest: bool = False
    """Counts what no other summary beside it counts: alarms of the whole line and of the station itself."""
    alarms: str | list[str] = []
    """Counts below one path prefix or several; an empty one means all."""

    # No tags: the alarm store feeds it.


class LinkState(Element, frozen=True, tag="link_state"):
    """Whether values of one connection arrive, told by the quality and beat of one tag of it."""

    path: str

    def paths(self) -> tuple[str, ...]:
        """The connection's heartbeat."""
        return (self.path,)


class Unknown(Struct, frozen=True, kw_only=True):
    """Stands where a document has a kind this program does not know: it is shown, never dropped."""

    id: str
    x: float
    y: float
    w: float
    h: float
    sentence: str
    label: str = ""

    def paths(self) -> tuple[str, ...]:
        """Nothing is known of it."""
        return ()


AnyElement = (
    Text
    | Frame
    | Tank
    | Pump
    | Motor
    | Valve
    | Conveyor
    | Pipe
    | Exchanger
    | Machine
    | Value
    | Bar
    | State
    | Trend
    | Button
    | Link
    | Card
    | AlarmSummary
    | LinkState
)

MAX_PENS: Final = 4
"""Pens an embedded trend can carry and still be read."""
