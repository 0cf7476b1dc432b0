"""What an engineer may set on a connection to a broker, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hmi.drivers.api import OptionField
from hmi.drivers.broker.endpoint import FIELDS as BROKER_FIELDS
from hmi.drivers.broker.endpoint import BrokerOptions, read_broker
from hmi.drivers.options import read_fields

from .address import Place, parse_place


class TimePolicy(StrEnum):
    """Whose clock stamps the samples."""

    DEVICE = "device"
    """That of the message where the address names its place; the station's otherwise and for a time in the future."""
    RECEIVE = "receive"
    """The station's: for devices whose clock is wrong."""


@dataclass(frozen=True, slots=True)
class MqttOptions:
    """Endpoint and options of one broker."""

    broker: BrokerOptions
    qos: int
    """Quality of service of subscriptions and commands."""
    status: Place | None
    """Where the publisher tells that it is online; None: nobody tells."""
    online: str
    """Text there that means it is; any other means it is not."""
    time: TimePolicy
    echo: float
    """Seconds in which a device reports a command's value, where commands have a topic of their own."""


FIELDS: Final = (
    OptionField("qos", "Quality of service of subscriptions and commands.", 1, 0, 2),
    OptionField("status", "Topic where the publisher tells that it is online (its birth and last will).", ""),
    OptionField("online", "Text of that topic that means online; any other means offline.", "online"),
    OptionField(
        "time",
        "Whose clock stamps the samples: the device's where its messages have a time, or the station's.",
        "device",
        choices=tuple(TimePolicy),
    ),
    OptionField("echo", "Seconds in which a device reports the value of a command.", 1.0, 0.05, 4.0),
    *BROKER_FIELDS,
)


def parse_options(endpoint: str, options: Mapping[str, object]) -> MqttOptions:
    """Endpoint `mqtt://host:port` or `mqtts://host:port` with its options.

    Raises:
        AddressError: with what is wrong.
    """
    value = read_fields(FIELDS, options)
    status = str(value["status"])
    return MqttOptions(
        read_broker(endpoint, value),
        int(value["qos"]),
        parse_place(status) if status else None,
        str(value["online"]),
        TimePolicy(str(value["time"])),
        float(value["echo"]),
    )
