"""What goes wrong between the library, a network and a server, and how it is told in a few words."""

from __future__ import annotations

import struct
from typing import Final

from asyncua.crypto.uacrypto import InvalidSignature
from asyncua.ua.uaerrors import UaError, UaStatusCodeError

FAULTS: Final = (
    OSError,
    UaError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
    InvalidSignature,
    struct.error,
)
"""What the library raises when a server, a network or malformed answer trips it; TimeoutError is an OSError."""


def why(fault: BaseException) -> str:
    """A fault in a few words."""
    if isinstance(fault, TimeoutError):
        return "no answer"
    if isinstance(fault, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(fault, UaStatusCodeError):
        return type(fault).__name__
    return str(fault) or type(fault).__name__
