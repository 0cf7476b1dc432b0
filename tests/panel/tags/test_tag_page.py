"""The tag list: any length, only what is in view is read and subscribed."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QTableView
from pytestqt.qtbot import QtBot

from hmi.core.quality import Status
from hmi.link.messages import FindTags
from hmi.panel.main_window import MainWindow
from hmi.panel.tags.model import KEPT, PAGE
from hmi.panel.tags.page import TagPage
from hmi.panel.widgets.table import Table
from tests.helpers_panel.fake_station import FakeStation
from tests.helpers_panel.memory import MemoryPanel
from tests.helpers_panel.windows import PlainPlate, PlainTrend


def a_station(count: int = 3_000) -> FakeStation:
    station = FakeStation()
    for number in range(count):
        station.add(f"area/line/tag{number:05}", float(number), description=f"Number {number}", unit="bar", decimals=1)
    return station


@pytest.fixture
def panel() -> MemoryPanel:
    return MemoryPanel(a_station())


@pytest.fixture
def page(panel: MemoryPanel, open_window: Callable[[MemoryPanel], MainWindow], qtbot: QtBot) -> TagPage:
    window = open_window(panel)
    panel.open()
    panel.settle()
    window.guide.search_tags()
    made = window.guide.page
    assert isinstance(made, TagPage)
    ready(made, panel, qtbot)
    return made


def ready(page: TagPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    """Steps the station until the rows in view have values."""

    def stepped() -> bool:
        panel.step()
        return page.is_ready()

    qtbot.waitUntil(stepped)


def table(page: TagPage) -> Table:
    found = page.findChild(QTableView, "tagTable")
    assert isinstance(found, Table)
    return found


def row(page: TagPage, number: int) -> list[str]:
    model = table(page).model()
    return [str(model.index(number, column).data() or "") for column in range(model.columnCount())]


def subscribed(panel: MemoryPanel) -> int:
    return sum(len(s.tags) for s in panel.station.subscriptions.values())


def test_values_quality_time_and_age_of_what_is_in_view(page: TagPage, panel: MemoryPanel) -> None:
    assert table(page).model().rowCount() == 3_000
    path, description, value, unit, quality, time, age, _source = row(page, 2)
    assert (path, description, value, unit, quality) == ("area/line/tag00002", "Number 2", "2.0", "bar", "Good")
    assert time.count(":") == 2
    assert age.endswith(" s")
    assert 5 < subscribed(panel) < 60


def test_values_are_live_and_bad_ones_are_dashes(page: TagPage, panel: MemoryPanel) -> None:
    panel.station.set("area/line/tag00001", 7.5)
    panel.station.set("area/line/tag00002", 2.0, int(Status.BAD_SENSOR_FAILURE))
    panel.step()
    assert row(page, 1)[2] == "7.5"
    assert row(page, 2)[2] == "-----"
    assert row(page, 2)[4] == "Bad_SensorFailure"
    panel.stores.lost("gone")
    assert row(page, 1)[2] == "-----"
    assert row(page, 1)[4] == "Bad_NoCommunication"


def test_only_pages_in_view_are_read(page: TagPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    table(page).scrollTo(table(page).model().index(2_500, 0))
    qtbot.waitUntil(lambda: any(isinstance(m, FindTags) and m.offset == 2_400 for m in panel.outbox))
    ready(page, panel, qtbot)
    offsets = {m.offset for m in panel.station.heard if isinstance(m, FindTags)}
    assert offsets <= {0, 2_400, 2_600}
    assert row(page, 2_500)[0] == "area/line/tag02500"
    assert row(page, 2_500)[2] != ""
    assert row(page, 1_000)[0] == "…"
    assert subscribed(panel) < 60


def test_memory_stays_bounded_however_far_one_scrolls(page: TagPage, panel: MemoryPanel) -> None:
    model = page._model
    for at in range(0, 3_000, PAGE):
        model.want(range(at, at + 20))
        panel.answer()
    assert len(model._pages) <= KEPT


def test_searching_as_one_types_and_finding_by_keyboard_alone(page: TagPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    window = page.window()
    assert isinstance(window, MainWindow)
    qtbot.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    search = page.findChild(QLineEdit, "search")
    assert window.focusWidget() is search
    qtbot.keyClicks(search, "number 2999")
    qtbot.waitUntil(lambda: any(isinstance(m, FindTags) and m.text == "number 2999" for m in panel.outbox))
    ready(page, panel, qtbot)
    assert table(page).model().rowCount() == 1
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert window.focusWidget() is table(page)
    qtbot.keyClick(table(page), Qt.Key.Key_F5)
    (plate,) = window.findChildren(PlainPlate)
    assert plate.path == "area/line/tag02999"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    table(page).setFocus()
    qtbot.keyClick(table(page), Qt.Key.Key_F4)
    assert isinstance(window.guide.page, PlainTrend)
    assert window.guide.page.pens == ["area/line/tag02999"]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Down])
def test_a_hand_faster_than_the_search_gets_the_first_tag_found(
    page: TagPage, panel: MemoryPanel, qtbot: QtBot, key: Qt.Key
) -> None:
    search = page.findChild(QLineEdit, "search")
    assert search is not None
    qtbot.keyClicks(search, "number 2999")
    qtbot.keyClick(search, key)
    assert page.selected_paths() == []
    ready(page, panel, qtbot)
    assert page.selected_paths() == ["area/line/tag02999"]


def test_nothing_found_is_an_empty_list(page: TagPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    search = page.findChild(QLineEdit, "search")
    assert isinstance(search, QLineEdit)
    search.setText("no such tag")
    qtbot.waitUntil(lambda: any(isinstance(m, FindTags) and m.text == "no such tag" for m in panel.outbox))
    panel.answer()
    assert table(page).model().rowCount() == 0
    assert "0 tags found" in page._state.text()


def test_a_hidden_page_gives_its_subscriptions_back(page: TagPage, panel: MemoryPanel) -> None:
    window = page.window()
    assert isinstance(window, MainWindow)
    window.guide.show_diagnostics()
    panel.answer()
    assert panel.station.subscriptions == {}


def test_the_list_comes_back_after_a_lost_link(page: TagPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    panel.stores.lost("gone")
    panel.outbox.clear()
    panel.open()
    ready(page, panel, qtbot)
    assert row(page, 1)[2] == "1.0"
    assert row(page, 1)[4] == "Good"


def test_the_menu_leads_to_trend_and_faceplate(page: TagPage, qtbot: QtBot) -> None:
    table(page).selectRow(1)
    menu = page.make_menu()
    assert [action.text() for action in menu.actions()] == ["Trend", "Faceplate"]
    menu.actions()[0].trigger()
    menu.deleteLater()
    window = page.window()
    assert isinstance(window, MainWindow)
    assert isinstance(window.guide.page, PlainTrend)
