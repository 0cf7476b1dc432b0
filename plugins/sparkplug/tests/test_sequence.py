"""The order of messages, and what becomes of one that is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.sparkplug.sequence import OutOfSequenceError, Sequence


def started(seq=0):
    sequence: Sequence[int] = Sequence(100)
    sequence.restart(seq, lambda _: True, 0)
    return sequence


def test_numbers_go_round():
    sequence = started()
    for number in [*range(1, 256), 0, 1]:
        assert sequence.put(number, number, 0) == [number]


def test_a_birth_may_have_any_number():
    assert started(200).put(201, 1, 0) == [1]


def test_one_that_overtook_waits():
    sequence = started(4)
    assert sequence.put(5, 5, 0) == [5]
    assert sequence.put(7, 7, 10) == []
    assert sequence.deadline == 110
    assert sequence.put(6, 6, 20) == [6, 7]
    assert sequence.deadline is None


def test_a_missing_one_is_given_up():
    sequence = started(4)
    sequence.put(6, 6, 0)
    sequence.put(9, 9, 0)
    sequence.put(8, 8, 0)
    assert sequence.give_up() == [6, 8, 9]
    assert sequence.deadline is None
    assert sequence.put(10, 10, 0) == [10]
    with pytest.raises(OutOfSequenceError):
        sequence.put(5, 5, 0)


@pytest.mark.parametrize("number", [4, 3, 133, 256, 1 << 40])
def test_what_has_no_place_is_refused(number):
    with pytest.raises(OutOfSequenceError):
        started(4).put(number, 0, 0)


def test_a_birth_keeps_what_belongs_to_it():
    sequence = started(10)
    sequence.put(12, 120, 0)
    sequence.put(20, 20, 0)
    assert sequence.restart(11, lambda message: message == 120, 5) == [120]
    assert sequence.deadline is None
    sequence.clear()
    assert sequence.put(13, 13, 0) == [13]


@given(st.integers(0, 255), st.permutations(range(20)))
def test_whatever_the_order_all_come_in_theirs(first, order):
    sequence = started(first)
    came: list[int] = []
    for number in order:
        came += sequence.put((first + 1 + number) % 256, number, 0)
    assert came == sorted(order)
    assert sequence.deadline is None
