"""The alarm list and the journal, by mouse and by keyboard."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QTableView, QTabWidget
from pytestqt.qtbot import QtBot

from hmi.link.messages import AcknowledgeAlarms, JournalRow, ReadJournal
from hmi.panel.alarms.journal import JournalView
from hmi.panel.alarms.page import AlarmPage
from hmi.panel.main_window import MainWindow
from hmi.panel.widgets.table import Table
from tests.helpers_panel.fake_station import UTC, FakeStation, alarm
from tests.helpers_panel.memory import MemoryPanel
from tests.helpers_panel.windows import PlainDisplay, PlainTrend
from tests.unit.panel.stores.test_atlas import document


@pytest.fixture
def panel() -> MemoryPanel:
    station = FakeStation(home="home")
    station.displays = {"home": ("Home", "", document("home", 2, "mix/level"))}
    station.raise_alarm(alarm("mix/level", priority=1, event=10, message="Too full", response="Close the inlet."))
    station.raise_alarm(alarm("past/flow", "L", priority=2, event=20, message="Too slow"))
    station.raise_alarm(alarm("past/heat", "H", priority=1, event=30, state="ACKED", user="piet", comment="known"))
    return MemoryPanel(station)


@pytest.fixture
def page(panel: MemoryPanel, open_window: Callable[[MemoryPanel], MainWindow]) -> AlarmPage:
    window = open_window(panel)
    panel.open()
    panel.settle()
    window.guide.show_alarms()
    made = window.guide.page
    assert isinstance(made, AlarmPage)
    return made


def table(page: AlarmPage) -> Table:
    found = page.findChild(QTableView, "alarmTable")
    assert isinstance(found, Table)
    return found


def cells(page: AlarmPage, column: int) -> list[str]:
    model = table(page).model()
    return [str(model.index(row, column).data() or "") for row in range(model.rowCount())]


def edit(page: AlarmPage, name: str) -> QLineEdit:
    found = page.findChild(QLineEdit, name)
    assert isinstance(found, QLineEdit)
    return found


def said(page: AlarmPage, name: str = "result") -> str:
    found = page.findChild(QLabel, name)
    assert isinstance(found, QLabel)
    return found.text()


def sign_in(panel: MemoryPanel) -> None:
    panel.stores.commands.sign_in("anna", "bottle", lambda error: None)
    panel.settle()


def test_the_most_urgent_comes_first(page: AlarmPage) -> None:
    assert cells(page, 4) == ["Too full", "Too slow", "H of past/heat"]
    assert cells(page, 1) == ["Unacknowledged", "Unacknowledged", "Acknowledged"]
    assert cells(page, 5)[0] == "93.4 °C"
    assert cells(page, 8)[2] == "piet: known"


def test_the_filter_wants_every_word(page: AlarmPage, qtbot: QtBot) -> None:
    qtbot.keyClicks(edit(page, "filter"), "past ACKNOW")
    assert cells(page, 3) == ["past/flow  L", "past/heat  H"]
    qtbot.keyClicks(edit(page, "filter"), " piet")
    assert cells(page, 3) == ["past/heat  H"]
    assert "1 of 3" in said(page, "summary")


@pytest.mark.parametrize(
    ("column", "first"), [(0, "Too full"), (3, "Too full"), (4, "H of past/heat"), (7, "Too full")]
)
def test_columns_sort(page: AlarmPage, column: int, first: str) -> None:
    table(page).sortByColumn(column, Qt.SortOrder.AscendingOrder)
    assert cells(page, 4)[0] == first
    table(page).sortByColumn(column, Qt.SortOrder.DescendingOrder)
    assert cells(page, 4)[0] != first or column == 7


def test_a_selected_alarm_says_what_to_do(page: AlarmPage) -> None:
    table(page).selectRow(0)
    assert "Close the inlet." in said(page, "help")
    table(page).selectRow(1)
    assert "no response is configured" in said(page, "help")


@pytest.mark.parametrize("key", [Qt.Key.Key_Down, Qt.Key.Key_Up])
def test_the_first_arrow_selects_the_top_alarm_and_the_next_moves_on(
    page: AlarmPage, qtbot: QtBot, key: Qt.Key
) -> None:
    list_ = table(page)
    list_.setFocus()
    qtbot.keyClick(list_, key)
    assert list_.selected_rows() == [0]
    qtbot.keyClick(list_, Qt.Key.Key_Down)
    assert list_.selected_rows() == [1]


def test_acknowledging_by_keyboard_alone(page: AlarmPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    sign_in(panel)
    table(page).setFocus()
    table(page).setCurrentIndex(table(page).model().index(0, 0))
    qtbot.keyClick(table(page), Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    edit(page, "comment").setFocus()
    qtbot.keyClicks(edit(page, "comment"), "seen by me")
    qtbot.keyClick(edit(page, "comment"), Qt.Key.Key_F9)
    (sent,) = [m for m in panel.outbox if isinstance(m, AcknowledgeAlarms)]
    assert sent.alarms == [("mix/level/HH", 10), ("past/flow/L", 20)]
    assert sent.comment == "seen by me"
    panel.settle()
    assert cells(page, 1) == ["Acknowledged"] * 3
    assert said(page) == "2 acknowledged."
    assert edit(page, "comment").text() == ""


def test_a_refusal_is_said_and_nothing_changes(page: AlarmPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    table(page).selectRow(0)
    page.acknowledge_selected()
    assert "Sign in" in said(page)
    assert panel.outbox == []


def test_without_a_selection_nothing_is_acknowledged(page: AlarmPage, panel: MemoryPanel) -> None:
    sign_in(panel)
    page.acknowledge_selected()
    assert "select" in said(page)
    assert not any(isinstance(m, AcknowledgeAlarms) for m in panel.outbox)


def test_rows_out_of_view_are_not_acknowledged(page: AlarmPage, panel: MemoryPanel) -> None:
    sign_in(panel)
    for number in range(200):
        panel.station.raise_alarm(alarm(f"many/{number:03}", priority=3, event=number))
    panel.step()
    table(page).selectAll()
    page.acknowledge_selected()
    (sent,) = [m for m in panel.outbox if isinstance(m, AcknowledgeAlarms)]
    assert 2 < len(sent.alarms) < 60
    assert "out of view: not acknowledged" in said(page)
    panel.settle()


def test_the_selection_stays_on_its_alarm_when_the_list_moves(page: AlarmPage, panel: MemoryPanel) -> None:
    table(page).selectRow(1)
    assert page.selected_paths() == ["past/flow"]
    panel.station.raise_alarm(alarm("new/worst", priority=1, raised=UTC + 10, event=99))
    panel.station.clear_alarm(panel.station.alarms["past/heat/H"])
    panel.step()
    assert cells(page, 3) == ["new/worst  HH", "mix/level  HH", "past/flow  L"]
    assert page.selected_paths() == ["past/flow"]
    panel.station.clear_alarm(panel.station.alarms["past/flow/L"])
    panel.step()
    assert page.selected_paths() == []


def test_an_alarm_that_came_again_is_acknowledged_only_as_it_is_shown(page: AlarmPage, panel: MemoryPanel) -> None:
    sign_in(panel)
    table(page).selectRow(0)
    panel.station.raise_alarm(alarm("mix/level", priority=1, event=11))  # the panel has not heard of it yet
    page.acknowledge_selected()
    (sent,) = [m for m in panel.outbox if isinstance(m, AcknowledgeAlarms)]
    assert sent.alarms == [("mix/level/HH", 10)]
    panel.settle()
    assert panel.station.alarms["mix/level/HH"].state == "UNACK"


def test_return_leads_to_the_cause(page: AlarmPage, qtbot: QtBot) -> None:
    window = page.window()
    assert isinstance(window, MainWindow)
    table(page).selectRow(0)
    qtbot.keyClick(table(page), Qt.Key.Key_Return)
    assert isinstance(window.guide.page, PlainDisplay)
    assert window.guide.page.name == "home"


def test_the_trend_key_takes_the_selected_tags(page: AlarmPage, qtbot: QtBot) -> None:
    window = page.window()
    assert isinstance(window, MainWindow)
    rows = table(page).selectionModel()
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in (0, 1):
        rows.select(table(page).model().index(row, 0), flags)
    qtbot.keyClick(table(page), Qt.Key.Key_F4)
    assert isinstance(window.guide.page, PlainTrend)
    assert window.guide.page.pens == ["mix/level", "past/flow"]


def test_a_lost_link_is_said_in_the_list_too(page: AlarmPage, panel: MemoryPanel) -> None:
    panel.stores.lost("gone")
    assert "NOT LIVE" in said(page, "summary")
    panel.outbox.clear()
    panel.open()
    panel.settle()
    assert "NOT LIVE" not in said(page, "summary")


def test_a_hidden_page_does_not_listen(page: AlarmPage, panel: MemoryPanel) -> None:
    window = page.window()
    assert isinstance(window, MainWindow)
    window.guide.show_diagnostics()
    panel.station.raise_alarm(alarm("new/alarm"))
    panel.settle()
    assert len(cells(page, 3)) == 3
    window.guide.back()
    assert len(cells(page, 3)) == 4 if window.guide.page is page else True


def journal_rows(count: int) -> list[JournalRow]:
    return [
        JournalRow(n, UTC, f"tag/{n}", "H", "activate", "NORM", "UNACK", 2, 1.0, 2.0, f"line {n}", "", "")
        for n in range(count, 0, -1)
    ]


def journal_lines(page: AlarmPage, panel: MemoryPanel) -> Table:
    """Opens the journal's tab."""
    tabs = page.findChild(QTabWidget)
    assert isinstance(tabs, QTabWidget)
    tabs.setCurrentIndex(1)
    panel.answer()
    (view,) = page.findChildren(JournalView)
    (lines,) = view.findChildren(Table)
    return lines


def test_the_journal_is_read_by_page_as_one_scrolls(page: AlarmPage, panel: MemoryPanel) -> None:
    panel.station.journal = journal_rows(450)
    lines = journal_lines(page, panel)
    assert lines.model().rowCount() == 200
    for expected in (400, 450, 450):
        lines.scrollToBottom()
        model = lines.model()
        if model.canFetchMore(lines.rootIndex()):
            model.fetchMore(lines.rootIndex())
        panel.answer()
        assert model.rowCount() == expected
    befores = [m.before for m in panel.station.heard if isinstance(m, ReadJournal)]
    assert befores == [None, 251, 51]
    assert lines.model().index(449, 7).data() == "line 1"


def test_a_long_comment_of_the_journal_can_be_read_in_full(page: AlarmPage, panel: MemoryPanel) -> None:
    comment = "Bypass opened by hand; maintenance comes at six and looks at the valve, until then watch the level. " * 3
    (row,) = journal_rows(1)
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    panel.station.journal = [JournalRow(**{**fields, "user": "anna", "comment": comment.strip()})]
    lines = journal_lines(page, panel)
    (view,) = page.findChildren(JournalView)
    lines.selectRow(0)
    full = view.findChild(QLabel, "journalLine")
    assert full is not None
    assert full.wordWrap()
    assert full.text().endswith(f"anna: {comment.strip()}")
    assert lines.model().index(0, 8).data(Qt.ItemDataRole.ToolTipRole) == f"anna: {comment.strip()}"


def test_the_journal_is_searched(page: AlarmPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    panel.station.journal = journal_rows(20)
    tabs = page.findChild(QTabWidget)
    assert isinstance(tabs, QTabWidget)
    tabs.setCurrentIndex(1)
    panel.answer()
    (view,) = page.findChildren(JournalView)
    (search,) = view.findChildren(QLineEdit)
    qtbot.keyClicks(search, "line 17")
    qtbot.waitUntil(lambda: any(isinstance(m, ReadJournal) for m in panel.outbox))
    panel.answer()
    (lines,) = view.findChildren(Table)
    assert lines.model().rowCount() == 1


def test_the_message_gets_the_width_that_empty_columns_do_not_need(
    page: AlarmPage, panel: MemoryPanel, qtbot: QtBot
) -> None:
    page.window().resize(1366, 768)
    qtbot.waitUntil(lambda: table(page).viewport().width() > 1000)
    message = "The filler stopped: no bottles at its infeed for a minute"
    panel.station.raise_alarm(alarm("fill/starved", priority=2, event=40, message=message))
    panel.step()
    view = table(page)
    assert view.columnWidth(4) >= view.fontMetrics().horizontalAdvance(message)
    assert view.columnWidth(3) >= view.sizeHintForColumn(3)
    assert sum(view.columnWidth(c) for c in range(9)) <= view.viewport().width()
    assert view.columnWidth(5) < 92
    assert view.columnWidth(0) == 40
