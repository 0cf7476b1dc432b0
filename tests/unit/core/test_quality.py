"""History bits say where a result comes from, and disturb nothing else of a code."""

import numpy as np
import pytest

from hmi.core.quality import (
    CALCULATED,
    INTERPOLATED,
    MULTI_VALUE,
    PARTIAL,
    Status,
    status_name,
    with_history,
)


def marked(code: int, bits: int) -> int:
    return int(with_history(np.array([code], np.uint32), np.array([bits], np.uint32))[0])


@pytest.mark.parametrize(
    ("code", "bits", "result"),
    [
        (Status.GOOD, INTERPOLATED | PARTIAL, 0x00000406),
        (Status.UNCERTAIN_DATA_SUB_NORMAL, CALCULATED, 0x40A40401),
        (Status.GOOD, 0, 0),
        (0x00000480, PARTIAL, 0x00000484),  # overflow stays
        (0x00000406, CALCULATED, 0x00000401),  # other history bits go
        (0x00000406, 0, 0x00000400),
        (0x00000086, 0, 0),  # without the InfoType these bits mean nothing,
        (0x00000086, CALCULATED, 0x00000401),  # and do not come to life
        (0x8000C000, CALCULATED, 0x8000C401),  # structure and semantics changed stay
    ],
)
def test_marks(code: int, bits: int, result: int) -> None:
    assert hex(marked(code, bits)) == hex(result)


def test_a_mark_does_not_change_the_name() -> None:
    assert status_name(marked(Status.BAD_NO_DATA, PARTIAL | MULTI_VALUE)) == "Bad_NoData"
