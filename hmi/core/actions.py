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


Action = Alive | Lost | Acknowledge | SetValue
