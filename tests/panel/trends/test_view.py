from hmi.core.instants import SECOND
from hmi.panel.trends.view import LONGEST, SHORTEST, View

NOW = 1_000_000 * SECOND
HOUR = View(NOW - 3600 * SECOND, NOW)


def test_a_live_view_follows_the_clock():
    assert HOUR.follow(NOW + SECOND) == View(HOUR.start + SECOND, NOW + SECOND)
    assert HOUR.paused().follow(NOW + SECOND) == HOUR.paused()
    assert HOUR.follow(0) == HOUR


def test_scrolling_back_pauses_and_scrolling_forward_to_the_present_is_live_again():
    back = HOUR.scrolled(-0.5, NOW)
    assert not back.live
    assert back.end == NOW - 1800 * SECOND
    assert back.scrolled(0.4, NOW).live is False
    assert back.scrolled(0.6, NOW) == HOUR


def test_zooming_keeps_the_time_under_the_pointer():
    paused = HOUR.scrolled(-1.0, NOW)
    near = paused.zoomed(0.5, 0.25, NOW)
    assert near.length == 1800 * SECOND
    assert near.time_at(0.25) == paused.time_at(0.25)
    assert HOUR.zoomed(0.5, 0.25, NOW) == View(NOW - 1800 * SECOND, NOW)


def test_zooming_has_ends():
    assert HOUR.zoomed(1e-9, 0.5, NOW).length == SHORTEST
    assert HOUR.zoomed(1e9, 0.5, NOW).length == LONGEST


def test_a_preset_keeps_the_end():
    paused = HOUR.scrolled(-1.0, NOW)
    assert paused.preset(300 * SECOND, NOW).end == paused.end
    assert HOUR.preset(300 * SECOND, NOW) == View(NOW - 300 * SECOND, NOW)
