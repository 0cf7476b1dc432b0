"""The trend page: history and live in one line, gaps open, and everything a person does with the time."""

from collections.abc import Callable, Iterator

import numpy as np
import pyqtgraph
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.link.messages import ReadTrend
from hmi.panel.navigator import Navigator
from hmi.panel.page import Context
from hmi.panel.theme import DARK, LIGHT
from hmi.panel.trends.page import TrendPage
from hmi.panel.trends.pens import MOST, STYLES
from hmi.panel.trends.view import View
from tests.panel.pictures import NOW, FakeStation, demo_infos

TEMPERATURE, SP = "plant/bottling/pasteuriser/holding_temperature", "plant/bottling/pasteuriser/temperature_sp"
STATE = "plant/bottling/pasteuriser/state"
WANTED = ("plant/bottling/pasteuriser/", "plant/bottling/mixer/")


@pytest.fixture
def station() -> FakeStation:
    return FakeStation(info for path, info in demo_infos().items() if path.startswith(WANTED))


@pytest.fixture
def trend(qapp: QApplication, qtbot: QtBot, station: FakeStation) -> Iterator[Callable[..., TrendPage]]:
    host = QWidget()
    host.resize(1100, 620)
    made: list[TrendPage] = []

    def make(*paths: str) -> TrendPage:
        station.open()
        page = TrendPage(Context(station.stores, LIGHT, Navigator(host), lambda: station.utc), host)
        page.resize(1100, 620)
        made.append(page)
        page.set_pens(paths)
        host.show()
        host.activateWindow()
        qtbot.waitUntil(host.isActiveWindow)
        page.on_shown()
        settle(page, station)
        return page

    yield make
    for page in made:
        page.on_hidden()
    host.close()
    host.deleteLater()


def settle(page, station):
    """What the timers would do, now."""
    page._read_timer.stop()
    page._read_all()
    station.pump()
    page._soon.stop()
    page.draw()


def questions(station):
    return [message for message in station.sent if isinstance(message, ReadTrend)]


def past(station, path, values, statuses=None):
    time = np.linspace(NOW - 3500 * SECOND, NOW - SECOND, len(values)).astype("<i8")
    status = np.zeros(len(values), "<u4") if statuses is None else np.array(statuses, "<u4")
    station.history[path] = (time, np.array(values, "<f8"), status)


def test_history_is_asked_in_the_plots_own_columns(trend, station):
    page = trend(TEMPERATURE)
    asked = questions(station)[-1]
    assert asked.tag == station.infos[TEMPERATURE].tag
    assert page.plot.columns <= asked.columns <= page.plot.columns * 1.06
    assert asked.start <= page.view.start
    assert asked.end > page.view.end - SECOND
    assert page.is_ready()


def test_a_line_has_no_more_points_than_four_a_column(trend, station):
    past(station, TEMPERATURE, 72 + np.sin(np.arange(50_000)))
    page = trend(TEMPERATURE)
    assert len(page.pens[0].drawn) <= 4 * page.plot.columns + 2


def test_live_samples_continue_the_line(trend, station):
    page = trend(TEMPERATURE)
    before = len(page.pens[0].tape.whole())
    station.utc += SECOND
    station.set(TEMPERATURE, 73.25)
    station.beat()
    page.draw()
    drawn = page.pens[0].drawn
    assert len(page.pens[0].tape.whole()) == before + 1
    assert drawn.value[-1] == 73.25
    assert page.view.end == station.utc


def test_a_value_that_stands_still_reaches_the_right_edge(trend, station):
    page = trend(TEMPERATURE)
    station.utc += 60 * SECOND
    page.draw()
    assert page.pens[0].drawn.time[-1] == station.utc


def test_a_value_without_communication_does_not(trend, station):
    page = trend(TEMPERATURE)
    station.stores.stale("The scan stands still.")
    station.utc += 60 * SECOND
    page.draw()
    assert page.pens[0].drawn.time[-1] < station.utc


def test_a_setpoint_changed_once_is_a_line_from_edge_to_edge(trend, station):
    changed = NOW - 9000 * SECOND
    station.values[SP] = (72.0, 0, changed)
    station.history[SP] = (np.array([changed], "<i8"), np.array([72.0]), np.zeros(1, "<u4"))
    page = trend(SP)
    drawn = page.pens[0].drawn
    assert drawn.time[0] <= page.view.start
    assert drawn.time[-1] == page.view.end
    assert set(drawn.value) == {72.0}


def test_a_paused_view_holds_what_still_stands(trend, station):
    station.values[SP] = (72.0, 0, NOW - 600 * SECOND)
    station.history[SP] = (np.array([NOW - 600 * SECOND], "<i8"), np.array([72.0]), np.zeros(1, "<u4"))
    page = trend(SP)
    page.toolbar.live_wanted.emit(False)
    settle(page, station)
    assert page.pens[0].drawn.time[-1] == page.view.end
    station.set(SP, 73.0)
    station.beat()
    page.draw()
    assert page.pens[0].drawn.time[-1] < page.view.end


def test_a_bad_stretch_is_never_bridged(trend, station):
    bad = int(Status.BAD_SENSOR_FAILURE)
    past(station, TEMPERATURE, [72, 73, 0, 0, 74, 75], [0, 0, bad, bad, 0, 0])
    page = trend(TEMPERATURE)
    drawn = page.pens[0].drawn
    assert np.isnan(drawn.value).sum() == 2
    assert len(drawn) >= 6


def test_lost_samples_are_read_again_from_history(trend, station):
    page = trend(TEMPERATURE)
    count = len(questions(station))
    page._feeds[TEMPERATURE]._samples(TEMPERATURE, one_sample(station), True)
    assert len(questions(station)) == count
    station.pump()
    assert len(questions(station)) == count + 1
    assert not page.pens[0].tape.overrun


def one_sample(station):
    from hmi.core.batch import batch_of

    return batch_of([station.infos[TEMPERATURE].tag], [station.utc + SECOND], [0], [72.0], [0])


def test_a_fresh_session_reads_again(trend, station):
    page = trend(TEMPERATURE)
    station.stores.lost("The connection is gone.")
    count = len(questions(station))
    station.open()
    settle(page, station)
    assert len(questions(station)) > count


def test_zooming_asks_again_for_what_is_seen(trend, station):
    page = trend(TEMPERATURE)
    page.plot.setFocus()
    QTest.keyClick(page.plot, Qt.Key.Key_Plus)
    assert page._read_timer.isActive()
    settle(page, station)
    asked = questions(station)[-1]
    assert page.view.length == round(3600 * SECOND / 1.25)
    assert asked.end - asked.start < 3600 * SECOND


def test_the_keyboard_scrolls_pauses_and_goes_live(trend, station):
    page = trend(TEMPERATURE)
    page.plot.setFocus()
    QTest.keyClick(page.plot, Qt.Key.Key_Left)
    assert not page.view.live
    assert page.view.end == NOW - 360 * SECOND
    QTest.keyClick(page.plot, Qt.Key.Key_Home)
    assert page.view.live
    QTest.keyClick(page.plot, Qt.Key.Key_Space)
    assert not page.view.live
    page.draw()
    assert page.toolbar.live.text() == "Paused"


def test_a_paused_view_stands_still(trend, station):
    page = trend(TEMPERATURE)
    page._toggle()
    view = page.view
    station.utc += 60 * SECOND
    station.set(TEMPERATURE, 70.0)
    station.beat()
    page._tick()
    page.draw()
    assert page.view == view
    assert page.pens[0].drawn.time[-1] <= view.end


def test_the_span_names_the_date_of_each_end_that_has_its_own(trend, station):
    page = trend(TEMPERATURE)
    hour = 3600 * SECOND
    noon = station.utc // (24 * hour) * 24 * hour + 12 * hour
    for length, dashes in ((1, 2), (24, 3), (366 * 24, 4)):
        page._set_view(View(noon - length * hour, noon, False))
        page.draw()
        assert page.toolbar.span.text().count("-") == dashes


def test_presets(trend, station):
    page = trend(TEMPERATURE)
    next(b for b in page.toolbar.findChildren(QToolButton) if b.text() == "8 h").click()
    assert page.view.length == 8 * 3600 * SECOND


def test_the_cursor_tells_value_and_quality_of_every_pen(trend, station):
    bad = int(Status.BAD_SENSOR_FAILURE)
    past(station, TEMPERATURE, [72, 73, 0, 0, 74, 75], [0, 0, bad, bad, 0, 0])
    page = trend(TEMPERATURE, SP)
    page._move_cursor(0.5)
    page.draw()
    assert page.legend.item(0, 4).text() == "-----"
    assert page.legend.item(0, 5).text() == "Bad_SensorFailure"
    page._move_cursor(0.97)
    page.draw()
    assert page.legend.item(0, 4).text() == "74.00"
    assert page.legend.horizontalHeaderItem(4).text() == "16:11:32"
    assert (page.legend.item(0, 6).text(), page.legend.item(0, 7).text()) == ("72.00", "75.00")


def test_states_are_named(trend, station):
    page = trend(STATE)
    assert page.legend.item(0, 2).text() == "Execute"
    assert page.pens[0].stepped


def test_pens_of_one_unit_share_a_scale_until_told_otherwise(trend, station):
    from hmi.panel.trends.pens import scales

    past(station, TEMPERATURE, [50.0, 72.0])
    page = trend(TEMPERATURE, SP)
    shared = scales(page.pens, by_unit=True)
    assert shared[TEMPERATURE] == shared[SP]
    own = scales(page.pens, by_unit=False)
    assert own[TEMPERATURE] != own[SP]
    page.toolbar.shared.click()
    assert page._by_unit is False


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_pens_are_added_by_search_and_removed(trend, station, qtbot):
    page = trend(TEMPERATURE)
    search = page.toolbar.search
    search.setFocus()
    QTest.keyClicks(search, "mixer brix_sp")
    search.search()
    station.pump()
    assert search._model.stringList() == ["plant/bottling/mixer/brix_sp"]
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert [pen.path for pen in page.pens] == [TEMPERATURE, "plant/bottling/mixer/brix_sp"]
    search._completer.popup().hide()
    page.legend.cellWidget(0, 8).click()
    assert [pen.path for pen in page.pens] == ["plant/bottling/mixer/brix_sp"]
    settle(page, station)
    assert page.selected_paths() == ["plant/bottling/mixer/brix_sp"]


def test_there_are_at_most_eight_pens_all_different(trend, station):
    page = trend(*list(station.infos)[:MOST])
    assert len({(s.role, s.dash, s.mark) for s in STYLES}) == MOST
    assert len({id(pen.style) for pen in page.pens}) == MOST
    page.add_pen("plant/bottling/mixer/brix_sp")
    assert len(page.pens) == MOST
    assert page.notice.text() == "A trend shows at most 8 pens: remove one first."


def test_an_unknown_tag_and_an_empty_trend_are_told(trend, station):
    page = trend("plant/nowhere/x")
    page._tell()
    assert page.notice.text() == "The station does not know the tag plant/nowhere/x."
    page.remove_pen("plant/nowhere/x")
    assert page.notice.text().startswith("No pens yet")


def test_a_hidden_page_holds_nothing_and_keeps_its_pens(trend, station):
    page = trend(TEMPERATURE, SP)
    assert station.subscriptions
    page.on_hidden()
    station.pump()
    assert not station.subscriptions
    assert not page._draw_timer.isActive()
    page.on_shown()
    settle(page, station)
    assert [pen.path for pen in page.pens] == [TEMPERATURE, SP]
    assert station.subscriptions


def test_no_alarm_colour_is_a_pen(trend, station):
    alarm = {colour.fill for theme in (LIGHT, DARK) for colour in theme.alarm.values()}
    assert not {theme.colour(s.role).name().upper() for theme in (LIGHT, DARK) for s in STYLES} & alarm


def test_other_colours(trend, station):
    page = trend(TEMPERATURE)
    before = page.grab().toImage()
    page.on_theme(DARK)
    assert page.grab().toImage() != before


def test_every_line_is_drawn_the_quick_way(trend, station):
    # A wide, dashed or smoothed pen over noise takes seconds: lines are one pixel, drawn side by side.
    page = trend(TEMPERATURE, SP, STATE)
    curves = [item for item in page.plot._items if isinstance(item, pyqtgraph.PlotCurveItem)]
    assert len(curves) >= 6
    for curve in curves:
        pen = curve.opts["pen"]
        assert (pen.widthF(), pen.isCosmetic(), curve.opts["antialias"]) == (1.0, True, False)
