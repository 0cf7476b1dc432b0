"""What the engine is told beside samples: what people did and what drivers know about their links."""

from __future__ import annotations

from dataclasses import dataclass

from hmi.core.batch import Int32


@dataclass(frozen=True, slots=True)
class Alive:
    """A device answered for these tags although nothing changed: their values are fresh as of `mono`."""

    tags: Int32
    mono: int


@dataclass(frozen=True, slots=True)
class Lost:
    """These tags' connection is gone as of `mono`: their values become overdue together, with the first of them."""

    tags: Int32
    mono: int


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """An operator has seen one annunciation of an alarm; `event` guards against acknowledging a newer one."""

    alarm: str
    event: int
    """Event number of the annunciation that the operator saw."""
    user: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class SetValue:
    """A value entered or computed inside the station: memory and manual tags."""

    tag: int
    value: float | str
    status: int
    user: str


@dataclass(frozen=True, slots=True)
class Substitute:
    """A person's value stands in place of what a tag's device or expression says, until it is taken away.

    It shows as Good_LocalOverride, is stored and watched by the alarms like any value, and survives a restart. What the
    tag's own source says meanwhile is received but not shown; it shows at once when the substitute is taken away.
    """

    tag: int
    value: float | str | None
    """In engineering units; None takes the substitute away."""
    user: str


@dataclass(frozen=True, slots=True)
class ScanOff:
    """Acquisition of tags is switched off, or on again: all of them or, if one cannot be, none.

    While off a tag is Bad_OutOfService with its last value, never stale; its samples are not shown. Switched on it
    shows at once what its device said last. It survives a restart. A substitute stands in its place all the same.
    """

    tags: Int32
    off: bool
    user: str


@dataclass(frozen=True, slots=True)
class Halt:
    """The device answers, but what serves these tags does not work (a stopped CPU): what it says is not believed.

    While halted the tags are Bad_DeviceFailure with their last value; afterwards they show what was received last.
    It does not survive a restart: whoever judges the device judges it anew.
    """

    tags: Int32
    halted: bool


Action = Alive | Lost | Acknowledge | SetValue | Substitute | ScanOff | Halt
