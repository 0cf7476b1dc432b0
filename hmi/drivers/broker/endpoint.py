"""Where a broker is and how the station signs in there, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from hmi.drivers.api import AddressError, OptionField
from hmi.drivers.options import Values

PASSWORD: Final = "password"  # noqa: S105 - the name under which the secret is kept
EXAMPLE: Final = "mqtts://broker.plant.example:8883"


class Version(StrEnum):
    """Version of MQTT that is spoken."""

    V5 = "5"
    V311 = "3.1.1"


@dataclass(frozen=True, slots=True)
class BrokerOptions:
    """Endpoint and sign-in of one broker."""

    host: str
    port: int
    tls: bool
    version: Version = Version.V5
    client_id: str = ""
    """Empty: a new one each time, which nobody else can have."""
    user: str = ""
    ca: str = ""
    """File of the authority that signed the broker's certificate; empty: those that the system trusts."""
    certificate: str = ""
    """File of the station's own certificate; empty: none is shown."""
    key: str = ""
    timeout: float = 3.0
    """Seconds until the broker counts as not answering."""
    keepalive: int = 10
    """Seconds of silence after which the broker may end the session of a vanished station (1.5 times this)."""

    @property
    def url(self) -> str:
        """For messages to people."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


FIELDS: Final = (
    OptionField("version", "Version of MQTT; version 5 tells why something is refused.", "5", choices=tuple(Version)),
    OptionField("client_id", "Name of the session at the broker; empty for a new one each time.", ""),
    OptionField("user", "User name at the broker.", ""),
    OptionField(PASSWORD, "Password of the user.", "", secret=True),
    OptionField("ca", "File (PEM) of the authority that signed the broker's certificate.", ""),
    OptionField("certificate", "File (PEM) of the station's own certificate.", ""),
    OptionField("key", "File (PEM) of the key of the station's own certificate.", ""),
    OptionField("timeout", "Seconds until the broker counts as not answering.", 3.0, 0.2, 30.0),
    OptionField("keepalive", "Seconds after which the broker may forget a station that vanished.", 10, 5, 300),
)


def read_broker(endpoint: str, value: Values) -> BrokerOptions:
    """The broker's part of a connection's options, as `read_fields` gives them.

    Raises:
        AddressError: with what is wrong.
    """
    host, port, tls = _endpoint(endpoint)
    parsed = BrokerOptions(
        host,
        port,
        tls,
        Version(str(value["version"])),
        str(value["client_id"]),
        str(value["user"]),
        str(value["ca"]),
        str(value["certificate"]),
        str(value["key"]),
        float(value["timeout"]),
        int(value["keepalive"]),
    )
    if (parsed.ca or parsed.certificate) and not tls:
        raise AddressError("A certificate is of no use without encryption.", f"Write the endpoint like {EXAMPLE}.")
    if bool(parsed.certificate) != bool(parsed.key):
        raise AddressError("Option 'certificate' needs 'key', and 'key' needs 'certificate'.", "Give both or none.")
    return parsed


def password_of(options: BrokerOptions, secrets: Mapping[str, str]) -> str | None:
    """The password to sign in with; None without a user or a password."""
    return secrets.get(PASSWORD) if options.user else None


def _endpoint(endpoint: str) -> tuple[str, int, bool]:
    wrong = AddressError(f"'{endpoint}' is no MQTT broker.", f"Example: {EXAMPLE}, or mqtt:// without encryption.")
    try:
        parts = urlsplit(endpoint if "://" in endpoint else f"mqtt://{endpoint}")
        port = parts.port
    except ValueError as fault:
        raise wrong from fault
    if parts.username is not None or parts.password is not None:
        raise AddressError(
            "An endpoint must not hold a user name or password.", "Use option 'user' and a secret 'password'."
        )
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname or parts.path.strip("/") or port == 0:
        raise wrong
    tls = parts.scheme == "mqtts"
    return parts.hostname, port or (8883 if tls else 1883), tls
