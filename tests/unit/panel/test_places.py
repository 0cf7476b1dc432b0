"""Back and forward."""

from hmi.panel.places import REMEMBERED, Kind, Place, Trail

HOME, TANK, ALARMS = Place(Kind.DISPLAY, "home"), Place(Kind.DISPLAY, "tank"), Place(Kind.ALARMS)


def test_back_and_forward() -> None:
    trail = Trail()
    assert trail.here is None
    assert trail.back() is None
    for place in (HOME, TANK, TANK, ALARMS):
        trail.visit(place)
    assert trail.back() == TANK
    assert trail.back() == HOME
    assert trail.back() is None
    assert trail.here == HOME
    assert trail.forward() == TANK
    assert (trail.can_go_back, trail.can_go_forward) == (True, True)


def test_going_somewhere_new_drops_what_was_forward() -> None:
    trail = Trail()
    trail.visit(HOME)
    trail.visit(TANK)
    trail.back()
    trail.visit(ALARMS)
    assert trail.forward() is None
    assert trail.back() == HOME


def test_the_trail_is_bounded() -> None:
    trail = Trail()
    for number in range(3 * REMEMBERED):
        trail.visit(Place(Kind.DISPLAY, str(number)))
    back = 0
    while trail.back():
        back += 1
    assert back == REMEMBERED - 1
    assert REMEMBERED >= 20
