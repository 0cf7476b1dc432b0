"""The message of one command, or why none may be sent."""

from __future__ import annotations

from dataclasses import dataclass

from hmi.core.quality import Status
from hmi.drivers.api import ConnectionSpec, Point, WriteOutcome, WriteResult

from .address import SparkplugAddress
from .book import address_of, found
from .datatypes import DataType, MismatchError, encode
from .host import Host
from .node import REBIRTH
from .payload import Codec
from .topics import NodeId, command_topic

_CONTROLS = ("Node Control/", "Device Control/")


@dataclass(frozen=True, slots=True)
class Order:
    """What to publish, and the value that a read-back must show then."""

    topic: str
    payload: bytes
    sent: float | str | None
    """None: nothing is reported of it."""


def rebirth(node: NodeId, codec: Codec, utc: int) -> Order:
    """Asks a node to tell everything again."""
    payload = codec.command(utc, REBIRTH, None, DataType.BOOLEAN, "boolean_value", True)
    return Order(command_topic(node, ""), payload, None)


def build(
    spec: ConnectionSpec, host: Host | None, codec: Codec, point: Point, value: float | str, utc: int
) -> Order | WriteResult:
    """The one message to send, or the refusal."""
    try:
        if not spec.writes_enabled or not point.writable:
            raise CannotError(Status.BAD_NOT_WRITABLE, "is not writable: enable it at the tag and its connection")
        if host is None:
            raise CannotError(Status.BAD_NO_COMMUNICATION, f"{spec.name} is not connected; nothing was sent")
        return _order(host, codec, address_of(point), value, utc)
    except CannotError as fault:
        return refused(fault.status, f"{point.path}: {fault}.")
    except MismatchError as fault:
        return refused(Status.BAD_OUT_OF_RANGE, f"{point.path}: {fault}.")


class CannotError(Exception):
    """Why nothing may be sent."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def _order(host: Host, codec: Codec, address: SparkplugAddress, value: float | str, utc: int) -> Order:
    node = host.nodes.get(address.node)
    if node is None or not node.is_there(address.device):
        where = f"{address.node}{'/' if address.device else ''}{address.device}"
        raise CannotError(Status.BAD_NO_COMMUNICATION, f"{where} is not there; nothing was sent")
    born, element = found(address, node)
    if born is None or born.datatype is None:
        raise CannotError(Status.BAD_NODE_ID_UNKNOWN, f"{address.node} has no metric '{address.metric}'")
    if element is not None or born.of_template:
        raise CannotError(Status.BAD_NOT_WRITABLE, "a part of a metric cannot be written by itself")
    if born.birth.properties.get("readOnly"):
        raise CannotError(Status.BAD_NOT_WRITABLE, "the device says that it can only be read")
    field, content, sent = encode(born.datatype, value)
    payload = codec.command(utc, born.name, born.alias, born.datatype, field, content)
    is_control = born.name.startswith(_CONTROLS)
    return Order(command_topic(address.node, address.device), payload, None if is_control else sent)


def refused(status: int, text: str) -> WriteResult:
    """Nothing was sent, or the broker said no."""
    return WriteResult(WriteOutcome.REFUSED, status, text)


def unknown(status: int, text: str, sent: float | str | None) -> WriteResult:
    """It was sent and may have had its effect."""
    return WriteResult(WriteOutcome.UNKNOWN, status, f"{text} Read the value back before writing again.", sent)
