"""Pictures of every page in each theme and two sizes, taken when their content has arrived."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, QSize, Qt, QTimer

from hmi.panel.main_window import MainWindow
from hmi.panel.places import Kind, Place
from hmi.panel.stores import Stores
from hmi.panel.theme import THEMES, Theme

SIZES: Final = (QSize(1366, 768), QSize(1920, 1080))
LOOK_MS: Final = 50
"""How often a page is asked whether it is complete."""
SETTLE: Final = 4
"""Looks a page must have been complete for: late layout and first frames of trends."""
PATIENCE: Final = 80
"""Looks after which a page is painted as it is."""
OVERALL_MS: Final = 180_000


class Shot(NamedTuple):
    """One picture to take."""

    name: str
    theme: Theme
    size: QSize
    prepare: Callable[[], None]


class Shots(QObject):
    """Goes through all pages, then calls `finish`: 0 when the station was there to the end, else 3."""

    def __init__(
        self,
        window: MainWindow,
        stores: Stores,
        folder: Path,
        finish: Callable[[int], None],
        themes: Sequence[Theme] = tuple(THEMES.values()),
    ) -> None:
        super().__init__(window)
        self._themes = themes
        self._window, self._stores, self._folder, self._finish_with = window, stores, folder, finish
        self._shots: Iterator[Shot] | None = None
        self._shot: Shot | None = None
        self._looks = 0
        self._complete = 0
        self._taken = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.timeout.connect(self._give_up)

    def start(self) -> None:
        """Shows the window without taking the screen, and begins when the displays are known."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._window.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._window.setWindowState(Qt.WindowState.WindowNoState)  # a maximised window keeps its size
        self._window.show()
        self._timer.start()
        self._end.start(OVERALL_MS)

    def _look(self) -> None:
        self._looks += 1
        if self._shots is None:
            if self._can_begin() or self._looks > 3 * PATIENCE:
                self._shots = self._all() if self._stores.session.live else iter(())
                self._next()
            return
        page = self._window.guide.page
        self._complete = self._complete + 1 if page is not None and page.is_ready() else 0
        if self._complete >= SETTLE or self._looks > PATIENCE:
            self._take()
            self._next()

    def _can_begin(self) -> bool:
        """Displays and alarms are known, and a station that has just started has read its devices once."""
        stores = self._stores
        stores.status.poll()
        read = stores.status.report is not None and not stores.status.report.waiting
        return read and stores.atlas.complete and stores.alarms.known and stores.session.live

    def _next(self) -> None:
        self._shot = next(self._shots, None) if self._shots is not None else None
        if self._shot is None:
            self._finish(0 if self._stores.session.live else 3)
            return
        self._looks = self._complete = 0
        if self._window.theme is not self._shot.theme:
            self._window.set_theme(self._shot.theme)
        self._window.resize(self._shot.size)
        self._shot.prepare()

    def _take(self) -> None:
        if self._shot is not None:
            file = self._folder / f"{self._shot.name}-{self._shot.theme.name}-{self._shot.size.width()}.png"
            self._window.watch.hold_bright()
            self._taken += self._window.grab().save(str(file), "PNG")

    def _give_up(self) -> None:
        self._finish(3)

    def _finish(self, code: int) -> None:
        self._timer.stop()
        self._end.stop()
        self._finish_with(code)

    def _all(self) -> Iterator[Shot]:
        for theme in self._themes:
            for size in SIZES:
                for name, prepare in self._pages():
                    yield Shot(name, theme, size, prepare)

    def _pages(self) -> Iterator[tuple[str, Callable[[], None]]]:
        guide = self._window.guide
        for display in self._stores.atlas.displays:
            yield f"display-{display.name}", _go(self._window, Place(Kind.DISPLAY, display.name))
        yield "trend", self._show_trend
        yield "alarms", guide.show_alarms
        yield "tags", _go(self._window, Place(Kind.TAGS))
        yield "connections", _go(self._window, Place(Kind.CONNECTIONS))
        yield "diagnostics", guide.show_diagnostics
        yield "sign-in", self._window.sign_in.open_sheet

    def _show_trend(self) -> None:
        """Trends a few numbers that the displays show."""
        self._window.sign_in.close_sheet()
        atlas, directory = self._stores.atlas, self._stores.directory
        paths = sorted({path for display in atlas.displays for path in atlas.paths_below(display.name)})
        infos = (directory.known(path) for path in paths)
        numbers = [info.path for info in infos if info is not None and info.type == "float" and info.unit]
        self._window.guide.show_trend((numbers or paths)[:: max(len(numbers or paths) // 4, 1)][:4])


def _go(window: MainWindow, place: Place) -> Callable[[], None]:
    def go() -> None:
        window.sign_in.close_sheet()
        window.guide.go(place)

    return go
