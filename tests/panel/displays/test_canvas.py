"""The canvas: what is repainted, how often, and that nothing of a bad value leaks into the picture."""

import json

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QToolTip

from hmi.core.look import look
from hmi.core.quality import Status
from hmi.core.trend import NOTHING
from hmi.panel.painting.strip import held_to_now
from hmi.panel.stores import Shown
from tests.panel.pictures import NOW, FakeStation, demo_infos, demo_station

LEVEL = "plant/bottling/mixer/level"
FLOW = "plant/bottling/mixer/water_flow"
STATE = "plant/bottling/mixer/state"
PLACE = {"x": 20, "y": 20, "w": 300, "h": 160}
SHAPES = {
    "value": {"kind": "value", "path": LEVEL, **PLACE, "h": 40},
    "bar": {"kind": "bar", "path": LEVEL, "w": 80, "x": 20, "y": 20, "h": 200},
    "lying bar": {"kind": "bar", "path": LEVEL, **PLACE, "h": 30},
    "tank": {"kind": "tank", "level": LEVEL, **PLACE},
    "card": {"kind": "card", "path": LEVEL, **PLACE},
    "valve": {"kind": "valve", "position": LEVEL, **PLACE},
    "motor": {"kind": "motor", "running": LEVEL, "speed": LEVEL, **PLACE},
    "conveyor": {"kind": "conveyor", "running": LEVEL, "speed": LEVEL, "accumulation": LEVEL, **PLACE},
    "machine": {"kind": "machine", "state": LEVEL, "reason": LEVEL, "speed": LEVEL, "label": "M", **PLACE},
    "state": {"kind": "state", "path": LEVEL, **PLACE, "h": 30},
    "pipe": {"kind": "pipe", "flow": LEVEL, "points": [[20, 20], [200, 20]], **PLACE},
}
BAD = [status for status in Status if not look(status).shows_value]


class Clock:
    """Stands for the canvas's elapsed timer."""

    now = 100_000

    def elapsed(self):
        return self.now


def station_with(*elements, also=()):
    whole = {"schema": 1, "name": "d", "title": "T", "level": 2, "size": [1142, 622]}
    placed = [{"id": f"e{n}", **e} for n, e in enumerate(elements)]
    infos = demo_infos()
    return FakeStation(
        [infos[path] for path in (LEVEL, FLOW, STATE, *also)], {"d": json.dumps(whole | {"elements": placed}).encode()}
    )


def picture(page, station, value, status) -> QImage:
    station.set(LEVEL, value, int(status), time=NOW)
    station.beat()
    canvas = page.canvas
    canvas._repaint(range(len(canvas.symbols)), 0)
    return canvas.grab().toImage()


@pytest.mark.parametrize("shape", SHAPES)
def test_no_bad_status_lets_the_last_value_through(show_page, shape):
    station = station_with(SHAPES[shape])
    page = show_page(station, "d")
    for status in BAD:
        assert picture(page, station, 81.0, status) == picture(page, station, 0.0, status), status.name


@pytest.mark.parametrize("shape", [s for s in SHAPES if s != "pipe"])
@pytest.mark.parametrize("status", [s for s in Status if look(s).shows_value], ids=lambda s: s.name)
def test_every_usable_status_shows_its_value(show_page, shape, status):
    station = station_with(SHAPES[shape])
    page = show_page(station, "d")
    assert picture(page, station, 81.0, status) != picture(page, station, 0.0, status)


@pytest.mark.parametrize("shape", ["value", "bar", "lying bar", "tank", "card"])
def test_each_look_can_be_told_from_the_others(show_page, shape):
    station = station_with(SHAPES[shape])
    page = show_page(station, "d")
    one_of_each = {look(status).mark: status for status in Status}
    seen = [picture(page, station, 65.0, status) for status in one_of_each.values()]
    assert all(a != b for n, a in enumerate(seen) for b in seen[:n])


def test_a_lost_link_leaves_no_value_on_the_overview(show_page):
    def lost(share):
        station = demo_station()
        page = show_page(station, "overview")
        for path, info in station.infos.items():
            if info.type != "string" and info.low is not None and info.high is not None:
                station.set(path, info.low + share * (info.high - info.low))
        station.beat()
        station.stores.stale("The station's scan stands still.")
        canvas = page.canvas
        canvas.feed.close()
        canvas.scene.tapes.clear()
        canvas._repaint(range(len(canvas.symbols)), 0)
        return canvas.grab().toImage()

    assert lost(0.3) == lost(0.6)


def count_paints(canvas):
    counts = dict.fromkeys(range(len(canvas.symbols)), 0)

    def counting(number, original):
        def paint(ink, scene):
            counts[number] += 1
            original(ink, scene)

        return paint

    for number, symbol in enumerate(canvas.symbols):
        symbol.paint = counting(number, symbol.paint)
    return counts


def test_only_what_changed_is_repainted(show_page, qtbot):
    station = station_with(
        {**SHAPES["value"]}, {**SHAPES["value"], "path": FLOW, "y": 200}, {**SHAPES["value"], "path": STATE, "y": 400}
    )
    page = show_page(station, "d")
    qtbot.waitUntil(lambda: not page.canvas._frame.isActive())
    counts = count_paints(page.canvas)
    page.canvas.update()
    qtbot.waitUntil(lambda: all(counts.values()))  # with it came what was still to be painted of the first sight
    counts.update(dict.fromkeys(counts, 0))
    station.set(FLOW, 3.0)
    station.beat()
    qtbot.waitUntil(lambda: counts[1] > 0)
    assert counts == {0: 0, 1: 1, 2: 0}


def test_text_changes_at_most_twice_a_second(show_page):
    station = station_with(SHAPES["value"])
    page = show_page(station, "d")
    canvas, clock = page.canvas, Clock()
    canvas._elapsed = clock
    canvas._paint_due()
    drawn = []
    for step in range(40):
        clock.now += 50
        station.set(LEVEL, 50.0 + step)
        station.beat()
        canvas._paint_due()
        drawn.append(canvas.scene.shown(LEVEL).value)
    assert 3 <= len(set(drawn)) <= 5


def test_a_loss_of_trust_waits_for_no_pace(show_page):
    station = station_with(SHAPES["value"])
    page = show_page(station, "d")
    canvas, clock = page.canvas, Clock()
    canvas._elapsed = clock
    station.set(LEVEL, 51.0)
    station.beat()
    canvas._paint_due()
    clock.now += 50
    station.set(LEVEL, 52.0, int(Status.BAD_SENSOR_FAILURE))
    station.beat()
    canvas._paint_due()
    assert canvas.scene.shown(LEVEL).status == Status.BAD_SENSOR_FAILURE


def test_a_repaint_for_another_reason_does_not_change_the_digits(show_page):
    station = station_with(SHAPES["value"])
    page = show_page(station, "d")
    canvas = page.canvas
    canvas._elapsed = Clock()
    station.set(LEVEL, 51.0)
    station.beat()
    canvas._paint_due()
    before = canvas.grab().toImage()
    station.set(LEVEL, 52.0)
    station.beat()
    assert canvas.grab().toImage() == before


@pytest.mark.parametrize("state", ["UNACK", "ACKED", "RTNUN"])
def test_an_alarm_marks_its_value_and_flashes_until_acknowledged(show_page, state):
    station = station_with(SHAPES["value"])
    page = show_page(station, "d")
    canvas = page.canvas
    plain = canvas.grab().toImage()
    station.raise_alarm(LEVEL, 2, state)
    station.beat()
    canvas.scene.lit = True
    lit = canvas.grab().toImage()
    canvas.scene.lit = False
    dark = canvas.grab().toImage()
    assert plain not in (lit, dark)
    assert (lit != dark) == (state != "ACKED")
    assert bool(canvas._flashing) == (state != "ACKED")


def test_a_link_button_carries_the_worst_alarm_below_it(show_page):
    link = {"kind": "link", "display": "p", "label": "Process", "alarms": ["plant/bottling"], **PLACE, "h": 50}
    station = station_with(link)
    page = show_page(station, "d")
    plain = page.canvas.grab().toImage()
    station.raise_alarm(LEVEL, 3, "ACKED")
    station.beat()
    assert page.canvas.grab().toImage() != plain
    assert "alarm of priority 3" in page.canvas.symbols[0].says(page.canvas.scene)


@pytest.mark.parametrize("prefixes", ["plant/bottling", "plant/bottling/", ["plant/none", "plant/bottling/mixer"]])
def test_marker_and_counters_take_the_same_alarms(show_page, prefixes):
    link = {"kind": "link", "display": "p", "label": "Process", **PLACE, "h": 50}
    link["alarms"] = [prefixes] if isinstance(prefixes, str) else prefixes
    station = station_with(link, {"kind": "alarm_summary", "alarms": prefixes, **PLACE, "y": 100, "h": 50})
    page = show_page(station, "d")
    station.raise_alarm(LEVEL, 3, "ACKED")
    station.beat()
    marked, counted = (symbol.says(page.canvas.scene) for symbol in page.canvas.symbols)
    assert "priority 3" in marked
    assert counted == "priority 3: 1"


def test_an_embedded_trend_draws_history_and_goes_on_live(show_page):
    station = station_with({"kind": "trend", "pens": [LEVEL], "window": 600, **PLACE})
    page = show_page(station, "d")
    tape = page.canvas.scene.tapes[LEVEL]
    count = len(tape.whole())
    assert count > 100
    station.utc += 2_000_000_000
    station.set(LEVEL, 60.0)
    station.beat()
    assert len(tape.whole()) == count + 1


@pytest.mark.parametrize("status", [Status.GOOD, Status.BAD_NO_COMMUNICATION])
def test_a_value_that_changed_once_is_drawn_from_then_until_now(show_page, status):
    station = station_with({"kind": "trend", "pens": [LEVEL], "window": 600, **PLACE})
    changed = NOW - 300_000_000_000
    station.history[LEVEL] = (np.array([changed]), np.array([65.0]), np.zeros(1, "<u4"))
    station.values[LEVEL] = (65.0, int(status), changed)
    page = show_page(station, "d")
    scene = page.canvas.scene
    drawn = held_to_now(scene.tapes[LEVEL].whole(), NOW, scene.shown(LEVEL))
    assert drawn.time.tolist() == ([changed, NOW] if status is Status.GOOD else [changed])


def test_a_value_without_history_is_drawn_from_its_present_sample():
    shown = Shown(65.0, 0, NOW - 5, None)
    assert held_to_now(NOTHING, NOW, shown).time.tolist() == [NOW - 5, NOW]
    assert held_to_now(NOTHING, NOW, shown._replace(status=int(Status.BAD_NO_COMMUNICATION))) is NOTHING


def test_a_command_that_would_be_refused_is_flat_and_says_why(show_page):
    state, start = "plant/packaging/capper/state", "plant/packaging/capper/cmd_start"
    button = {"kind": "button", "path": start, "label": "Start", "state": state, **PLACE}
    station = station_with(button, also=(start, state, "plant/packaging/capper/door_open"))
    station.set(state, 4.0)
    page = show_page(station, "d")
    canvas, symbol = page.canvas, page.canvas.symbols[0]
    ready = canvas.grab().toImage()
    assert symbol.says(canvas.scene) == ""
    station.set(state, 2.0)
    station.beat()
    canvas._paint_due()
    assert canvas.grab().toImage() != ready
    why = "Not available now. Capper: PackML state is Stopped, must be Idle. Reset first."
    assert symbol.says(canvas.scene) == why
    assert symbol.tooltip(canvas.scene).startswith(why)
    station.set(state, 4.0)
    station.beat()
    canvas._paint_due()
    assert canvas.grab().toImage() == ready


def test_a_lost_station_counts_how_long_there_is_no_link(show_page):
    station = station_with({"kind": "link_state", "path": LEVEL, "label": "Connected", **PLACE})
    station.set(LEVEL, 5.0)
    page = show_page(station, "d")
    station.stores.lost("gone")
    canvas = page.canvas
    first = canvas.grab().toImage()
    before = canvas.scene.reckoned()
    station.mono += 5_000_000_000
    assert canvas.scene.reckoned() - before == 5_000_000_000
    canvas.scene.lit = False
    canvas._beat()
    assert canvas.grab().toImage() != first


def test_the_pointer_over_a_symbol_asks_the_symbol_what_it_tells(show_page, monkeypatch):
    page = show_page(station_with(SHAPES["value"]), "d")
    canvas, told = page.canvas, []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _widget: told.append(text))
    (spot,) = canvas.hotspots.values()
    for widget, at in ((spot, spot.rect().center()), (canvas, QPoint(1, 1))):
        QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, at, widget.mapToGlobal(at)))
    assert told[0].startswith(LEVEL)
    assert told[1:] == [""]


def test_the_focus_tells_a_screen_reader_what_the_symbol_says(show_page):
    page = show_page(station_with(SHAPES["value"]), "d")
    (spot,) = page.canvas.hotspots.values()
    spot.setFocus()
    assert spot.accessibleDescription() == spot.symbol.says(page.canvas.scene) != ""


def test_the_panel_learns_what_painting_a_change_took(show_page, qtbot):
    station = station_with(SHAPES["value"])
    page = show_page(station, "d")
    paint = station.stores.paint
    qtbot.waitUntil(lambda: not page.canvas._dirty)
    before = paint.figures()
    station.utc += 40_000_000
    station.set(LEVEL, 51.0, time=station.utc - 30_000_000)
    station.beat()
    station.mono += 7_000_000
    pictures = before.pictures if before is not None else 0
    qtbot.waitUntil(lambda: (found := paint.figures()) is not None and found.pictures > pictures)
    figures = paint.figures()
    assert figures.paint.p99 == pytest.approx(7.0, rel=0.1)
    assert figures.age.p99 == pytest.approx(30.0, rel=0.1)
    page.canvas.update()
    qtbot.waitUntil(lambda: not page.canvas._frame.isActive())
    page.canvas.grab()
    assert paint.figures().pictures == figures.pictures
