"""Signing in beside the running process."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from hmi.link.messages import SignIn
from hmi.panel.main_window import MainWindow
from tests.helpers_panel.fake_station import FakeStation
from tests.helpers_panel.memory import MemoryPanel


@pytest.fixture
def panel() -> MemoryPanel:
    return MemoryPanel(FakeStation())


@pytest.fixture
def window(panel: MemoryPanel, open_window: Callable[[MemoryPanel], MainWindow]) -> MainWindow:
    made = open_window(panel)
    panel.open()
    panel.settle()
    return made


def field(window: MainWindow, name: str) -> QLineEdit:
    found = window.sign_in.findChild(QLineEdit, name)
    assert isinstance(found, QLineEdit)
    return found


def sentence(window: MainWindow) -> str:
    found = window.sign_in.findChild(QLabel, "sentence")
    assert isinstance(found, QLabel)
    return found.text()


def open_sheet(window: MainWindow, qtbot: QtBot) -> None:
    button = window.findChild(QPushButton, "signButton")
    assert isinstance(button, QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.sign_in.isVisible()


def type_in(window: MainWindow, qtbot: QtBot, user: str, password: str) -> None:
    """With the keyboard alone."""
    qtbot.keyClicks(field(window, "user"), user)
    qtbot.keyClick(field(window, "user"), Qt.Key.Key_Return)
    qtbot.keyClicks(field(window, "password"), password)
    qtbot.keyClick(field(window, "password"), Qt.Key.Key_Return)


def test_signing_in_and_out(window: MainWindow, panel: MemoryPanel, qtbot: QtBot) -> None:
    open_sheet(window, qtbot)
    type_in(window, qtbot, "anna", "bottle")
    assert "Asking" in sentence(window)
    panel.answer()
    assert not window.sign_in.isVisible()
    assert panel.stores.session.user == "anna"
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    panel.answer()
    assert panel.stores.session.user == ""


def test_a_wrong_password_is_a_sentence_and_the_password_is_gone(
    window: MainWindow, panel: MemoryPanel, qtbot: QtBot
) -> None:
    open_sheet(window, qtbot)
    type_in(window, qtbot, "anna", "wrong")
    panel.answer()
    assert window.sign_in.isVisible()
    assert sentence(window) == "The user name or the password is wrong."
    assert field(window, "password").text() == ""
    assert field(window, "user").text() == "anna"
    assert window.focusWidget() is field(window, "password")


def test_a_double_enter_asks_once(window: MainWindow, panel: MemoryPanel, qtbot: QtBot) -> None:
    open_sheet(window, qtbot)
    type_in(window, qtbot, "anna", "bottle")
    qtbot.keyClick(field(window, "password"), Qt.Key.Key_Return)
    assert sum(isinstance(m, SignIn) for m in panel.outbox) == 1
    panel.answer()


def test_no_user_name_asks_for_one(window: MainWindow, panel: MemoryPanel, qtbot: QtBot) -> None:
    open_sheet(window, qtbot)
    qtbot.keyClick(field(window, "password"), Qt.Key.Key_Return)
    assert sentence(window) == "Enter your user name."
    assert panel.outbox == []


def test_the_password_is_never_shown_and_escape_forgets_it(window: MainWindow, qtbot: QtBot) -> None:
    open_sheet(window, qtbot)
    password = field(window, "password")
    assert password.echoMode() is QLineEdit.EchoMode.Password
    qtbot.keyClicks(password, "bottle")
    qtbot.keyClick(password, Qt.Key.Key_Escape)
    assert not window.sign_in.isVisible()
    assert password.text() == ""


def test_the_sheet_keeps_its_place_and_leaves_banner_and_status_bar_free(window: MainWindow, qtbot: QtBot) -> None:
    open_sheet(window, qtbot)
    for name in ("user", "password"):
        assert window.sign_in.rect().contains(field(window, name).geometry())
        assert field(window, name).height() >= 24
    for width, height in ((1366, 768), (1920, 1080)):
        window.resize(width, height)
        corner = window.sign_in.mapTo(window, window.sign_in.rect().bottomRight())
        assert width - 30 < corner.x() < width
        assert height - 80 < corner.y() < height - 20
        assert window.sign_in.height() > 4 * field(window, "user").height()


def test_a_station_that_did_not_prove_itself_gets_no_password(
    panel: MemoryPanel, open_window: Callable[[MemoryPanel], MainWindow], qtbot: QtBot
) -> None:
    window = open_window(panel)
    panel.open(proved=False)
    panel.settle()
    open_sheet(window, qtbot)
    type_in(window, qtbot, "anna", "bottle")
    assert "no password is sent" in sentence(window)
    assert not any(isinstance(m, SignIn) for m in [*panel.outbox, *panel.station.heard])
