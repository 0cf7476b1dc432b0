"""What an engineer may set on the connection of a Sparkplug host, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hmi.drivers.api import AddressError, OptionField
from hmi.drivers.broker.endpoint import FIELDS as BROKER_FIELDS
from hmi.drivers.broker.endpoint import KNOWN, BrokerOptions, take_broker
from hmi.drivers.options import OptionReader

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
    host_id: str = "lineside"
    """Name of this host application, which nobody else may have."""
    groups: tuple[str, ...] = ()
    """Groups to listen to; empty = all."""
    reorder: float = 2.0
    """Seconds to wait for a message that is missing in a node's sequence."""
    rebirth: float = 10.0
    """Least seconds between two requests to one node to tell everything again."""
    time: TimePolicy = TimePolicy.DEVICE
    echo: float = 1.0
    """Seconds in which a node reports a command's value."""


FIELDS: Final = (
    OptionField("host_id", "Name of this host application; no two stations may have the same.", "lineside"),
    OptionField("groups", "Groups to listen to, with commas between; empty for all.", ""),
    OptionField("reorder", "Seconds to wait for a message that is missing in a node's sequence.", 2.0, 0.0, 60.0),
    OptionField("rebirth", "Least seconds between two requests to one node to tell everything again.", 10, 1, 3600),
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
    take = OptionReader(options)
    broker = take_broker(endpoint, take)
    host = take.text("host_id", "lineside")
    groups = tuple(part.strip() for part in take.text("groups").split(",") if part.strip())
    parsed = SparkplugOptions(
        broker,
        host,
        groups,
        take.number("reorder", 2.0, 0.0, 60.0),
        take.number("rebirth", 10.0, 1.0, 3600.0),
        take.choice("time", TimePolicy.DEVICE),
        take.number("echo", 1.0, 0.05, 4.0),
    )
    for option, identity in [("host_id", host), *(("groups", group) for group in groups)]:
        try:
            check_id(identity, identity)
        except AddressError as fault:
            raise AddressError(f"Option '{option}': {fault.what}", "Example: lineside.") from fault
    take.end(f"host_id, groups, reorder, rebirth, time, echo, {KNOWN}")
    return parsed
