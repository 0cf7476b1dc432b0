"""Deadband: worked numbers of the standard page, for single values and for columns."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hmi.core.deadband import are_news, is_news
from hmi.core.engine.rounds import Column, groups, reported
from hmi.core.quality import Status

BAD = int(Status.BAD)


def followed(values: list[float], deadband: float) -> list[float]:
    """What a plain loop reports."""
    reports, last = [], math.nan
    for value in values:
        if is_news(value, 0, last, 0, deadband):
            reports.append(value)
            last = value
    return reports


def test_worked_numbers() -> None:
    assert followed([50.0, 51.9, 52.0, 52.1, 53.5, 54.2, 50], 2.0) == [50.0, 52.1, 54.2, 50]


def test_a_slow_ramp_is_not_swallowed() -> None:
    reports = followed([number * 0.125 for number in range(100)], 2.0)
    assert reports == [0, 2.125, 4.25, 6.375, 8.5, 10.625]


def test_equality_does_not_report() -> None:
    assert not is_news(52.0, 0, 50.0, 0, 2.0)
    assert not is_news(50.0, 0, 50.0, 0, 0.0)


@pytest.mark.parametrize(
    ("value", "status", "last", "last_status", "news"),
    [
        (50.5, BAD, 50.0, 0, True),
        (50.0, 0x00000480, 50.0, 0, False),
        (math.nan, BAD, math.nan, BAD, False),
        (math.nan, 0, 1.0, 0, True),
        (1.0, 0, math.nan, 0, True),
        (1e308, 0, -1e308, 0, True),
    ],
)
def test_quality_and_odd_values(value: float, status: int, last: float, last_status: int, news: bool) -> None:
    assert is_news(value, status, last, last_status, 2.0) is news
    column = [np.array([x]) for x in (value, last)]
    codes = [np.array([x], np.uint32) for x in (status, last_status)]
    assert are_news(column[0], codes[0], column[1], codes[1], np.array([2.0])).tolist() == [news]


@pytest.mark.parametrize("repeats", [1, 3, 200])
def test_a_repeated_tag_is_compared_with_its_last_report(repeats: int) -> None:
    random = np.random.default_rng(5)
    tag = random.permutation(np.repeat(np.arange(100), repeats)).astype(np.intp)
    value = random.integers(0, 6, len(tag)).astype(np.float64)
    zeros, none = np.zeros(len(tag)), np.zeros(len(tag), np.uint32)
    column = Column(value, none, zeros, none, np.full(len(tag), 1.0), None, None)
    news = reported(column, groups(tag, np.zeros(100, np.intp)))
    last = [0.0] * 100
    for row, (at, given) in enumerate(zip(tag.tolist(), value.tolist(), strict=True)):
        assert bool(news[row]) is (abs(given - last[at]) > 1.0)
        last[at] = given if news[row] else last[at]
