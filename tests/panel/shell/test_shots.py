"""Pictures of every page, in both themes and two sizes."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QTimer
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from hmi.panel import shots as shots_module
from hmi.panel.main_window import MainWindow
from hmi.panel.settings import Settings
from hmi.panel.shots import Shots
from hmi.panel.theme import DARK, LIGHT, THEMES, Theme
from tests.helpers_panel.fake_station import FakeStation
from tests.helpers_panel.memory import MemoryPanel
from tests.unit.panel.stores.test_atlas import document


@pytest.fixture
def panel() -> MemoryPanel:
    station = FakeStation(home="home")
    station.add("mix/level", 42.0)
    station.displays = {"home": ("Home", "", document("home", 1, "mix/level"))}
    return MemoryPanel(station)


def take(
    panel: MemoryPanel,
    window: MainWindow,
    folder: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    themes: Sequence[Theme] = tuple(THEMES.values()),
) -> list[int]:
    monkeypatch.setattr(shots_module, "LOOK_MS", 5)
    codes: list[int] = []
    shots = Shots(window, panel.stores, folder, codes.append, themes)
    steps = QTimer(window)
    steps.timeout.connect(panel.step if panel.stores.session.name else panel.outbox.clear)
    steps.start(2)
    shots.start()
    qtbot.waitUntil(lambda: bool(codes), timeout=30_000)
    steps.stop()
    return codes


def test_every_page_is_painted(
    panel: MemoryPanel,
    open_window: Callable[[MemoryPanel], MainWindow],
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window(panel)
    panel.open()
    assert take(panel, window, tmp_path, qtbot, monkeypatch) == [0]
    names = sorted(file.name for file in tmp_path.iterdir())
    pages = ("alarms", "connections", "diagnostics", "display-home", "sign-in", "tags", "trend")
    assert names == [f"{p}-{t}-{w}.png" for p in pages for t in ("dark", "light") for w in (1366, 1920)]
    for name in names:
        image = QImage(str(tmp_path / name))
        size = (1366, 768) if "-1366" in name else (1920, 1080)
        assert (image.width(), image.height()) == size


def test_one_theme_alone_from_a_maximised_window(
    panel: MemoryPanel,
    open_window: Callable[[MemoryPanel], MainWindow],
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window(panel)
    window.showMaximized()
    panel.open()
    assert take(panel, window, tmp_path, qtbot, monkeypatch, themes=(DARK,)) == [0]
    names = sorted(file.name for file in tmp_path.iterdir())
    assert len(names) == 14
    assert all("-dark-" in name for name in names)
    image = QImage(str(tmp_path / "alarms-dark-1366.png"))
    assert (image.width(), image.height()) == (1366, 768)


def test_pictures_remember_nothing_of_a_panel_and_a_panel_nothing_of_them() -> None:
    mine = Settings()
    mine.set_theme(DARK)
    mine.set_geometry(QByteArray(b"somewhere"))
    other = Settings(remember=False)
    assert other.theme is LIGHT
    assert other.geometry.isEmpty()
    other.set_theme(LIGHT)
    other.set_geometry(QByteArray(b"elsewhere"))
    assert Settings().theme is DARK
    assert Settings().geometry == QByteArray(b"somewhere")


def test_without_a_station_it_ends_and_says_so(
    panel: MemoryPanel,
    open_window: Callable[[MemoryPanel], MainWindow],
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window(panel)
    panel.stores.lost("Nobody answers.")
    assert take(panel, window, tmp_path, qtbot, monkeypatch) == [3]
    assert not list(tmp_path.iterdir())
