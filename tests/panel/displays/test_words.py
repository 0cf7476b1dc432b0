from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from hmi.core.quality import Status
from hmi.link.messages import TagInfo
from hmi.panel.painting.words import NANO, age_text, clock_text, decimals_of, number, value_text, zone_of
from hmi.panel.stores import Shown

LEVEL = TagInfo(1, "a/level", "float", "%", low=0, high=100)
DOOR = TagInfo(2, "a/door", "bool", states={"0": "closed", "1": "open"})


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234567.0, 0, "1\u00a0234\u00a0567"),
        (72.05, 1, "72.0"),
        (-3.25, 2, "\u22123.25"),
        (-0.001, 2, "0.00"),
        (float("nan"), 2, "-----"),
        (float("inf"), 2, "-----"),
    ],
)
def test_numbers(value, decimals, text):
    assert number(value, decimals) == text


def test_digits_are_a_thousandth_of_the_range_unless_given():
    assert decimals_of(LEVEL) == 1
    assert decimals_of(LEVEL, 3) == 3
    assert decimals_of(TagInfo(1, "a", "float", decimals=2)) == 2
    assert decimals_of(TagInfo(1, "a", "int")) == 0
    assert decimals_of(TagInfo(1, "a", "float", low=0, high=2)) == 3


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (Shown(64.52, 0, 1, LEVEL), "64.5"),
        (Shown(64.52, int(Status.UNCERTAIN), 1, LEVEL), "64.5?"),
        (Shown(64.52, int(Status.BAD), 1, LEVEL), "-----"),
        (Shown(64.52, int(Status.BAD_WAITING_FOR_INITIAL_DATA), 1, LEVEL), "…"),
        (Shown(None, 0, 0, LEVEL), "…"),
        (Shown(1.0, 0, 1, DOOR), "open"),
        (Shown(7.0, 0, 1, DOOR), "7"),
        (Shown("B-12", 0, 1, None), "B-12"),
        (Shown(None, 0, 0, None, True), "unknown tag"),
    ],
)
def test_what_stands_in_a_field(shown, text):
    assert value_text(shown) == text


def test_ages():
    assert [age_text(0, s * NANO) for s in (3, 119, 120, 7200, 200_000)] == ["3 s", "119 s", "2 min", "2 h", "2 d"]
    assert age_text(5 * NANO, 0) == "0 s"


def test_times_are_the_stations():
    time = 1_793_000_000 * NANO
    assert clock_text(time, ZoneInfo("Europe/Berlin"), date=False) != clock_text(time, UTC, date=False)
    assert zone_of("No/Such_Place") is UTC
