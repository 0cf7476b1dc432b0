"""Mutual proof of a station and a local client: both can read the 0600 key file in the station's data folder.

A program that merely sits on a port (a page in a browser, another user's process) can neither pass for the station and
catch a password, nor pass for a local panel; nor can it hand the handshake on to the station: both sides prove the end
of the connection that is the station's, as each sees it on its own socket, and a relay has two connections.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from typing import Final

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 32


def end_of(host: str, port: int) -> str:
    """The station's end of a connection, written alike by both sides; empty when `host` is no IP address.

    `host` is what a socket says of itself, never a name or a header: a name may lead to two places, and whoever relays
    writes the header.
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return f"{mapped or address} {port}"


def station_proof(key: bytes, client_nonce: bytes, station_nonce: bytes, end: str) -> bytes:
    """What only the station of this data folder can answer to a client's nonce on a connection that ends at `end`."""
    return _mac(key, b"lineside station", client_nonce, station_nonce, end)


def client_proof(key: bytes, client_nonce: bytes, station_nonce: bytes, end: str) -> bytes:
    """What only a client that can read the data folder can answer to a station's nonce on this connection."""
    return _mac(key, b"lineside client", client_nonce, station_nonce, end)


def proves(mac: bytes, expected: bytes) -> bool:
    """Compares two proofs in constant time; an empty one (no key, malformed nonce, unknown end) proves nothing."""
    return bool(expected) and hmac.compare_digest(mac, expected)


def _mac(key: bytes, who: bytes, client_nonce: bytes, station_nonce: bytes, end: str) -> bytes:
    if len(client_nonce) != NONCE_BYTES or len(station_nonce) != NONCE_BYTES or not end:
        return b""  # fixed lengths keep the parts apart; `proves` refuses the empty proof
    return hmac.new(key, who + client_nonce + station_nonce + end.encode(), hashlib.sha256).digest()
