"""What an engineer may set on the connection of a Sparkplug host, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hmi.drivers.api import AddressError, OptionField
from hmi.drivers.broker.endpoint import FIELDS as BROKER_FIELDS
from hmi.drivers.broker.endpoint import BrokerOptions, read_broker
from hmi.drivers.options import read_fields

from .address import check_id


class TimePolicy(StrEnum):
    """Whose clock stamps the samples."""

    DEVICE = "device"
    """The edge node's; the station's where it gives none or one in the future."""
    RECEIVE = "receive"
    """The station's: for edge nodes whose clock is wrong."""


@dataclass(frozen=True, slots=True)
class SparkplugOptions:
    """Endpoint and options of one host application at one broker."""

    broker: BrokerOptions
    host_id: str
    """Name of this host application, which nobody else may have."""
    groups: tuple[str, ...]
    """Groups to listen to; empty = all."""
    reorder: float
    """Seconds to wait for a message that is missing in a node's sequence."""
    rebirth: float
    """Least seconds between two requests to one node to tell everything again."""
    time: TimePolicy
    echo: float
    """Seconds in which a node reports a command's value."""


FIELDS: Final = (
    OptionField("host_id", "Name of this host application; no two stations may have the same.", "lineside"),
    OptionField("groups", "Groups to listen to, with commas between; empty for all.", ""),
    OptionField("reorder", "Seconds to wait for a message that is missing in a node's sequence.", 2.0, 0.0, 60.0),
    OptionField(
        "rebirth", "Least seconds between two requests to one node to tell everything again.", 10.0, 1.0, 3600.0
    ),
    OptionField(
        "time", "Whose clock stamps the samples: the edge node's or the station's.", "device", choices=tuple(TimePolicy)
    ),
    OptionField("echo", "Seconds in which a node reports the value of a command.", 1.0, 0.05, 4.0),
    *BROKER_FIELDS,
)


def parse_options(endpoint: str, options: Mapping[str, object]) -> SparkplugOptions:
    """Endpoint `mqtt://host:port` or `mqtts://host:port` with its options.

    Raises:
        AddressError: with what is wrong.
    """
    value = read_fields(FIELDS, options)
    host = str(value["host_id"])
    groups = tuple(part.strip() for part in str(value["groups"]).split(",") if part.strip())
    for option, identity in [("host_id", host), *(("groups", group) for group in groups)]:
        try:
            check_id(identity, identity)
        except AddressError as fault:
            raise AddressError(f"Option '{option}': {fault.what}", "Example: lineside.") from fault
    return SparkplugOptions(
        read_broker(endpoint, value),
        host,
        groups,
        float(value["reorder"]),
        float(value["rebirth"]),
        TimePolicy(str(value["time"])),
        float(value["echo"]),
    )
