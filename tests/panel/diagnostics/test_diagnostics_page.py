"""The diagnostics page shows the last report and nothing older."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from hmi.link.messages import ConnectionStatus, GetStatus
from hmi.panel.diagnostics.facts import groups
from hmi.panel.diagnostics.model import age_ms
from hmi.panel.diagnostics.page import DiagnosticsPage
from hmi.panel.main_window import MainWindow
from tests.helpers_panel.fake_station import UTC, FakeStation, report
from tests.helpers_panel.memory import MemoryPanel

UP = ConnectionStatus(
    "plc", "opcua", "opc.tcp://x", "up", "", 10, 9, 12.5, 40.0, 1_500.0, {"timeouts": 2, "resets": 0}, 2_100.0
)
DOWN = ConnectionStatus("meter", "modbus", "x:502", "down", "Refused.", 4, 0, 0.0, None, None, {})


@pytest.fixture
def panel() -> MemoryPanel:
    station = FakeStation()
    station.status = report(
        connections=[UP, DOWN], notices=["2026-07-01T12:03:27Z connection-up: plc.", "Something happened."]
    )
    return MemoryPanel(station)


@pytest.fixture
def page(panel: MemoryPanel, open_window: Callable[[MemoryPanel], MainWindow]) -> DiagnosticsPage:
    window = open_window(panel)
    panel.open()
    panel.settle()
    window.guide.show_diagnostics()
    panel.answer()
    made = window.guide.page
    assert isinstance(made, DiagnosticsPage)
    return made


def words(page: DiagnosticsPage) -> str:
    return " | ".join(label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page))


def test_the_report_in_words(page: DiagnosticsPage) -> None:
    assert page.is_ready()
    for fact in ("1.2 / 2.8 ms", "298", "142 MB", "700.0 kB", "active"):
        assert fact in words(page)
    model = page._model
    assert [model.index(row, 1).data() for row in (0, 1)] == ["Connected", "Not connected"]
    assert [model.index(row, 2).data() for row in (0, 1)] == ["9 / 10", "0 / 4"]
    assert [model.index(0, column).data() for column in (4, 5, 6)] == ["40 ms", "1.5 s", "2.1 s"]
    assert [model.index(1, column).data() for column in (4, 5, 6)] == ["–", "–", "–"]
    assert model.index(0, 9).data() == "timeouts 2"
    assert page._notices.item(0).text() == "2026-07-01 14:03:27   connection-up: plc."
    assert page._notices.item(1).text() == "Something happened."


def test_it_asks_again_while_it_is_shown_and_not_afterwards(
    page: DiagnosticsPage, panel: MemoryPanel, qtbot: QtBot
) -> None:
    panel.station.heard.clear()
    qtbot.waitUntil(lambda: any(isinstance(m, GetStatus) for m in panel.outbox), timeout=5_000)
    panel.answer()
    window = page.window()
    assert isinstance(window, MainWindow)
    window.guide.show_alarms()
    assert not page._timer.isActive()


def test_a_lost_link_leaves_no_old_figures(page: DiagnosticsPage, panel: MemoryPanel) -> None:
    panel.stores.lost("gone")
    panel.stores.status.poll()
    assert "142 MB" not in words(page)
    assert "no connection" in words(page)
    assert not page.is_ready()
    panel.outbox.clear()
    panel.open()
    panel.stores.status.poll()
    panel.answer()
    assert "142 MB" in words(page)


@pytest.mark.parametrize(("age", "text"), [(None, "–"), (0.4, "0 ms"), (999.4, "999 ms"), (1_250.0, "1.2 s")])
def test_ages(age: float | None, text: str) -> None:
    assert age_ms(age) == text


def test_what_came_late_and_what_was_dropped_is_shown() -> None:
    station = dict(dict(groups(report(late_scans=7, dropped=1_200), "UTC"))["Station"])
    assert (station["of these late"], station["Samples dropped"]) == ("7", "1\u00a0200")


def test_the_store_time_is_shown() -> None:
    history = {"store_p95_ms": 812.34, "oldest_waiting_ms": 12_400.0, "commit_p99_ms": 9.0}
    shown = dict(groups(report(history=history), "UTC"))["History"]
    assert shown == (("Store time p95", "812.3 ms"), ("Oldest waiting", "12\u00a0400.0 ms"), ("Commit p99", "9.0 ms"))


def test_this_panel_tells_of_itself(page: DiagnosticsPage, panel: MemoryPanel, qtbot: QtBot) -> None:
    assert "This panel | Repaints | none yet" in words(page)
    panel.stores.paint.painted(panel.mono - 12_000_000, None)
    panel.stores.status.poll()
    panel.answer()
    assert "12 / 12 / 12 ms" in words(page)
    qtbot.waitUntil(lambda: "Repaints | 1, last 0.0 s ago" in words(page))
    panel.stores.paint.painted(panel.mono, 240_000_000)
    panel.stores.status.poll()
    panel.answer()
    assert "240 / 240 / 240 ms" in words(page)


def test_an_empty_history_has_no_facts() -> None:
    shown = dict(groups(report(history={"samples": 0, "oldest": None}), "UTC"))
    assert shown["History"] == (("Samples", "0"),)


def test_the_ends_of_history_are_times_of_the_plant() -> None:
    shown = dict(groups(report(history={"oldest": UTC}), "Europe/Berlin"))
    assert shown["History"] == (("Oldest", "2026-09-21 16:13:20"),)
