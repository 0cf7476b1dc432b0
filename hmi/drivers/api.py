"""The door every driver comes through, built-in or plugin.

A driver is *facts* (a `Driver`: how its addresses and options are written, parsed once at the edge) and *behaviour*
(a `Connection`: one object a device, run by the station). Values go to a `Sink` in columns, never one by one.
A driver delivers device numbers; scaling, deadband, staleness and alarms are the station's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from hmi.core.batch import Batch, Int32
from hmi.core.errors import LinesideError
from hmi.core.instants import Instants
from hmi.core.tag import TagType

API_VERSION: Final = 1
"""A driver built for another version is refused with a sentence and switched off; the others run."""


class AddressError(LinesideError):
    """An address or option that the driver does not understand."""


class LinkState(StrEnum):
    """What a connection is doing."""

    CONNECTING = "connecting"
    UP = "up"
    DOWN = "down"
    """Lost or refused; the next attempt is scheduled."""
    OFF = "off"
    """Switched off by the station or by a fault in the driver itself."""


class Clock(Protocol):
    """The station's clocks; a driver reads no other."""

    def now(self) -> Instants:
        """Both clocks at this moment."""
        ...


class Sink(Protocol):
    """Where a connection puts what it learns. Calls never block and never fail."""

    def deliver(self, batch: Batch) -> None:
        """Samples in the order in which the device gave them; `received` is `Clock.now().mono`."""
        ...

    def alive(self, tags: Int32) -> None:
        """The device answered for these tags just now, with nothing new to tell."""
        ...

    def state(self, state: LinkState, text: str) -> None:
        """The link changed; `text` is one sentence for an operator (what, where, what to do)."""
        ...

    def count(self, name: str, amount: int = 1) -> None:
        """Adds to a diagnostic counter, e.g. `requests`, `timeouts`, `overflows`, `reconnects`."""
        ...

    def condition(self, condition: DeviceCondition) -> None:
        """The device's own alarm or event changed; told in the order in which the device gave it."""
        ...


@dataclass(frozen=True, slots=True)
class DeviceCondition:
    """One state of an alarm that the device judges itself, e.g. an OPC UA condition. Not a sample: no tag is needed."""

    key: str
    """Names the condition for as long as the device knows it."""
    event: str
    """Names this state of it: what an acknowledgement passes back. Empty: it cannot be acknowledged."""
    source: str
    """What the device says it is about."""
    name: str
    message: str
    severity: int
    """1 (least) to 1000."""
    active: bool
    acknowledged: bool
    retain: bool
    """False: the condition is of no interest any more and leaves a list of present ones."""
    time: int
    """ns UTC, the device's."""


@dataclass(frozen=True, slots=True)
class Point:
    """One tag's place in a device."""

    tag: int
    """Catalogue id used in Batches."""
    path: str
    """For messages to people only."""
    address: object
    """What `Driver.parse_address` returned."""
    type: TagType
    scan: float
    """Seconds between samples."""
    writable: bool = False
    """Both the tag and its connection allow writing."""
    options: Mapping[str, float | int | str | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConnectionSpec:
    """All a driver needs to make one connection."""

    name: str
    endpoint: str
    options: object
    """What `Driver.parse_options` returned."""
    points: tuple[Point, ...]
    writes_enabled: bool
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Passwords by name, from the data folder; never logged."""
    folder: Path | None = None
    """Where the driver may keep what is the station's and not the project's (own certificate, trust list): in the data
    folder, for the owner only, shared by all connections of the driver. None: nothing may be kept."""


class WriteOutcome(StrEnum):
    """What is known after a write was sent."""

    DONE = "done"
    """The device confirmed that it took the value."""
    REFUSED = "refused"
    """The device, or the driver before sending, said no; nothing changed."""
    UNKNOWN = "unknown"
    """Sent, but no answer: only a read-back can tell. Never sent again by itself."""


@dataclass(frozen=True, slots=True)
class WriteResult:
    """Outcome of one write with a status and a sentence."""

    outcome: WriteOutcome
    status: int
    text: str = ""
    sent: float | str | None = None
    """The device number as the device's own encoding holds it (rounded to its register, cut to its precision): what
    a read-back must show. None = exactly the value that was given."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One fresh read of one point in device numbers."""

    value: float | str
    status: int
    time: int
    """Source time, ns UTC."""


class Connection(Protocol):
    """Behaviour: one live device."""

    async def run(self) -> None:
        """Connects, acquires and reconnects with back-off and jitter until cancelled; leaves nothing behind.

        Raises nothing that a device, a network or a malformed answer can cause.
        """
        ...

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """Fresh values straight from the device, one a point; Bad_NoCommunication where it does not answer."""
        ...

    async def write(self, point: Point, value: float | str) -> WriteResult:
        """Sends one device number exactly once; never retries, queues or sends late."""
        ...


@runtime_checkable
class Driver(Protocol):
    """Facts: what a plugin exports as `DRIVER`."""

    @property
    def name(self) -> str:
        """Name used in `connections.toml`."""
        ...

    @property
    def api_version(self) -> int:
        """The `API_VERSION` it was written for."""
        ...

    def parse_address(self, text: str, type_: TagType) -> object:
        """The parsed address (hashable, frozen).

        Raises:
            AddressError: with what is wrong and an example that is right.
        """
        ...

    def parse_options(self, endpoint: str, options: Mapping[str, object]) -> object:
        """The parsed endpoint and options.

        Raises:
            AddressError: with the option's name.
        """
        ...

    def connect(self, spec: ConnectionSpec, sink: Sink, clock: Clock) -> Connection:
        """A connection that does nothing until `run`."""
        ...


class BrowseKind(StrEnum):
    """What a place in a device's own directory is."""

    FOLDER = "folder"
    VARIABLE = "variable"
    METHOD = "method"


@dataclass(frozen=True, slots=True)
class BrowseItem:
    """One place in a device's own directory, with what the device says of it."""

    node: str
    """What `Browser.browse` takes to list the places below."""
    name: str
    kind: BrowseKind
    below: bool
    """Whether there may be places below."""
    address: str = ""
    """What a tag would have as its address; empty: no tag can be made of it."""
    type: TagType | None = None
    unit: str = ""
    low: float | None = None
    """The range that the device states, device numbers."""
    high: float | None = None
    states: Mapping[str, str] = field(default_factory=dict)
    """Names of an enumeration's values."""
    description: str = ""
    writable: bool = False


@runtime_checkable
class Browser(Protocol):
    """A connection whose device has a directory. `Connection` objects may have this beside their behaviour."""

    async def browse(self, node: str) -> Sequence[BrowseItem]:
        """The places below `node`, in the device's order; "" is the top.

        Raises:
            ConnectError: the device does not answer now.
            AddressError: there is no such place.
        """
        ...


@runtime_checkable
class Repointable(Protocol):
    """A connection that takes another set of points while it runs. One without this is made anew by the station."""

    async def repoint(self, points: tuple[Point, ...]) -> None:
        """Takes these points instead of the present ones.

        Points that stay equal go on undisturbed: no gap, no sample twice, none lost. New ones deliver their first value
        as after a connect. Raises nothing that a device can cause.
        """
        ...


@runtime_checkable
class Acknowledger(Protocol):
    """A connection that passes an operator's acknowledgement of a `DeviceCondition` back to the device."""

    async def acknowledge(self, key: str, event: str, user: str, comment: str) -> WriteResult:
        """Sent exactly once; `key` and `event` are the condition's."""
        ...


@dataclass(frozen=True, slots=True)
class OptionField:
    """One option of a connection as a form shows it."""

    name: str
    help: str
    """One sentence."""
    default: float | int | str | bool
    """Its type is the option's type."""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    secret: bool = False
    """Kept in the data folder by this name, never in the project."""


@runtime_checkable
class Described(Protocol):
    """A driver that tells a form how its connections and addresses are written. `Driver` objects may have it beside."""

    @property
    def title(self) -> str:
        """What people call it, e.g. `OPC UA`."""
        ...

    @property
    def fields(self) -> tuple[OptionField, ...]:
        """The options in reading order."""
        ...

    @property
    def endpoint_example(self) -> str:
        """An endpoint that is right."""
        ...

    @property
    def address_example(self) -> str:
        """An address that is right."""
        ...
