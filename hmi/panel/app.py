"""The panel's composition root: the only place that knows every page."""

from __future__ import annotations

import platform
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import FrameType

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from hmi.core.errors import LinesideError
from hmi.panel.alarms.page import AlarmPage
from hmi.panel.alarms.sounder import Sounder, find_player
from hmi.panel.connection import Connection
from hmi.panel.connections.page import ConnectionsPage
from hmi.panel.diagnostics.page import DiagnosticsPage
from hmi.panel.displays.page import DisplayPage
from hmi.panel.faceplates.faceplate import Faceplate
from hmi.panel.main_window import MainWindow
from hmi.panel.navigator import Navigator
from hmi.panel.page import Context
from hmi.panel.page_stack import Build
from hmi.panel.places import Kind
from hmi.panel.settings import Settings
from hmi.panel.shots import Shots
from hmi.panel.stores import Stores
from hmi.panel.tags.page import TagPage
from hmi.panel.theme import THEMES
from hmi.panel.trends.page import TrendPage
from hmi.resources import assets

FONT_PT = 10


@dataclass(frozen=True)
class Panel:
    """A panel's parts, for whoever runs or tests it."""

    window: MainWindow
    connection: Connection
    stores: Stores

    def close(self) -> None:
        """Closes window and connection; the station runs on."""
        self.window.close()
        self.connection.close()


def build(
    url: str,
    key: Callable[[], bytes | None],
    owner: QApplication,
    theme: str | None = None,
    settings: Settings | None = None,
) -> Panel:
    """Puts a panel together without showing or connecting it; `settings` instead of the user's own.

    Raises:
        LinesideError: the installation is incomplete.
    """
    settings = settings or Settings()
    connection = Connection(url, f"panel {_version()}", platform.node(), key, owner)
    stores = Stores(connection.send)
    chosen = THEMES.get(theme or "", settings.theme)
    context = Context(stores, chosen, Navigator(connection), stores.session.station_utc)
    sounder = Sounder(assets() / "sounds", find_player(), connection)
    window = MainWindow(context, _pages(), Faceplate, sounder, settings)
    return Panel(window, connection, stores)


def run(url: str, key_file: Callable[[], Path | None], *, shots: Path | None = None, theme: str | None = None) -> int:
    """Runs a panel on the station at `url` (`ws://HOST:PORT/link`) until its window is closed.

    `key_file` finds the key in the station's data folder, None for a station elsewhere; it is asked at every attempt
    to connect, since the station may start after the panel. With `shots` every page is painted to a PNG in that
    folder, in `theme` or else in both, and in two sizes. Returns the process's exit code.
    """
    application = QApplication([sys.argv[0]])
    application.setApplicationName("Lineside")
    application.setStyle("Fusion")
    application.setFont(QFont(application.font().family(), max(FONT_PT, application.font().pointSize())))
    try:
        settings = Settings(remember=shots is None)
        panel = build(url, lambda: _read_key(key_file()), application, theme, settings)
    except LinesideError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _quit_by_signal(application))  # runs at the next tick of the status bar
    panel.window.closing.connect(panel.connection.close)
    themes = tuple(each for each in THEMES.values() if theme in (None, each.name))
    pictures = Shots(panel.window, panel.stores, shots, application.exit, themes) if shots is not None else None
    panel.connection.start(panel.stores)
    if pictures is not None:
        pictures.start()
    else:
        panel.window.show()
    code = application.exec()
    panel.close()
    return code


def _pages() -> dict[Kind, Build]:
    return {
        Kind.DISPLAY: DisplayPage,
        Kind.TREND: lambda context, _name, parent: TrendPage(context, parent),
        Kind.ALARMS: AlarmPage,
        Kind.TAGS: TagPage,
        Kind.CONNECTIONS: ConnectionsPage,
        Kind.DIAGNOSTICS: DiagnosticsPage,
    }


def _quit_by_signal(application: QApplication) -> Callable[[int, FrameType | None], None]:
    def quit_application(_number: int, _frame: FrameType | None) -> None:
        application.quit()

    return quit_application


def _read_key(file: Path | None) -> bytes | None:
    if file is None:
        return None
    try:
        return file.read_bytes()
    except OSError:
        return None  # another user's station: we may view what it grants, and send it no password


def _version() -> str:
    try:
        return metadata.version("lineside")
    except metadata.PackageNotFoundError:
        return "0"
