import pytest

from hmi.core.look import Mark, look
from hmi.core.quality import LIMIT_HIGH, Status, is_bad

EXPECTED = {
    Status.GOOD: Mark.PLAIN,
    Status.GOOD_OVERLOAD: Mark.PLAIN,
    Status.GOOD_CLAMPED: Mark.PLAIN,
    Status.GOOD_COMPLETES_ASYNCHRONOUSLY: Mark.PLAIN,
    Status.GOOD_LOCAL_OVERRIDE: Mark.MANUAL,
    Status.GOOD_NO_DATA: Mark.PLAIN,
    Status.GOOD_MORE_DATA: Mark.PLAIN,
    Status.GOOD_SUB_NORMAL: Mark.PLAIN,
    Status.UNCERTAIN: Mark.DOUBT,
    Status.UNCERTAIN_NO_COMMUNICATION_LAST_USABLE: Mark.STALE,
    Status.UNCERTAIN_LAST_USABLE_VALUE: Mark.STALE,
    Status.UNCERTAIN_SUBSTITUTE_VALUE: Mark.MANUAL,
    Status.UNCERTAIN_INITIAL_VALUE: Mark.WAITING,
    Status.UNCERTAIN_SENSOR_NOT_ACCURATE: Mark.DOUBT,
    Status.UNCERTAIN_ENGINEERING_UNITS_EXCEEDED: Mark.DOUBT,
    Status.UNCERTAIN_SUB_NORMAL: Mark.DOUBT,
    Status.UNCERTAIN_DATA_SUB_NORMAL: Mark.DOUBT,
    Status.UNCERTAIN_TRANSDUCER_IN_MANUAL: Mark.MANUAL,
    Status.UNCERTAIN_SIMULATED_VALUE: Mark.SIMULATED,
    Status.UNCERTAIN_SENSOR_CALIBRATION: Mark.DOUBT,
    Status.BAD: Mark.BAD,
    Status.BAD_UNEXPECTED_ERROR: Mark.BAD,
    Status.BAD_COMMUNICATION_ERROR: Mark.LINK,
    Status.BAD_TIMEOUT: Mark.LINK,
    Status.BAD_USER_ACCESS_DENIED: Mark.BAD,
    Status.BAD_NO_COMMUNICATION: Mark.LINK,
    Status.BAD_WAITING_FOR_INITIAL_DATA: Mark.WAITING,
    Status.BAD_NODE_ID_INVALID: Mark.BAD,
    Status.BAD_NODE_ID_UNKNOWN: Mark.BAD,
    Status.BAD_NOT_READABLE: Mark.BAD,
    Status.BAD_NOT_WRITABLE: Mark.BAD,
    Status.BAD_OUT_OF_RANGE: Mark.BAD,
    Status.BAD_NOT_SUPPORTED: Mark.BAD,
    Status.BAD_TYPE_MISMATCH: Mark.BAD,
    Status.BAD_CONFIGURATION_ERROR: Mark.BAD,
    Status.BAD_NOT_CONNECTED: Mark.BAD,
    Status.BAD_DEVICE_FAILURE: Mark.BAD,
    Status.BAD_SENSOR_FAILURE: Mark.BAD,
    Status.BAD_OUT_OF_SERVICE: Mark.BAD,
    Status.BAD_DEADBAND_FILTER_INVALID: Mark.BAD,
    Status.BAD_NO_DATA: Mark.BAD,
    Status.BAD_DATA_LOST: Mark.BAD,
    Status.BAD_BOUND_NOT_FOUND: Mark.BAD,
}


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_its_look(status):
    assert look(status).mark is EXPECTED[status]


@pytest.mark.parametrize("status", list(Status))
def test_a_bad_value_never_shows_a_number(status):
    never_entered = status is Status.UNCERTAIN_INITIAL_VALUE  # there is no number to show
    assert look(status).shows_value is not (is_bad(int(status)) or never_entered)


def test_a_value_shown_with_doubt_says_so():
    for status in Status:
        found = look(status)
        if found.shows_value and status & 0xC0000000:
            assert found.suffix or found.badge or found.mark is Mark.STALE


def test_limit_bits_do_not_change_the_look():
    assert look(Status.BAD_NO_COMMUNICATION | 0x400 | LIMIT_HIGH).mark is Mark.LINK


def test_an_unknown_code_looks_like_its_severity():
    assert look(0x80AB0000).mark is Mark.BAD
    assert look(0x40FF0000).mark is Mark.DOUBT
    assert look(0x00FF0000).mark is Mark.PLAIN
    assert look(0xC0000000).mark is Mark.BAD
