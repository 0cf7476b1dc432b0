"""What the station and a driver process tell each other; a `line` is one connection of one run of it."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np
from msgspec import Struct

from hmi.core.batch import Batch
from hmi.core.tag import TagType
from hmi.drivers.api import (
    BrowseItem,
    DeviceCondition,
    LinkState,
    Point,
    Sample,
    WriteResult,
)
from hmi.drivers.plugin.place import Place


class Message(Struct, frozen=True, array_like=True, tag=True):
    """Base of everything that is sent."""


class PointText(Struct, frozen=True, array_like=True):
    """A `Point` as it is written: a parsed address does not leave the process that parsed it."""

    tag: int
    path: str
    address: str
    type: TagType
    scan: float
    writable: bool
    options: dict[str, float | int | str | bool]


class Open(Message, frozen=True):
    """Make a connection and run it."""

    line: int
    place: Place
    name: str
    endpoint: str
    options: dict[str, Any]
    points: list[PointText]
    writes_enabled: bool
    secrets: dict[str, str]
    folder: str | None


class Close(Message, frozen=True):
    """Cancel the connection; answered by `Ended`."""

    line: int


class Read(Message, frozen=True):
    """Answered by `Samples`."""

    number: int
    line: int
    points: list[PointText]


class Write(Message, frozen=True):
    """Answered by `Written`."""

    number: int
    line: int
    point: PointText
    value: float | str
    sent: int
    """Monotonic ns: what waited in a process that hung is not sent any more."""


class Acknowledge(Message, frozen=True):
    """Answered by `Written`."""

    number: int
    line: int
    key: str
    event: str
    user: str
    comment: str
    sent: int


class Browse(Message, frozen=True):
    """Answered by `Listed` or `Failed`."""

    number: int
    line: int
    node: str


class Repoint(Message, frozen=True):
    """Answered by `Done`."""

    number: int
    line: int
    points: list[PointText]


class Cancel(Message, frozen=True):
    """Nobody waits for this answer any more."""

    number: int


Ask = Read | Write | Acknowledge | Browse | Repoint
Down = Open | Close | Cancel | Ask
"""From the station."""


class Beat(Message, frozen=True):
    """The process's event loop turns."""


class Opening(Message, frozen=True):
    """The driver's code is about to be called: if nothing comes after this, it is what hangs."""

    line: int


class Opened(Message, frozen=True):
    """The connection runs."""

    line: int


class Ended(Message, frozen=True):
    """The connection does not run any more."""

    line: int
    fault: str
    """What the driver failed with; empty after `Close`."""


class Rows(Message, frozen=True):
    """A Batch: its columns as they lie in memory."""

    line: int
    tag: bytes
    time: bytes
    received: bytes
    value: bytes
    status: bytes
    text: tuple[str, ...]
    text_rows: bytes
    backfill: bool


class Fresh(Message, frozen=True):
    """The device answered for these tags."""

    line: int
    tags: bytes
    mono: int


class Told(Message, frozen=True):
    """The link's state."""

    line: int
    state: LinkState
    text: str


class Counted(Message, frozen=True):
    """What was added to counters."""

    line: int
    amounts: dict[str, int]


class Condition(Message, frozen=True):
    """A device's own alarm."""

    line: int
    condition: DeviceCondition


class Samples(Message, frozen=True):
    """Answer to `Read`."""

    number: int
    samples: list[Sample]


class Written(Message, frozen=True):
    """Answer to `Write` and `Acknowledge`."""

    number: int
    result: WriteResult


class Listed(Message, frozen=True):
    """Answer to `Browse`."""

    number: int
    items: list[BrowseItem]


class Done(Message, frozen=True):
    """Answer to `Repoint`."""

    number: int


class Failed(Message, frozen=True):
    """The answer is a sentence."""

    number: int
    what: str
    do: str
    unreachable: bool
    """The device does not answer now; otherwise the question is wrong."""


Answer = Samples | Written | Listed | Done | Failed
News = Opening | Opened | Ended | Rows | Fresh | Told | Counted | Condition
"""Of one connection."""
Up = Beat | News | Answer
"""From the driver process."""

_HEAD: Final = 4
_encoder = msgspec.msgpack.Encoder()
read_down: Final = msgspec.msgpack.Decoder(Down).decode
read_up: Final = msgspec.msgpack.Decoder(Up).decode


def framed(message: Down | Up) -> bytes:
    """A message with its length before it."""
    body = _encoder.encode(message)
    return len(body).to_bytes(_HEAD, "little") + body


def length(head: bytes) -> int:
    """The length of the message behind these first four bytes."""
    return int.from_bytes(head, "little")


HEAD: Final = _HEAD


def written(point: Point, address: str) -> PointText:
    """A point as it is told to another process."""
    return PointText(point.tag, point.path, address, point.type, point.scan, point.writable, dict(point.options))


def rows_of(line: int, batch: Batch) -> Rows:
    """A Batch on its way."""
    return Rows(
        line,
        batch.tag.tobytes(),
        batch.time.tobytes(),
        batch.received.tobytes(),
        batch.value.tobytes(),
        batch.status.tobytes(),
        batch.text,
        batch.text_rows.tobytes(),
        batch.backfill,
    )


def batch_from(rows: Rows) -> Batch:
    """The Batch that arrived."""
    return Batch(
        np.frombuffer(rows.tag, np.int32),
        np.frombuffer(rows.time, np.int64),
        np.frombuffer(rows.received, np.int64),
        np.frombuffer(rows.value, np.float64),
        np.frombuffer(rows.status, np.uint32),
        rows.text,
        np.frombuffer(rows.text_rows, np.int32),
        rows.backfill,
    )
