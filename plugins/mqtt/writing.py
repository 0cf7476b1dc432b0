"""The message of one command, or why none may be sent."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import ConnectionSpec, Point, WriteOutcome, WriteResult

from .address import PLACEHOLDER, MqttAddress
from .options import MqttOptions


@dataclass(frozen=True, slots=True)
class Order:
    """What to publish, and the value that a read-back must show then."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    sent: float | str


def build(spec: ConnectionSpec, options: MqttOptions, point: Point, value: float | str) -> Order | WriteResult:
    """The one message to send, or the refusal."""
    address = point.address
    if not isinstance(address, MqttAddress):
        raise TypeError(f"{point.path} has an address of another driver")
    if not spec.writes_enabled or not point.writable:
        text = f"{point.path} is not writable: enable it at the tag and its connection."
        return refused(Status.BAD_NOT_WRITABLE, text)
    topic = address.write or address.place.topic
    if topic.startswith("$"):
        return refused(Status.BAD_NOT_WRITABLE, f"{point.path}: topics with '$' are the broker's own.")
    if address.place.path is not None and not address.template and not address.write:
        text = (
            f"{point.path}: a plain value would replace the JSON of its topic. Add a template or a topic for commands."
        )
        return refused(Status.BAD_NOT_WRITABLE, text)
    try:
        payload, sent = _payload(point.type, address, value)
    except ValueError as fault:
        return refused(Status.BAD_OUT_OF_RANGE, f"{point.path}: {fault}")
    qos = options.qos if address.qos is None else address.qos
    return Order(topic, payload, qos, address.retain, sent)


def _payload(type_: TagType, address: MqttAddress, value: float | str) -> tuple[bytes, float | str]:
    text, sent = _text(address, value) if type_ is TagType.STRING else _number(type_, address, value)
    whole = address.template.replace(PLACEHOLDER, text) if address.template else text
    return whole.encode("utf-8", "replace"), sent


def _text(address: MqttAddress, value: float | str) -> tuple[str, float | str]:
    if not isinstance(value, str):
        raise ValueError("a text is needed.")
    return (json.dumps(value) if address.template else value), value


def _number(type_: TagType, address: MqttAddress, value: float | str) -> tuple[str, float | str]:
    if isinstance(value, str) or not math.isfinite(value):
        raise ValueError("a finite number is needed.")
    if type_ is TagType.BOOL:
        if value not in {0, 1}:
            raise ValueError("a bit takes 0 or 1.")
        word = (address.on or "true") if value else (address.off or "false")
        plain = address.template and word not in {"true", "false"}
        return (json.dumps(word) if plain else word), float(value)
    if type_ is TagType.FLOAT:
        return repr(float(value)), float(value)
    return str(round(value)), float(round(value))


def refused(status: int, text: str) -> WriteResult:
    """Nothing was sent, or the broker said no."""
    return WriteResult(WriteOutcome.REFUSED, status, text)


def unknown(status: int, text: str, sent: float | str) -> WriteResult:
    """It was sent and may have had its effect."""
    return WriteResult(WriteOutcome.UNKNOWN, status, f"{text} Read the value back before writing again.", sent)
