"""What a `with` statement holds is given back at its end, also when it is left by an error, which goes on."""

import pytest

from hmi.core.closing import Closing


class Held(Closing):
    closed = 0

    def close(self) -> None:
        self.closed += 1


def test_the_end_gives_it_back_once() -> None:
    with Held() as held:
        assert held.closed == 0
    assert held.closed == 1


def test_an_error_goes_on_after_it_was_given_back() -> None:
    held = Held()
    with pytest.raises(ZeroDivisionError), held:
        raise ZeroDivisionError
    assert held.closed == 1
