from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hmi.panel.trends.ticks import time_ticks, value_ticks

BERLIN = ZoneInfo("Europe/Berlin")


def ns(*when):
    return int(datetime(*when, tzinfo=BERLIN).timestamp()) * 1_000_000_000


def labels(start, end, zone=BERLIN, most=8):
    return [text for _, text in time_ticks(start, end, zone, most)]


def test_round_local_times():
    assert labels(ns(2026, 9, 21, 14, 3), ns(2026, 9, 21, 15, 3)) == [
        "14:10",
        "14:20",
        "14:30",
        "14:40",
        "14:50",
        "15:00",
    ]


def test_seconds_when_the_window_is_short():
    assert labels(ns(2026, 9, 21, 14, 0, 0), ns(2026, 9, 21, 14, 0, 30))[:2] == ["14:00:00", "14:00:05"]


def test_a_new_day_is_named():
    assert "22 Sep" in labels(ns(2026, 9, 21, 12), ns(2026, 9, 22, 12))


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)])
def test_ticks_stay_on_round_hours_over_a_change_of_the_clocks(day):
    year, month, date = day
    found = time_ticks(ns(year, month, date - 1, 12), ns(year, month, date, 12), BERLIN, 8)
    hours = [datetime.fromtimestamp(time // 10**9, BERLIN) for time, _ in found]
    assert all(at.minute == 0 and at.hour % 3 == 0 for at in hours)
    assert sorted(set(hours)) == hours


def test_hours_of_a_zone_with_half_hours():
    kolkata = ZoneInfo("Asia/Kolkata")
    start = int(datetime(2026, 9, 21, 8, tzinfo=UTC).timestamp()) * 10**9
    assert all(text.endswith(":00") for text in labels(start, start + 6 * 3600 * 10**9, kolkata))


def test_round_values():
    assert value_ticks(0, 100, 5) == [0, 20, 40, 60, 80, 100]
    assert value_ticks(70.2, 75.1, 5) == [71, 72, 73, 74, 75]
    assert value_ticks(5, 5, 5) == [5]
