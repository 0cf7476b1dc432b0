"""What an engineer may set on an OPC UA connection: one table, from which the form and the parser both come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from hmi.drivers.api import AddressError, OptionField
from hmi.drivers.options import read_fields


class TimePolicy(StrEnum):
    """Whose clock stamps the samples."""

    DEVICE = "device"
    """The source's; the station's where the source gives none or one in the future."""
    RECEIVE = "receive"
    """The station's: for devices whose clock is wrong."""


class Security(StrEnum):
    """Security policy of the channel."""

    NONE = "None"
    BASIC256_SHA256 = "Basic256Sha256"
    AES128_SHA256_RSA_OAEP = "Aes128_Sha256_RsaOaep"
    AES256_SHA256_RSA_PSS = "Aes256_Sha256_RsaPss"


class Mode(StrEnum):
    """What a policy does with messages."""

    SIGN = "Sign"
    SIGN_AND_ENCRYPT = "SignAndEncrypt"


class Identity(StrEnum):
    """As whom the station signs in."""

    ANONYMOUS = "anonymous"
    PASSWORD = "password"  # noqa: S105 - the name of a way, not a password
    CERTIFICATE = "certificate"


PASSWORD: Final = "password"  # noqa: S105 - the name of a secret
USER_CERTIFICATE: Final = "user_certificate"
USER_KEY: Final = "user_key"

ENDPOINT_EXAMPLE: Final = "opc.tcp://192.168.0.10:4840"

FIELDS: Final = (
    OptionField("publishing", "Seconds between packets of changes.", 0.1, 0.01, 1.0),
    OptionField("timeout", "Seconds until a request counts as unanswered.", 2.0, 0.1, 60.0),
    OptionField("time", "Whose clock stamps samples; `receive` where the device's is wrong.", "device",
                choices=tuple(TimePolicy)),
    OptionField("queue", "Samples that the server holds for each tag; 0 = at least a second of them.", 0, 0, 10_000),
    OptionField("security", "Security policy of the channel.", "None", choices=tuple(Security)),
    OptionField("mode", "What the policy does with messages.", "SignAndEncrypt", choices=tuple(Mode)),
    OptionField("check_host", "The server's certificate must name the endpoint's host.", True),
    OptionField("check_dates", "The server's certificate must be valid today.", True),
    OptionField("identity", "As whom the station signs in.", "anonymous", choices=tuple(Identity)),
    OptionField("user", "User name for the identity `password`.", ""),
    OptionField(PASSWORD, "The user's password.", "", secret=True),
    OptionField("plain_password", "Lets the password cross an unencrypted network, where anybody can read it.", False),
    OptionField(USER_CERTIFICATE, "PEM text of the certificate for the identity `certificate`.", "", secret=True),
    OptionField(USER_KEY, "PEM text of its private key.", "", secret=True),
    OptionField("history", "Fills the gap after an outage from the server's own history.", False),
    OptionField("alarms", "Takes in the server's alarms and conditions.", False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpcUaOptions:
    """Endpoint and options of one OPC UA server; see `FIELDS`."""

    url: str
    publishing: float = 0.1
    timeout: float = 2.0
    time: TimePolicy = TimePolicy.DEVICE
    queue: int = 0
    security: Security = Security.NONE
    mode: Mode = Mode.SIGN_AND_ENCRYPT
    check_host: bool = True
    check_dates: bool = True
    identity: Identity = Identity.ANONYMOUS
    user: str = ""
    plain_password: bool = False
    history: bool = False
    alarms: bool = False


def parse_options(endpoint: str, options: Mapping[str, object]) -> OpcUaOptions:
    """Endpoint `opc.tcp://host:port/path` with its options.

    Raises:
        AddressError: with what is wrong or not supported.
    """
    _check_endpoint(endpoint)
    value = read_fields(FIELDS, options)
    parsed = OpcUaOptions(
        endpoint,
        float(value["publishing"]),
        float(value["timeout"]),
        TimePolicy(str(value["time"])),
        int(value["queue"]),
        Security(str(value["security"])),
        Mode(str(value["mode"])),
        bool(value["check_host"]),
        bool(value["check_dates"]),
        Identity(str(value["identity"])),
        str(value["user"]),
        bool(value["plain_password"]),
        bool(value["history"]),
        bool(value["alarms"]),
    )
    _check_identity(parsed)
    return parsed


def _check_identity(options: OpcUaOptions) -> None:
    if (options.identity is Identity.PASSWORD) != bool(options.user):
        raise AddressError("'user' and the identity 'password' go together.", "Give both, or neither.")
    if options.identity is Identity.ANONYMOUS or options.security is not Security.NONE:
        return
    if options.identity is Identity.CERTIFICATE:
        raise AddressError("A user certificate needs a security policy.", "Set 'security', e.g. Basic256Sha256.")
    if not options.plain_password:
        raise AddressError(
            f"The password of '{options.user}' would cross the network in the clear.",
            "Set 'security', e.g. Basic256Sha256, or 'plain_password' if anybody may read it.",
        )


def _check_endpoint(endpoint: str) -> None:
    example = f"Example: {ENDPOINT_EXAMPLE}."
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError as fault:
        raise AddressError(f"'{endpoint}' is no OPC UA endpoint.", example) from fault
    if parts.scheme != "opc.tcp" or not parts.hostname or port is None:
        raise AddressError(f"'{endpoint}' is no OPC UA endpoint.", example)
    if parts.username is not None or parts.password is not None:
        raise AddressError("An endpoint must not hold a user name or password.", "They belong in the data folder.")
