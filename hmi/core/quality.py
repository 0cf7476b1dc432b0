"""What a value is worth: OPC UA StatusCodes, the only quality the system knows.

Codes and bit layout are those of OPC 10000-4 (7.38, 7.39). A code is compared by `code(c)` (its upper 16 bits):
the lower bits carry limits, overflow and history marks and differ between servers.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, overload

import numpy as np
from numpy.typing import NDArray

StatusArray = NDArray[np.uint32]
BoolArray = NDArray[np.bool_]


class Status(IntEnum):
    """StatusCodes the station makes itself or shows by name; any other code is kept and shown as a number."""

    GOOD = 0x00000000
    GOOD_OVERLOAD = 0x002F0000
    GOOD_CLAMPED = 0x00300000
    GOOD_COMPLETES_ASYNCHRONOUSLY = 0x002E0000
    GOOD_LOCAL_OVERRIDE = 0x00960000
    GOOD_NO_DATA = 0x00A50000
    GOOD_MORE_DATA = 0x00A60000
    GOOD_SUB_NORMAL = 0x00EB0000
    UNCERTAIN = 0x40000000
    UNCERTAIN_NO_COMMUNICATION_LAST_USABLE = 0x408F0000
    UNCERTAIN_LAST_USABLE_VALUE = 0x40900000
    UNCERTAIN_SUBSTITUTE_VALUE = 0x40910000
    UNCERTAIN_INITIAL_VALUE = 0x40920000
    UNCERTAIN_SENSOR_NOT_ACCURATE = 0x40930000
    UNCERTAIN_ENGINEERING_UNITS_EXCEEDED = 0x40940000
    UNCERTAIN_SUB_NORMAL = 0x40950000
    UNCERTAIN_DATA_SUB_NORMAL = 0x40A40000
    UNCERTAIN_TRANSDUCER_IN_MANUAL = 0x42080000
    UNCERTAIN_SIMULATED_VALUE = 0x42090000
    UNCERTAIN_SENSOR_CALIBRATION = 0x420A0000
    BAD = 0x80000000
    BAD_UNEXPECTED_ERROR = 0x80010000
    BAD_COMMUNICATION_ERROR = 0x80050000
    BAD_TIMEOUT = 0x800A0000
    BAD_USER_ACCESS_DENIED = 0x801F0000
    BAD_NO_COMMUNICATION = 0x80310000
    BAD_WAITING_FOR_INITIAL_DATA = 0x80320000
    BAD_NODE_ID_INVALID = 0x80330000
    BAD_NODE_ID_UNKNOWN = 0x80340000
    BAD_NOT_READABLE = 0x803A0000
    BAD_NOT_WRITABLE = 0x803B0000
    BAD_OUT_OF_RANGE = 0x803C0000
    BAD_NOT_SUPPORTED = 0x803D0000
    BAD_TYPE_MISMATCH = 0x80740000
    BAD_CONFIGURATION_ERROR = 0x80890000
    BAD_NOT_CONNECTED = 0x808A0000
    BAD_DEVICE_FAILURE = 0x808B0000
    BAD_SENSOR_FAILURE = 0x808C0000
    BAD_OUT_OF_SERVICE = 0x808D0000
    BAD_DEADBAND_FILTER_INVALID = 0x808E0000
    BAD_NO_DATA = 0x809B0000
    BAD_DATA_LOST = 0x809D0000
    BAD_BOUND_NOT_FOUND = 0x80D70000


class Severity(IntEnum):
    """How far a value may be trusted, in rising order of doubt."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2


# OPC UA spells its names Good_LocalOverride; ours are derived so that there is one list to maintain.
_NAMES: Final = {
    int(s): "_".join((head.capitalize(), "".join(p.capitalize() for p in rest.split("_"))))
    if rest
    else head.capitalize()
    for s in Status
    for head, _, rest in (s.name.partition("_"),)
}
_CODES: Final = {name: status for status, name in _NAMES.items()}

INFO_DATA_VALUE: Final = 0x00000400
"""InfoType DataValue: the info bits below are valid only with it."""
OVERFLOW: Final = 0x00000080
LIMIT_LOW: Final = 0x00000100
LIMIT_HIGH: Final = 0x00000200

CALCULATED: Final = 0x01
"""History bits: made from several samples. Neither this nor INTERPOLATED: a stored sample (Raw)."""
INTERPOLATED: Final = 0x02
PARTIAL: Final = 0x04
"""The interval reaches beyond the first or the last stored sample: asked again later, the result may differ."""
EXTRA_DATA: Final = 0x08
MULTI_VALUE: Final = 0x10
"""More than one sample of the interval fits, e.g. several minima."""
HISTORY_BITS: Final = 0x1F


@overload
def is_good(c: int) -> bool: ...
@overload
def is_good(c: StatusArray) -> BoolArray: ...
def is_good(c: int | StatusArray) -> bool | BoolArray:
    """Whether a value may be used as it is."""
    return (c & 0xC0000000) == 0


@overload
def is_uncertain(c: int) -> bool: ...
@overload
def is_uncertain(c: StatusArray) -> BoolArray: ...
def is_uncertain(c: int | StatusArray) -> bool | BoolArray:
    """Whether a value may be used with doubt."""
    return (c & 0xC0000000) == 0x40000000


@overload
def is_bad(c: int) -> bool: ...
@overload
def is_bad(c: StatusArray) -> BoolArray: ...
def is_bad(c: int | StatusArray) -> bool | BoolArray:
    """Whether a value must not be used; the reserved severity 11 counts as Bad."""
    return (c & 0x80000000) != 0


def severity(c: int) -> Severity:
    """Severity of one code."""
    return Severity.BAD if c & 0x80000000 else Severity.UNCERTAIN if c & 0x40000000 else Severity.GOOD


def worst(a: int, b: int) -> int:
    """The more doubtful of two codes; the first one of equal severity."""
    return b if severity(b) > severity(a) else a


def code(c: int) -> int:
    """The code without limit, overflow and history bits: what may be compared."""
    return c & 0xFFFF0000


def with_history(c: StatusArray, bits: StatusArray) -> StatusArray:
    """Codes with history bits (CALCULATED, PARTIAL, ...) in place of those they had; the InfoType is set when needed.

    A stored sample without any other mark stays as it is: Raw has no bit.
    """
    # Without the InfoType the lower ten bits mean nothing, so none of them may be made valid by setting it.
    kept = np.where(c & INFO_DATA_VALUE, c & ~np.uint32(HISTORY_BITS), c & ~np.uint32(0x0FFF))
    return np.where(bits, kept | bits | INFO_DATA_VALUE, kept).astype(np.uint32)


def status_name(c: int) -> str:
    """`Bad_NoCommunication` and the like; a code without a name of ours as `Bad 0x80AB0000`."""
    name = _NAMES.get(code(c))
    return name if name is not None else f"{severity(c).name.capitalize()} 0x{code(c):08X}"


def status_from_name(text: str) -> int:
    """The code of a name or a number (`0x80310000`, `2150694912`).

    Raises:
        ValueError: neither a known name nor an unsigned 32-bit number.
    """
    known = _CODES.get(text.strip())
    if known is not None:
        return known
    value = int(text, 0)
    if not 0 <= value <= 0xFFFFFFFF:
        raise ValueError(f"{text} is not a status code: it must fit 32 bits")
    return value
