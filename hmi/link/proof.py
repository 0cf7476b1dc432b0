"""Mutual proof of a station and a local client: both can read the 0600 key file in the station's data folder.

A program that merely sits on the port (a page in a browser, another user's process) can neither pass for the station
and catch a password, nor pass for a local panel.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 32


def station_proof(key: bytes, client_nonce: bytes, station_nonce: bytes) -> bytes:
    """What only the station of this data folder can answer to a client's nonce."""
    return _mac(key, b"lineside station", client_nonce, station_nonce)


def client_proof(key: bytes, client_nonce: bytes, station_nonce: bytes) -> bytes:
    """What only a client that can read the data folder can answer to a station's nonce."""
    return _mac(key, b"lineside client", client_nonce, station_nonce)


def proves(mac: bytes, expected: bytes) -> bool:
    """Compares two proofs in constant time; an empty one (no key, malformed nonce) proves nothing."""
    return bool(expected) and hmac.compare_digest(mac, expected)


def _mac(key: bytes, who: bytes, client_nonce: bytes, station_nonce: bytes) -> bytes:
    if len(client_nonce) != NONCE_BYTES or len(station_nonce) != NONCE_BYTES:
        return b""  # fixed lengths keep the two nonces apart; `proves` refuses the empty proof
    return hmac.new(key, who + client_nonce + station_nonce, hashlib.sha256).digest()
