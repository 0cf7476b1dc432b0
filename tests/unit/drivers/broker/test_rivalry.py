"""Two clients with one id: told from the pattern, given way to, forgotten after long peace."""

import pytest

from hmi.core.instants import seconds
from hmi.drivers.broker.endpoint import BrokerOptions
from hmi.drivers.broker.rivalry import Rivalry
from hmi.drivers.broker.session import SessionEndedError, taken_over

OPTIONS = BrokerOptions("broker", 1883, False, client_id="s1")


@pytest.fixture
def rivalry():
    return Rivalry("plant", OPTIONS)


def closed():
    return SessionEndedError("closed", "again", taken=False)


def test_one_short_session_is_a_lost_link_like_any_other(rivalry):
    ended = closed()
    assert rivalry.judge(ended, seconds(3)) is ended
    assert rivalry.wait(0.5) == 0.0


def test_short_sessions_in_a_row_are_a_pattern(rivalry):
    rivalry.judge(closed(), seconds(3))
    told = rivalry.judge(closed(), seconds(3))
    assert told.taken
    assert "'s1'" in str(told)
    assert rivalry.wait(0.5) == 5.0


def test_a_session_that_held_breaks_the_pattern(rivalry):
    rivalry.judge(closed(), seconds(3))
    rivalry.judge(closed(), seconds(60))
    ended = closed()
    assert rivalry.judge(ended, seconds(3)) is ended


def test_ids_that_are_new_each_time_have_no_rival():
    rivalry = Rivalry("plant", BrokerOptions("broker", 1883, False))
    for _ in range(5):
        ended = closed()
        assert rivalry.judge(ended, 0) is ended
    assert rivalry.wait(0.5) == 0.0


def test_the_waits_grow_and_are_spread(rivalry):
    waits = []
    for _ in range(5):
        rivalry.judge(taken_over("plant", OPTIONS), seconds(40))
        waits.append(rivalry.wait(0.5))
    assert waits == [5.0, 30.0, 120.0, 300.0, 300.0]
    assert rivalry.wait(0.0) == 225.0
    assert rivalry.wait(0.999) == pytest.approx(375.0, abs=1)


def test_long_peace_is_forgotten(rivalry):
    rivalry.judge(taken_over("plant", OPTIONS), seconds(40))
    rivalry.judge(closed(), seconds(1000))
    assert rivalry.wait(0.5) == 0.0
