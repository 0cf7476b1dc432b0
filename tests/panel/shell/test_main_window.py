"""The window: where keys and clicks lead, and that a lost link cannot be missed."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from hmi.core.display import Level
from hmi.link.messages import Session
from hmi.panel.alarms.banner import Banner
from hmi.panel.alarms.page import AlarmPage
from hmi.panel.diagnostics.page import DiagnosticsPage
from hmi.panel.help_sheet import HelpSheet
from hmi.panel.keys import KEYS
from hmi.panel.link_bar import GRACE_MS, LinkBar
from hmi.panel.main_window import MainWindow
from hmi.panel.places import Kind, Place
from hmi.panel.status_bar import StatusBar
from hmi.panel.tags.page import TagPage
from hmi.panel.theme import DARK, LIGHT
from hmi.panel.tree import PLACE, ROLL_UP, NavigationTree
from tests.helpers_panel.fake_station import FakeStation, alarm
from tests.helpers_panel.memory import MemoryPanel
from tests.helpers_panel.windows import PlainDisplay, PlainPlate, PlainTrend
from tests.unit.panel.stores.test_atlas import document

Open = Callable[[MemoryPanel], MainWindow]


@pytest.fixture
def panel() -> MemoryPanel:
    station = FakeStation(home="home")
    for path in ("mix/level", "past/temperature"):
        station.add(path, 42.0)
    station.displays = {
        "home": ("Line: everything", "", document("home", Level.OVERVIEW)),
        "mix": ("Mixing", "home", document("mix", Level.UNIT, "mix/level")),
        "past": ("Pasteuriser", "home", document("past", Level.UNIT, "past/temperature")),
    }
    return MemoryPanel(station)


@pytest.fixture
def window(panel: MemoryPanel, open_window: Open) -> MainWindow:
    made = open_window(panel)
    panel.open()
    panel.settle()
    return made


def display(window: MainWindow) -> str:
    page = window.guide.page
    assert isinstance(page, PlainDisplay), page
    return page.name


def words(widget: QWidget) -> str:
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def part(window: MainWindow, kind: type[QWidget]) -> QWidget:
    (found,) = window.findChildren(kind)
    assert isinstance(found, QWidget)
    return found


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    modifier = modifier or Qt.KeyboardModifier.NoModifier
    qtbot.keyClick(window.focusWidget() or window, key, modifier)


def test_the_station_says_what_is_shown_first(window: MainWindow) -> None:
    assert display(window) == "home"
    assert window.guide.page is not None
    assert window.guide.page.working  # type: ignore[attr-defined]  # a PlainDisplay


@pytest.mark.parametrize(
    ("key", "page"),
    [
        (Qt.Key.Key_F2, PlainDisplay),
        (Qt.Key.Key_F3, AlarmPage),
        (Qt.Key.Key_F4, PlainTrend),
        (Qt.Key.Key_F9, AlarmPage),
    ],
)
def test_keys_lead_to_pages(window: MainWindow, qtbot: QtBot, key: Qt.Key, page: type[QWidget]) -> None:
    window.guide.show_diagnostics()
    press(qtbot, window, key)
    assert isinstance(window.guide.page, page)


def test_tag_search_puts_the_cursor_into_the_field(window: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(window.guide.page, TagPage)
    assert isinstance(window.focusWidget(), QLineEdit)


def test_back_and_forward_by_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    window.guide.show_display("mix")
    press(qtbot, window, Qt.Key.Key_F3)
    press(qtbot, window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert display(window) == "mix"
    press(qtbot, window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert display(window) == "home"
    press(qtbot, window, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert display(window) == "mix"


def test_siblings_by_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    window.guide.show_display("mix")
    press(qtbot, window, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert display(window) == "past"
    press(qtbot, window, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert display(window) == "mix"


def test_the_tree_leads_everywhere_by_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    tree = part(window, NavigationTree)
    assert isinstance(tree, NavigationTree)
    tree.setFocus()
    tree.setCurrentItem(tree.topLevelItem(0))
    qtbot.keyClick(tree, Qt.Key.Key_Down)
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    assert display(window) == "mix"
    qtbot.keyClick(tree, Qt.Key.Key_End)
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    assert isinstance(window.guide.page, DiagnosticsPage)


def test_only_the_page_in_front_works(window: MainWindow) -> None:
    home = window.guide.page
    window.guide.show_display("mix")
    assert isinstance(home, PlainDisplay)
    assert not home.working
    window.guide.back()
    assert window.guide.page is home
    assert home.working


def test_alarms_roll_up_to_every_display_above(window: MainWindow, panel: MemoryPanel) -> None:
    panel.station.raise_alarm(alarm("mix/level", priority=2))
    panel.station.raise_alarm(alarm("past/temperature", priority=3, state="ACKED"))
    panel.step()
    tree = part(window, NavigationTree)
    assert isinstance(tree, NavigationTree)
    marks = {}
    items = [tree.topLevelItem(0), *[tree.topLevelItem(0).child(n) for n in (0, 1)]]
    for item in items:
        marks[item.data(0, PLACE).name] = item.data(0, ROLL_UP)
    assert marks == {"home": (2, "UNACK", 2), "mix": (2, "UNACK", 1), "past": (3, "ACKED", 1)}


def test_no_alarm_is_only_said_of_what_is_evaluated(window: MainWindow, panel: MemoryPanel) -> None:
    banner = part(window, Banner)
    for blind, expected in ((74, "74 alarms are not evaluated"), (1, "1 alarm is not evaluated")):
        panel.station.not_evaluated = blind
        panel.station._alarms_told = False
        panel.step()
        assert expected in words(banner)
        assert "No alarms" not in words(banner)
    panel.station.not_evaluated = 0
    panel.station._alarms_told = False
    panel.step()
    assert "No alarms" in words(banner)


def test_the_banner_shows_the_worst_and_leads_to_its_cause_in_one_action(
    window: MainWindow, panel: MemoryPanel, qtbot: QtBot
) -> None:
    banner = part(window, Banner)
    assert "No alarms" in words(banner)
    panel.station.raise_alarm(alarm("past/temperature", priority=1, message="Too hot"))
    panel.station.raise_alarm(alarm("mix/level", priority=2, message="Too full"))
    panel.station.not_evaluated = 4
    panel.step()
    assert "Too hot" in words(banner)
    assert "4 not evaluated" in words(banner)
    assert "1/1" in words(banner)
    top = banner.findChild(QWidget, "topAlarm")
    assert top is not None
    qtbot.mouseClick(top, Qt.MouseButton.LeftButton)
    assert display(window) == "past"
    window.guide.show_alarms()
    top.setFocus()
    qtbot.keyClick(top, Qt.Key.Key_Return)
    assert display(window) == "past"


@pytest.mark.parametrize(
    ("path", "page"), [("elsewhere/x", PlainTrend), ("system/plc/connected", DiagnosticsPage), ("", AlarmPage)]
)
def test_an_alarm_no_display_shows_leads_to_the_next_best_page(
    window: MainWindow, panel: MemoryPanel, path: str, page: type[QWidget]
) -> None:
    if path:
        panel.station.raise_alarm(alarm(path))
        panel.step()
    window.guide.context.navigator.open_cause(f"{path}/HH")
    assert isinstance(window.guide.page, page)


def test_help_lists_every_key_and_closes_with_escape(window: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, window, Qt.Key.Key_F1)
    sheet = part(window, HelpSheet)
    assert sheet.isVisible()
    for key in KEYS:
        assert key in words(sheet)
    press(qtbot, window, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_silence_stops_the_sound_and_acknowledges_nothing(window: MainWindow, panel: MemoryPanel, qtbot: QtBot) -> None:
    panel.station.raise_alarm(alarm("mix/level", priority=1))
    panel.step()
    sounder = window.watch._sounder
    assert sounder.tone is not None
    assert sounder.tone.name == "priority1"
    press(qtbot, window, Qt.Key.Key_F8)
    assert sounder.tone is None
    assert panel.outbox == []
    assert panel.stores.alarms.rows()[0].state == "UNACK"


class ElapsedTimer:
    """Stands for the time since the panel started, ms."""

    def __init__(self, elapsed: int) -> None:
        self._elapsed = elapsed

    def elapsed(self) -> int:
        return self._elapsed


@pytest.mark.parametrize("how", ["stale", "lost"])
def test_a_link_that_is_not_live_cannot_be_missed(window: MainWindow, panel: MemoryPanel, how: str) -> None:
    bar = part(window, LinkBar)
    assert not bar.isVisible()
    getattr(panel.stores, how)("The reason.")
    assert bar.isVisible()
    assert bar.width() == window.width()
    assert "NO CONNECTION TO THE STATION — values are not live" in words(bar)
    assert "The reason." in words(bar)
    assert "since" in words(bar)
    assert "Alarms are not live" in words(part(window, Banner))
    assert "(stopped)" in words(part(window, StatusBar))
    sounder = window.watch._sounder
    assert sounder.tone is not None
    assert sounder.tone.name == "link"
    if how == "lost":
        panel.outbox.clear()
        panel.open()
    panel.step()
    assert not bar.isVisible()
    assert sounder.tone is None


def test_before_the_first_connection_the_bar_says_so_without_a_sound(panel: MemoryPanel, open_window: Open) -> None:
    window = open_window(panel)
    bar = part(window, LinkBar)
    assert isinstance(bar, LinkBar)
    panel.stores.lost("No connection to the station at 127.0.0.1:8470: Connection refused.")
    assert bar.isVisible()
    assert "Waiting for the station to start" in words(bar)
    assert "refused" not in words(bar)
    bar._running = ElapsedTimer(GRACE_MS)  # type: ignore[assignment]
    bar.refresh()
    assert "NO CONNECTION" in words(bar)
    assert "Connection refused" in words(bar)
    assert window.watch._sounder.tone is None


def test_a_connection_lost_in_the_first_seconds_is_alarming(panel: MemoryPanel, open_window: Open) -> None:
    window = open_window(panel)
    panel.open()
    panel.stores.lost("The reason.")
    assert "NO CONNECTION" in words(part(window, LinkBar))
    assert not part(window, LinkBar).property("calm")


def test_a_refused_connection_says_why(panel: MemoryPanel, open_window: Open) -> None:
    window = open_window(panel)
    panel.stores.lost("The station speaks protocol version 9.", refused=True)
    assert "CONNECTION REFUSED" in words(part(window, LinkBar))
    assert "protocol version 9" in words(part(window, LinkBar))


def test_a_station_that_shows_nothing_without_sign_in_says_so(panel: MemoryPanel, open_window: Open) -> None:
    panel.station.may_view = False
    window = open_window(panel)
    panel.open()
    panel.settle()
    assert "NOT SIGNED IN" in words(part(window, LinkBar))
    assert window.guide.page is None
    panel.stores.commands.sign_in("anna", "bottle", lambda error: None)
    panel.settle()
    assert not part(window, LinkBar).isVisible()
    assert display(window) == "home"


@pytest.mark.parametrize("own_will", [True, False])
def test_who_may_not_view_any_more_sees_no_alarm_as_live(panel: MemoryPanel, open_window: Open, own_will: bool) -> None:
    panel.station.may_view = False
    standing = alarm("mix/level", priority=1)
    panel.station.raise_alarm(standing)
    window = open_window(panel)
    panel.open()
    panel.stores.commands.sign_in("anna", "bottle", lambda error: None)
    panel.settle()
    window.guide.show_alarms()
    page, banner = window.guide.page, part(window, Banner)
    assert isinstance(page, AlarmPage)
    sounder = window.watch._sounder
    assert sounder.tone is not None
    assert panel.stores.alarms_live
    if own_will:
        panel.stores.commands.sign_out(lambda error: None)
    else:
        panel.station.user = ""
        panel.stores.receive(Session(0, "", "none", "Your rights have changed."))
    panel.station.clear_alarm(standing)
    panel.settle()
    assert not panel.stores.alarms_live
    assert "Alarms are not live" in words(banner)
    assert "1/1?" in words(banner)
    assert "NOT LIVE: last known 1 alarms" in words(page)
    assert ("Your rights have changed." in words(part(window, LinkBar))) is not own_will
    assert sounder.tone is None
    panel.stores.commands.sign_in("anna", "bottle", lambda error: None)
    panel.settle()
    assert panel.stores.alarms_live
    assert "No alarms" in words(banner)


def test_an_empty_alarm_list_is_not_told_to_who_may_not_view(panel: MemoryPanel, open_window: Open) -> None:
    panel.station.may_view = False
    window = open_window(panel)
    panel.open()
    panel.stores.commands.sign_in("anna", "bottle", lambda error: None)
    panel.settle()
    assert "No alarms" in words(part(window, Banner))
    panel.stores.commands.sign_out(lambda error: None)
    panel.settle()
    assert "No alarms" not in words(part(window, Banner))
    assert "Alarms are not live" in words(part(window, Banner))


def test_the_theme_changes_at_run_time_and_is_remembered(window: MainWindow, qtbot: QtBot) -> None:
    window.guide.show_alarms()
    assert window.theme is LIGHT
    window._other_theme()
    assert window.theme is DARK
    assert DARK.background in window.styleSheet()
    assert window._settings.theme is DARK
    window._other_theme()
    assert window._settings.theme is LIGHT


def test_the_status_bar_names_station_user_and_time_zone(window: MainWindow, panel: MemoryPanel) -> None:
    bar = part(window, StatusBar)
    assert "Bottling" in words(bar)
    assert "Connected" in words(bar)
    assert "CEST" in words(bar)
    assert "Nobody signed in" in words(bar)
    panel.stores.commands.sign_in("anna", "bottle", lambda error: None)
    panel.answer()
    assert "anna (operator)" in words(bar)


def test_faceplates_are_at_most_four_and_close_with_the_session(window: MainWindow, panel: MemoryPanel) -> None:
    page = window.guide.page
    assert page is not None
    navigator = window.guide.context.navigator
    for number in range(6):
        navigator.open_faceplate(f"tag/{number}", page)
    plates = [p for p in window.findChildren(PlainPlate) if p.isVisible()]
    assert [p.path for p in plates] == ["tag/2", "tag/3", "tag/4", "tag/5"]
    banner = part(window, Banner)
    for plate in plates:
        top = plate.mapTo(window, plate.rect().topLeft()).y()
        assert top >= banner.height()
    panel.stores.lost("gone")
    assert not [p for p in window.findChildren(PlainPlate) if p.isVisible()]


def test_another_page_closes_what_is_neither_pinned_nor_unanswered(window: MainWindow) -> None:
    page, guide = window.guide.page, window.guide
    assert page is not None
    for path in ("plain", "pinned", "asking"):
        guide.show_faceplate(path, page)
    plates = {plate.path: plate for plate in window.findChildren(PlainPlate)}
    plates["pinned"].setProperty("pinned", True)
    plates["asking"].unanswered = lambda: True  # type: ignore[attr-defined]  # as a faceplate with a write under way
    guide.show_home()
    assert all(plate.isVisible() for plate in plates.values())
    guide.show_display("mix")
    assert [path for path, plate in plates.items() if plate.isVisible()] == ["pinned", "asking"]


def test_escape_closes_what_was_opened_last(window: MainWindow, qtbot: QtBot) -> None:
    page = window.guide.page
    assert page is not None
    window.guide.context.navigator.open_faceplate("mix/level", page)
    window.sign_in.open_sheet()
    press(qtbot, window, Qt.Key.Key_Escape)
    assert not window.sign_in.isVisible()
    (plate,) = window.findChildren(PlainPlate)
    press(qtbot, window, Qt.Key.Key_Escape)
    assert not plate.isVisible()


def test_another_project_means_other_display_pages(window: MainWindow, panel: MemoryPanel) -> None:
    before = window.guide.page
    panel.stores.lost("gone")
    panel.outbox.clear()
    original = panel.station.welcome
    panel.station.welcome = lambda hello: _changed(original(hello))  # type: ignore[method-assign]  # the next project
    panel.open()
    panel.settle()
    assert window.guide.page is not before
    assert display(window) == "home"


def _changed(welcome: object) -> object:
    import msgspec

    return msgspec.structs.replace(welcome, revision="another")


def test_every_widget_has_a_parent(window: MainWindow) -> None:
    for place in (Kind.ALARMS, Kind.TAGS, Kind.DIAGNOSTICS, Kind.TREND):
        window.guide.go(Place(place))
    for widget in window.findChildren(QWidget):
        assert widget.parent() is not None
