import pytest

from hmi.station.turned_away import MOST_SOURCES, TurnedAway

from .fakes import FakeClock

Line = tuple[str, str, str]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def lines() -> list[Line]:
    return []


@pytest.fixture
def door(clock: FakeClock, lines: list[Line]) -> TurnedAway:
    return TurnedAway(clock, lambda *line: lines.append(line))


def test_the_first_is_told_at_once_and_the_rest_once_a_minute_with_their_number(
    door: TurnedAway, clock: FakeClock, lines: list[Line]
) -> None:
    for _ in range(100):
        door.tell("sign-in-refused", "panel", "Wrong.")
    assert lines == [("sign-in-refused", "panel", "Wrong.")]
    clock.pass_(60)
    door.settle()
    assert lines[1:] == [("sign-in-refused", "panel", "Wrong. (99 times in the last minute)")]
    door.tell("sign-in-refused", "panel", "Wrong.")
    assert len(lines) == 2
    clock.pass_(60)
    door.settle()
    assert lines[2:] == [("sign-in-refused", "panel", "Wrong. (once in the last minute)")]


def test_a_source_that_was_quiet_for_a_minute_is_told_at_once_again(
    door: TurnedAway, clock: FakeClock, lines: list[Line]
) -> None:
    assert door.tell("client-refused", "10.0.0.7", "Wrong.")
    assert not door.tell("client-refused", "10.0.0.7", "Wrong.")
    clock.pass_(60)
    door.settle()
    clock.pass_(60)
    assert door.tell("client-refused", "10.0.0.7", "Wrong.")
    assert len(lines) == 3


def test_a_client_that_names_itself_anew_each_time_cannot_flood_the_journal(
    door: TurnedAway, clock: FakeClock, lines: list[Line]
) -> None:
    for minute in range(3):
        for number in range(1000):
            door.tell("sign-in-refused", f"panel {minute} {number}", "Wrong.")
        clock.pass_(60)
    assert len(lines) <= 3 * (MOST_SOURCES + 2)
    assert sum("times in the last minute" in text for _, _, text in lines) >= 2


def test_kinds_do_not_take_each_others_place(door: TurnedAway, lines: list[Line]) -> None:
    for number in range(100):
        door.tell("sign-in-refused", f"panel {number}", "Wrong.")
    assert door.tell("client-refused", "10.0.0.7", "Wrong version.")
    assert lines[-1] == ("client-refused", "10.0.0.7", "Wrong version.")
