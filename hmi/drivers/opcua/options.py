"""What an engineer may set on an OPC UA connection, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from hmi.drivers.api import AddressError
from hmi.drivers.options import OptionReader

_KNOWN = "publishing, timeout, time, security, user"


class TimePolicy(StrEnum):
    """Whose clock stamps the samples."""

    DEVICE = "device"
    """The source's; the station's where the source gives none or one in the future."""
    RECEIVE = "receive"
    """The station's: for devices whose clock is wrong."""


class Security(StrEnum):
    """Security policy of the channel."""

    NONE = "None"


@dataclass(frozen=True, slots=True)
class OpcUaOptions:
    """Endpoint and options of one OPC UA server."""

    url: str
    publishing: float = 0.1
    """Seconds between packets of changes."""
    timeout: float = 2.0
    """Seconds until a request counts as unanswered."""
    time: TimePolicy = TimePolicy.DEVICE


def parse_options(endpoint: str, options: Mapping[str, object]) -> OpcUaOptions:
    """Endpoint `opc.tcp://host:port/path` with its options.

    Raises:
        AddressError: with what is wrong or not supported.
    """
    _check_endpoint(endpoint)
    take = OptionReader(options)
    if take.text("security", "None") != Security.NONE:
        raise AddressError("Only the security policy 'None' is supported so far.", "Leave 'security' away.")
    if take.text("user"):
        raise AddressError(
            "A user name needs an encrypted channel, which is not supported so far.",
            "Let the server accept anonymous sessions from this station, and leave 'user' away.",
        )
    parsed = OpcUaOptions(
        endpoint,
        take.number("publishing", 0.1, 0.01, 1.0),
        take.number("timeout", 2.0, 0.1, 60.0),
        take.choice("time", TimePolicy.DEVICE),
    )
    take.end(_KNOWN)
    return parsed


def _check_endpoint(endpoint: str) -> None:
    example = "Example: opc.tcp://192.168.0.10:4840."
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError as fault:
        raise AddressError(f"'{endpoint}' is no OPC UA endpoint.", example) from fault
    if parts.scheme != "opc.tcp" or not parts.hostname or port is None:
        raise AddressError(f"'{endpoint}' is no OPC UA endpoint.", example)
    if parts.username is not None or parts.password is not None:
        raise AddressError("An endpoint must not hold a user name or password.", "They belong in the data folder.")
