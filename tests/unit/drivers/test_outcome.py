"""Answers that are the same for every driver."""

import math

import pytest

from hmi.core.quality import Status
from hmi.drivers.api import AddressError, ConnectionSpec, WriteOutcome, WriteResult
from hmi.drivers.outcome import no_value, options_of, refused, unknown


def test_a_write_is_refused_or_unknown_with_a_sentence():
    assert refused(Status.BAD_TIMEOUT, "Busy.") == WriteResult(WriteOutcome.REFUSED, Status.BAD_TIMEOUT, "Busy.")
    doubtful = unknown(Status.BAD_TIMEOUT, "a: sent, but no answer.")
    assert doubtful.outcome is WriteOutcome.UNKNOWN
    assert doubtful.text == "a: sent, but no answer. Read the value back before writing again."


def test_a_reading_without_an_answer_shows_no_number():
    sample = no_value(Status.BAD_NO_COMMUNICATION, 7)
    assert math.isnan(sample.value)
    assert (sample.status, sample.time) == (Status.BAD_NO_COMMUNICATION, 7)


def test_options_of_another_driver_are_refused():
    spec = ConnectionSpec("plc", "plc:1", {"a": 1}, (), writes_enabled=False)
    assert options_of(spec, dict) == {"a": 1}
    with pytest.raises(AddressError, match=r"plc has options of another driver\. Parse them with this driver\."):
        options_of(spec, list)
