import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.station.editing.patch import Patch

CONTENT = st.none() | st.binary(max_size=40) | st.text("ab\n", max_size=40).map(str.encode)


@given(CONTENT, CONTENT)
def test_a_patch_makes_one_of_the_other_and_back(before: bytes | None, after: bytes | None) -> None:
    patch = Patch.between(before, after)
    assert patch.applied(before) == after
    assert patch.reversed().applied(after) == before


def test_a_patch_holds_what_differs_alone() -> None:
    patch = Patch.between(b"x" * 1000 + b"1" + b"y" * 1000, b"x" * 1000 + b"22" + b"y" * 1000)
    assert (patch.at, patch.cut, patch.put) == (1000, b"1", b"22")


@pytest.mark.parametrize("other", [None, b"", b"abcd", b"axc"])
def test_another_file_is_left_alone(other: bytes | None) -> None:
    patch = Patch.between(b"abc", b"abbc")
    assert patch.fits(b"abc")
    assert not patch.fits(other)
    with pytest.raises(ValueError, match="another"):
        patch.applied(other)
