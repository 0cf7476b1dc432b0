"""A main window over a fake station in memory, without sound, with placeholders for what others write."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from hmi.panel.alarms.page import AlarmPage
from hmi.panel.alarms.sounder import Sounder
from hmi.panel.connections.page import ConnectionsPage
from hmi.panel.diagnostics.page import DiagnosticsPage
from hmi.panel.main_window import MainWindow
from hmi.panel.navigator import Navigator
from hmi.panel.page import Context, Page
from hmi.panel.page_stack import Build
from hmi.panel.places import Kind
from hmi.panel.settings import Settings
from hmi.panel.tags.page import TagPage
from hmi.panel.theme import LIGHT, Theme
from tests.helpers_panel.memory import MemoryPanel


class PlainDisplay(Page):
    """Stands for a display."""

    def __init__(self, context: Context, name: str, parent: QWidget) -> None:
        super().__init__(context, parent)
        self.name = name
        self.set_title(name)
        self.working = False
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel(f"display {name}", self))

    def on_shown(self) -> None:
        self.working = True

    def on_hidden(self) -> None:
        self.working = False


class PlainTrend(PlainDisplay):
    """Stands for the trend page."""

    def __init__(self, context: Context, name: str, parent: QWidget) -> None:
        super().__init__(context, name, parent)
        self.pens: list[str] = []
        self.set_title("Trends")

    def set_pens(self, paths: list[str]) -> None:
        self.pens = paths


class PlainPlate(QWidget):
    """Stands for a faceplate."""

    def __init__(self, context: Context, path: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.path = path
        self.setFixedSize(300, 400)


PLAIN: Mapping[Kind, Build] = {
    Kind.DISPLAY: PlainDisplay,
    Kind.TREND: PlainTrend,
    Kind.ALARMS: AlarmPage,
    Kind.TAGS: TagPage,
    Kind.CONNECTIONS: ConnectionsPage,
    Kind.DIAGNOSTICS: DiagnosticsPage,
}


def window_on(
    panel: MemoryPanel, theme: Theme = LIGHT, pages: Mapping[Kind, Build] = PLAIN, plate: type[QWidget] = PlainPlate
) -> MainWindow:
    """The window, not shown; give it to the test to close."""
    navigator = Navigator()
    context = Context(panel.stores, theme, navigator, panel.stores.session.station_utc)
    sounder = Sounder(Path("nowhere"), ("true",), navigator)
    window = MainWindow(context, pages, plate, sounder, Settings())
    navigator.setParent(window)
    return window
