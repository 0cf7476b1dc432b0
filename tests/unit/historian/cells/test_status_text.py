"""A status reads back bit by bit, however unusual."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hmi.core.quality import Status
from hmi.historian.cells.status_text import status_of_text, status_text

KNOWN = st.builds(lambda s, low: int(s) | low, st.sampled_from(Status), st.integers(0, 0xFFFF))


@given(st.one_of(KNOWN, st.integers(0, 0xFFFFFFFF)))
@example(0x00000400)
@example(0xC0000000)
def test_every_code_reads_back(status: int) -> None:
    assert status_of_text(status_text(status)) == status
    assert status_of_text(str(status)) == status


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (0, "Good"),
        (0x809B0000, "Bad_NoData"),
        (0x40A40406, "Uncertain_DataSubNormal,Interpolated,Partial"),
        (0x00000411, "Good,Calculated,MultiValue"),
        (0x40940600, "Uncertain_EngineeringUnitsExceeded,LimitHigh"),
        (0x00000780, "Good,LimitConstant,Overflow"),
        (0x80AB0000, "0x80AB0000"),
        (0x00000001, "0x00000001"),  # a bit that means nothing without InfoType DataValue
        (0x00008000, "0x00008000"),
    ],
)
def test_names_and_words(status: int, text: str) -> None:
    assert status_text(status) == text
    assert status_of_text(text) == status


@pytest.mark.parametrize(
    ("text", "status"),
    [("", 0), (" Good ", 0), ("BadNoData", 0x809B0000), ("bad_nodata", 0x809B0000), ("0", 0), ("Good, partial", 0x404)],
)
def test_what_others_write_is_understood(text: str, status: int) -> None:
    assert status_of_text(text) == status


@pytest.mark.parametrize("text", ["Fine", "4294967296", "0xG", "-1", "Good,Sometimes", ",Partial,", "1.5", "0,Partial"])
def test_what_is_no_status_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no (status|word)"):
        status_of_text(text)
