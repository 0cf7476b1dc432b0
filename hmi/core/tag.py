"""Tag: one measured, computed or entered value of the plant, as an engineer configures it.

These structs are the text of `tags/*.jsonl`: one JSON object a line, keys sorted, defaults left out.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from hmi.core.alarm import Alarm


class TagType(StrEnum):
    """What a tag's value is; everything but a string travels as float64."""

    FLOAT = "float"
    INT = "int"
    BOOL = "bool"
    ENUM = "enum"
    STRING = "string"


class ConnectionSource(Struct, frozen=True, tag="connection", tag_field="kind", forbid_unknown_fields=True):
    """The value lives in a device."""

    connection: str
    """Name in `connections.toml`."""
    address: str
    """Text the connection's driver understands, e.g. `ns=2;s=Mixer.Level` or `holding:107:float32`."""


class ExpressionSource(Struct, frozen=True, tag="expression", tag_field="kind", forbid_unknown_fields=True):
    """The value is computed from other tags."""

    expression: str


class MemorySource(Struct, frozen=True, tag="memory", tag_field="kind", forbid_unknown_fields=True):
    """The station itself holds the value; it survives restarts."""

    default: float | str = 0.0


class ManualSource(Struct, frozen=True, tag="manual", tag_field="kind", forbid_unknown_fields=True):
    """A person enters the value (a laboratory result, a meter reading); it survives restarts."""


Source = ConnectionSource | ExpressionSource | MemorySource | ManualSource


class Clamp(StrEnum):
    """What happens to a value outside the engineering range."""

    NONE = "none"
    LIMIT = "limit"
    """Held at the range's end, Uncertain_EngineeringUnitsExceeded with the limit bits set."""
    REJECT = "reject"
    """Bad_OutOfRange."""


class Scaling(Struct, frozen=True, forbid_unknown_fields=True):
    """Straight line from the device's number to engineering units and back."""

    raw: tuple[float, float]
    """Device numbers (low, high)."""
    eu: tuple[float, float]
    """The same two points in the tag's unit."""
    clamp: Clamp = Clamp.NONE


class Feedback(StrEnum):
    """How a command is known to have worked."""

    ECHO = "echo"
    """Read the written address back and compare the encoded value."""
    STATUS = "status"
    """Another tag (`status_tag`) reaches `status_value`."""
    METHOD = "method"
    """The device's method call answers."""
    NONE = "none"
    """Nothing can tell; declared by the engineer."""


class Write(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Allows writing a tag; a tag without it can never be written (deny by default)."""

    low: float | None = None
    """Lowest accepted value in engineering units."""
    high: float | None = None
    """Highest accepted value in engineering units."""
    max_step: float | None = None
    """A change larger than this is refused."""
    confirm: int = 2
    """Confirm class: 1 single click, 2 two steps, 3 two steps and a reason."""
    role: str = "operator"
    """Least role that may write."""
    feedback: Feedback = Feedback.ECHO
    status_tag: str = ""
    status_value: float = 1.0
    timeout: float = 5.0
    """Seconds until a missing read-back counts as not confirmed."""
    to_safe: bool = False
    """Stops, closes or aborts: never refused for quality, interlock, rate or a stale display."""
    pulse: bool = False
    """Writes 1; the PLC clears it."""
    interlock: str = ""
    """Expression that must be true and not Bad; empty = none."""


class History(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which samples are kept; the default keeps every change. A change of quality and what a person entered always are.

    Values that pass the deadband and the intervals go through the swinging door, if there is one.
    """

    store: bool = True
    deadband: float = 0.0
    """Change in engineering units that is worth storing; 0 = every change. The sample before it is stored as well."""
    min_interval: float = 0.0
    """Seconds after a stored sample in which changes are not stored; the last of them is when they are over."""
    max_interval: float = 0.0
    """Seconds after which a sample is stored although its value is not worth it; 0 = never."""
    swinging_door: float | None = None
    """Greatest error in engineering units of a line between stored samples; None = samples are not left out for it."""
    group: str = ""
    """Retention group (`[history.groups]` of `project.toml`); empty = `default`."""


class Tag(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One tag; `uid` is its identity through renames, `path` its name `area/line/unit/measure`."""

    uid: str
    path: str
    type: TagType
    source: Source
    unit: str = ""
    range: tuple[float, float] | None = None
    """Engineering range (low, high): the scale of bars and trends."""
    normal: tuple[float, float] | None = None
    """Band of normal operation, shaded on indicators."""
    states: dict[str, str] = {}
    """Texts of an enumeration's or boolean's values, keyed by the number: `{"0": "Stopped"}`."""
    description: str = ""
    decimals: int | None = None
    """Digits after the point; None = 1/1000 of the range."""
    scaling: Scaling | None = None
    deadband: float = 0.0
    """Changes of the live value up to this (engineering units) are dropped; a change of quality never is."""
    scan: float = 1.0
    """Seconds between samples asked of the device."""
    expect: float = 0.0
    """Seconds within which the device must have delivered a sample; without one the value is
    Uncertain_LastUsableValue until the next. 0 = not watched: a value that does not change is as good as a new one."""
    frozen: float = 0.0
    """Seconds for which the device may deliver or confirm the very same number; after that it is
    Uncertain_LastUsableValue until it moves. 0 = not watched."""
    history: History = History()
    alarms: tuple[Alarm, ...] = ()
    write: Write | None = None
    stepped: bool | None = None
    """Held between samples rather than sloped; None = stepped but for floats with a swinging door."""
    driver: dict[str, float | int | str | bool] = {}
    """Options of this point that only its driver knows."""

    @property
    def is_stepped(self) -> bool:
        """Whether the value holds until the next sample."""
        if self.stepped is not None:
            return self.stepped
        # Changes are stored, so between two samples nothing changed: drawn as a slope, a speed that stood still until
        # a machine jammed would seem to have fallen for minutes before, and averages would be wrong and Good.
        entered = self.write is not None or isinstance(self.source, MemorySource | ManualSource)
        return self.type is not TagType.FLOAT or entered or self.history.swinging_door is None


def stale_after(tag: Tag) -> float:
    """Seconds without a sign of life after which the value of a connected tag is Bad."""
    return max(2.0, 3 * tag.scan)
