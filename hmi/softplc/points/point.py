"""One served value of a soft PLC.

A point is what an electrician would find in the I/O list: where the value belongs, what it means, its range and how it
travels. The tables beside this module are those lists; servers, recorder and documentation are all read from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

Value = float | int | bool | str


class Kind(Enum):
    """What a value is, in the words of the HMI's tag types."""

    FLOAT = "float"
    INT = "int"
    BOOL = "bool"
    ENUM = "enum"
    STRING = "string"


class Access(Enum):
    """Who may change a point: nobody, an operator for good, or an operator for one scan (a push button)."""

    READ = "read"
    SETPOINT = "setpoint"
    COMMAND = "command"


class Wire(Enum):
    """How a number sits in 16-bit registers; `words` of them."""

    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    FLOAT32 = "float32"

    @property
    def words(self) -> int:
        """Registers one value takes."""
        return 1 if self in (Wire.INT16, Wire.UINT16) else 2


@dataclass(frozen=True, slots=True)
class Point:
    """A value at `unit/measure`; `low..high` is the instrument's range, `normal` where a healthy line keeps it."""

    unit: str
    measure: str
    kind: Kind
    text: str
    eu: str = ""
    low: float = 0.0
    high: float = 1.0
    normal: tuple[float, float] | None = None
    scan_ms: int = 1000
    access: Access = Access.READ
    decimals: int = 2
    wire: Wire = Wire.FLOAT32
    factor: float = 1.0
    states: Mapping[int, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The point's name inside its PLC, e.g. `mixer.level`."""
        return f"{self.unit}.{self.measure}"

    @property
    def writable(self) -> bool:
        """Whether an operator may change it at all."""
        return self.access is not Access.READ


def measured(
    unit: str,
    measure: str,
    eu: str,
    span: tuple[float, float],
    text: str,
    *,
    normal: tuple[float, float] | None = None,
    scan: int = 1000,
    decimals: int = 2,
    wire: Wire = Wire.FLOAT32,
    factor: float = 1.0,
) -> Point:
    """A transmitter's reading; on Modbus `raw = value * factor` in the given register type."""
    return Point(unit, measure, Kind.FLOAT, text, eu, *span, normal, scan, Access.READ, decimals, wire, factor)


def setpoint(
    unit: str,
    measure: str,
    eu: str,
    span: tuple[float, float],
    text: str,
    *,
    normal: tuple[float, float] | None = None,
    decimals: int = 2,
    wire: Wire = Wire.FLOAT32,
    factor: float = 1.0,
) -> Point:
    """A number the operator may set; the PLC refuses anything outside `span`."""
    return Point(unit, measure, Kind.FLOAT, text, eu, *span, normal, 500, Access.SETPOINT, decimals, wire, factor)


def counter(unit: str, measure: str, eu: str, text: str, *, scan: int = 1000, high: float = 4294967295) -> Point:
    """A number that only counts up, in 32 bits."""
    return Point(unit, measure, Kind.INT, text, eu, 0, high, None, scan, decimals=0, wire=Wire.UINT32)


def whole(
    unit: str,
    measure: str,
    eu: str,
    span: tuple[float, float],
    text: str,
    *,
    scan: int = 1000,
    normal: tuple[float, float] | None = None,
) -> Point:
    """A small whole number in one register."""
    return Point(unit, measure, Kind.INT, text, eu, *span, normal, scan, decimals=0, wire=Wire.UINT16)


def bit(unit: str, measure: str, text: str, *, off: str = "off", on: str = "on", scan: int = 500) -> Point:
    """A contact or a running signal."""
    return Point(unit, measure, Kind.BOOL, text, scan_ms=scan, states={0: off, 1: on})


def switch(unit: str, measure: str, text: str, *, off: str = "off", on: str = "on") -> Point:
    """A bit the operator may set and clear."""
    return Point(unit, measure, Kind.BOOL, text, scan_ms=500, access=Access.SETPOINT, states={0: off, 1: on})


def button(unit: str, measure: str, text: str) -> Point:
    """A command bit: write true, the PLC acts once and takes it back."""
    return Point(unit, measure, Kind.BOOL, text, scan_ms=100, access=Access.COMMAND, states={0: "idle", 1: "pressed"})


def choice(
    unit: str, measure: str, states: Mapping[int, str], text: str, *, access: Access = Access.READ, scan: int = 500
) -> Point:
    """A number that stands for a word."""
    return Point(
        unit,
        measure,
        Kind.ENUM,
        text,
        low=min(states),
        high=max(states),
        scan_ms=scan,
        access=access,
        decimals=0,
        wire=Wire.UINT16,
        states=states,
    )


def words(unit: str, measure: str, text: str) -> Point:
    """A text, e.g. a batch name (OPC UA only)."""
    return Point(unit, measure, Kind.STRING, text, scan_ms=1000)
