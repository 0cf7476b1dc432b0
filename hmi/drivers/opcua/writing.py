"""Turns device numbers into exactly the data type of a node, or says why that cannot be."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from asyncua import ua
from asyncua.ua.uaerrors import UaStatusCodeError

from hmi.core.quality import Status, status_name
from hmi.drivers.api import WriteOutcome, WriteResult
from hmi.drivers.outcome import refused, unknown

_RANGES: Final = {
    ua.VariantType.SByte: (-(2**7), 2**7 - 1),
    ua.VariantType.Byte: (0, 2**8 - 1),
    ua.VariantType.Int16: (-(2**15), 2**15 - 1),
    ua.VariantType.UInt16: (0, 2**16 - 1),
    ua.VariantType.Int32: (-(2**31), 2**31 - 1),
    ua.VariantType.UInt32: (0, 2**32 - 1),
    ua.VariantType.Int64: (-(2**63), 2**63 - 1),
    ua.VariantType.UInt64: (0, 2**64 - 1),
}
_FLOAT_MAX: Final = 3.402823466385288598e38


class ValueRefusedError(ValueError):
    """A value that the node's data type cannot hold; nothing is sent."""


def to_variant(kind: ua.VariantType, value: float | str) -> ua.Variant:
    """The value in the node's own type: servers refuse any other. Whole numbers are rounded, half to even.

    Raises:
        ValueRefusedError: out of range, text for a number, or a type not supported.
    """
    if kind is ua.VariantType.String:
        if not isinstance(value, str):
            raise ValueRefusedError("A text is needed.")
        return ua.Variant(value, kind)
    if isinstance(value, str) or not math.isfinite(value):
        raise ValueRefusedError("A finite number is needed.")
    if kind is ua.VariantType.Boolean:
        if value not in {0, 1}:
            raise ValueRefusedError("A bit takes 0 or 1.")
        return ua.Variant(value == 1, kind)
    if kind is ua.VariantType.Double or (kind is ua.VariantType.Float and abs(value) <= _FLOAT_MAX):
        return ua.Variant(float(value), kind)
    bounds = _RANGES.get(kind)
    if bounds is None:
        raise ValueRefusedError(f"{value:g} cannot be written as {kind.name}.")
    whole = round(value)
    if not bounds[0] <= whole <= bounds[1]:
        raise ValueRefusedError(f"{value:g} does not fit {kind.name}.")
    return ua.Variant(whole, kind)


def held(variant: ua.Variant) -> float | str:
    """The value that a read-back must show: a Float is cut to its precision."""
    value = variant.Value
    if isinstance(value, str):
        return value
    return float(np.float32(value)) if variant.VariantType is ua.VariantType.Float else float(value)


_DOUBTFUL: Final = (
    ua.uaerrors.BadTimeout,
    ua.uaerrors.BadRequestTimeout,
    ua.uaerrors.BadCommunicationError,
    ua.uaerrors.BadShutdown,
    ua.uaerrors.BadUnexpectedError,
    ua.uaerrors.BadInternalError,
)
"""Answers after which the server may have begun all the same."""


def answered(path: str, status: int) -> WriteResult:
    """Outcome by the server's status for this one write or call."""
    if status & 0x80000000:
        return refused(status, f"{path}: the server refused ({status_name(status)}).")
    return WriteResult(WriteOutcome.DONE, status)


def failed(path: str, fault: BaseException) -> WriteResult:
    """Outcome when the request as a whole failed after it was sent."""
    if isinstance(fault, UaStatusCodeError) and not isinstance(fault, _DOUBTFUL):
        return refused(fault.code, f"{path}: the server refused ({type(fault).__name__}).")
    status = Status.BAD_TIMEOUT if isinstance(fault, TimeoutError) else Status.BAD_COMMUNICATION_ERROR
    return unknown(status, f"{path}: sent, but no answer.")
