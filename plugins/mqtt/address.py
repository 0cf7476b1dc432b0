"""MQTT addresses as people write them: a topic, and behind `#` what is inside it and how it is written.

`#` cannot be part of a topic's name, so that the first one ends it without doubt: `line1/state#$.temperature`,
`line1/state#$.temperature;time=$.stamp`, `line1/speed#;write=line1/speed/set;template={"value": {value}}`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from hmi.core.tag import TagType
from hmi.drivers.api import AddressError

from .jsonpath import JsonPath, parse_path

EXAMPLES: Final = (
    "Examples: line1/temperature, line1/state#$.temperature, line1/state#$.motor[2];time=$.stamp, "
    "line1/speed#;write=line1/speed/set."
)
PLACEHOLDER: Final = "{value}"
_SHARED: Final = ("$share", "$queue")


@dataclass(frozen=True, slots=True)
class Place:
    """A topic, or a value inside the JSON of its messages."""

    topic: str
    path: JsonPath | None = None
    """None: the whole payload is one plain value."""


@dataclass(frozen=True, slots=True)
class MqttAddress:
    """One value's place at a broker."""

    place: Place
    time: JsonPath | None = None
    """Where the same message has its time; None = the time of its arrival counts."""
    write: str = ""
    """Topic for commands; empty = the topic itself."""
    template: str = ""
    """Payload of a command with `{value}` in it; empty = the plain value."""
    retain: bool = False
    """The broker keeps the last command for those who subscribe later."""
    qos: int | None = None
    """None = as the connection says."""
    status: Place | None = None
    """Where the publisher tells that it is online; None = as the connection says."""
    on: str = ""
    """Text of a true boolean; empty: true, on, yes or 1."""
    off: str = ""
    max_age: float = 0.0
    """Seconds after a message in which the value counts as live; 0 = as long as broker and publisher are there."""
    partial: bool = False
    """A message without this field leaves the value as it is; otherwise the value becomes Bad."""


def parse_address(text: str, type_: TagType) -> MqttAddress:
    """The parsed address.

    Raises:
        AddressError: with an example that is right.
    """
    topic, hash_, rest = text.strip().partition("#")
    if hash_ and not rest:
        raise AddressError(f"'{text}' stands for many topics, a tag has one.", EXAMPLES)
    check_topic(topic, text)
    path: JsonPath | None = None
    if rest.startswith("$"):
        path, rest = parse_path(rest)
    address = MqttAddress(Place(topic, path))
    if rest and not rest.startswith(";"):
        raise AddressError(f"'{text}': '{rest}' is not understood.", EXAMPLES)
    while rest:
        # A template may hold anything, so it is the last field.
        field, rest = (rest[1:], "") if rest.startswith(";template=") else _field(rest)
        name, _, value = field.partition("=")
        address = _with(address, text, name, value)
    if (address.on or address.off) and type_ is not TagType.BOOL:
        raise AddressError(f"'{text}': 'on' and 'off' are texts of a boolean.", "Give the tag the type bool.")
    return address


def _field(rest: str) -> tuple[str, str]:
    """The first field, and what follows it."""
    field, semicolon, more = rest[1:].partition(";")
    return field, semicolon + more


def check_topic(topic: str, text: str) -> None:
    """Refuses what is no name of one topic.

    Raises:
        AddressError: with the reason.
    """
    if not topic or "+" in topic or "#" in topic or "\0" in topic:
        raise AddressError(f"'{text}': '{topic}' is no topic ('+' and '#' stand for many, a tag has one).", EXAMPLES)
    if topic.split("/", maxsplit=1)[0] in _SHARED:
        raise AddressError(f"'{text}': a shared subscription gives each value to one client only.", EXAMPLES)
    if len(topic.encode("utf-8", "replace")) > 65_535:
        raise AddressError("A topic has 65,535 bytes at most.", EXAMPLES)


def parse_place(text: str) -> Place:
    """A topic, perhaps with a JSON path: `line1/online`, `line1/info#$.state`.

    Raises:
        AddressError: no topic or no path.
    """
    topic, hash_, rest = text.partition("#")
    check_topic(topic, text)
    return Place(topic, _path(rest, text) if hash_ else None)


def _path(value: str, text: str) -> JsonPath:
    try:
        path, rest = parse_path(value)
    except ValueError as fault:
        raise AddressError(f"'{text}': {fault}.", "Examples: $.stamp, $['max speed'][2].") from fault
    if rest:
        raise AddressError(f"'{text}': '{rest}' is no part of a JSON path.", "Examples: $.stamp, $['max speed'][2].")
    return path


def _number(value: str, text: str, low: float, high: float) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not low <= number <= high:
        raise AddressError(f"'{text}': '{value}' is no number from {low:g} to {high:g}.", EXAMPLES)
    return number


def _command(value: str, text: str) -> str:
    check_topic(value, text)
    if value.startswith("$"):
        raise AddressError(f"'{text}': topics with '$' are the broker's own.", "Write to a topic of the device.")
    return value


def _template(value: str, text: str) -> str:
    if value.count(PLACEHOLDER) != 1:
        raise AddressError(f"'{text}': a template has {PLACEHOLDER} in it once.", 'Example: template={"sp": {value}}.')
    return value


def _flag(value: str, text: str) -> bool:
    if value:
        raise AddressError(f"'{text}': '{value}' is not needed.", "Write 'retain' or 'partial' alone.")
    return True


def _word(value: str, text: str) -> str:
    if not value:
        raise AddressError(f"'{text}': a text is missing.", "Example: on=RUN;off=STOP.")
    return value


_FIELDS: Final = MappingProxyType[str, Callable[[str, str], object]](
    {
        "time": _path,
        "write": _command,
        "template": _template,
        "retain": _flag,
        "partial": _flag,
        "qos": lambda value, text: int(_number(value if value in {"0", "1", "2"} else "?", text, 0, 2)),
        "status": lambda value, _text: parse_place(value),
        "on": _word,
        "off": _word,
        "max_age": lambda value, text: _number(value, text, 0, 1e9),
    }
)


def _with(address: MqttAddress, text: str, name: str, value: str) -> MqttAddress:
    take = _FIELDS.get(name)
    if take is None:
        raise AddressError(f"'{text}': there is no field '{name}'.", f"Fields: {', '.join(_FIELDS)}.")
    return replace(address, **{name: take(value, text)})  # type: ignore[arg-type]  # each taker returns its field's type
