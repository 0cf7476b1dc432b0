"""Texts and times of a server, whatever form they come in."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from asyncua import ua

from hmi.drivers.columns import LONGEST
from hmi.drivers.opcua.content import nanoseconds, text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [("Level", "Level"), (ua.LocalizedText("Stand"), "Stand"), (ua.LocalizedText(), ""), (None, ""), (7, "")],
)
def test_what_is_no_text_is_empty(value, text):
    assert text_of(value) == text


def test_a_text_does_not_fill_the_memory():
    assert len(text_of("x" * (LONGEST + 1))) == LONGEST


def test_a_stamp_without_a_zone_is_utc():
    stamp = datetime(2024, 10, 4, 0, 0, 0, 123_457)  # noqa: DTZ001 - as the library gives it
    assert nanoseconds(stamp) == nanoseconds(stamp.replace(tzinfo=UTC)) == 1_728_000_000_123_457_000
    assert nanoseconds(stamp.replace(tzinfo=timezone(timedelta(hours=2)))) == 1_727_992_800_123_457_000
