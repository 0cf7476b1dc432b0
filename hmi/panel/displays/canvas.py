"""Canvas: paints one display - what never changes once, the rest where and when it changed.

Three clocks keep it calm: a frame at most every 50 ms, each symbol no faster than its pace, and a pulse of half a
second for flashing markers, ages and trends. Only a change of trust in a value waits for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from PySide6.QtCore import QElapsedTimer, QEvent, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from hmi.core.display import Display
from hmi.core.element import AlarmSummary
from hmi.core.look import Mark
from hmi.panel.displays.hotspot import Hotspot
from hmi.panel.displays.symbols.base import Symbol
from hmi.panel.displays.symbols.button import ButtonSymbol
from hmi.panel.displays.symbols.summary import AlarmSummarySymbol, LinkStateSymbol
from hmi.panel.displays.symbols.table import SymbolTable
from hmi.panel.displays.symbols.trend import TrendSymbol
from hmi.panel.displays.unpainted import Unpainted
from hmi.panel.page import Context
from hmi.panel.painting.feed import TrendFeed
from hmi.panel.painting.ink import Ink
from hmi.panel.painting.scene import Scene
from hmi.panel.stores import Binding
from hmi.panel.stores.alarms import counted, unacknowledged
from hmi.panel.stores.gates import Gates
from hmi.panel.theme import Theme

FRAME_MS: Final = 50
PULSE_MS: Final = 500


class Canvas(QWidget):
    """One display; it works only between `open` and `close_bindings`."""

    activated = Signal(int)
    opened = Signal(int)
    resolved = Signal()
    """What the station knows of the tags changed."""

    def __init__(self, context: Context, display: Display, table: SymbolTable, parent: QWidget) -> None:
        super().__init__(parent)
        self.display = display
        self._context = context
        self._theme = context.theme
        self.scene = Scene(context.stores, context.clock)
        self.symbols: list[Symbol[Any]] = [table[type(element)](element) for element in display.elements]
        self.scene.summaries = tuple(e for e in display.elements if isinstance(e, AlarmSummary))
        self._by_path: dict[str, list[int]] = {}
        for number, symbol in enumerate(self.symbols):
            for path in symbol.paths:
                self._by_path.setdefault(path, []).append(number)
        self._dirty = Unpainted(context.stores.paint)
        self._opened = 0
        self._urgent: set[int] = set()
        self._refreshed = [-PULSE_MS * 10] * len(self.symbols)
        self._flashing: list[int] = []
        self._alarm_keys: dict[int, object] = {}
        self._bindings: list[Binding] = []
        self._gates: Gates | None = None
        self._background: QPixmap | None = None
        self._scale, self._left, self._top = 1.0, 0.0, 0.0
        self._elapsed = QElapsedTimer()
        self._elapsed.start()
        self._frame = self._timer(FRAME_MS, single=True)
        self._frame.timeout.connect(self._paint_due)
        self._pulse = self._timer(PULSE_MS, single=False)
        self._pulse.timeout.connect(self._beat)
        self.feed = TrendFeed(context.stores, self.scene, self._windows(), self._trend_changed)
        self.hotspots = self._make_hotspots()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(display.title)

    # ---- life ----

    def open(self) -> None:
        """Binds to the stores and starts the clocks."""
        if self._bindings:
            return
        stores = self._context.stores
        self._opened = self._context.clock()
        self._bindings = [
            stores.values.bind(self._by_path, self._values_changed),
            stores.alarms.listen(self._alarms_changed),
            stores.atlas.listen(self._alarms_changed),
            stores.session.listen(self._session_changed),
        ]
        commands = [symbol.element.path for symbol in self.symbols if isinstance(symbol, ButtonSymbol)]
        self._gates = Gates(stores.values, stores.session, commands, self._gates_changed)
        self.scene.why_not = self._gates.why
        self.feed.open()
        self.scene.refresh(tuple(self._by_path))
        self._alarms_changed()
        self._pulse.start()
        self.update()

    def close_bindings(self) -> None:
        """Lets go of the stores and stops the clocks."""
        for binding in self._bindings:
            binding.close()
        self._bindings = []
        if self._gates is not None:
            self._gates.close()
            self._gates = None
        self.feed.close()
        self._frame.stop()
        self._pulse.stop()
        self._dirty.clear()
        self._urgent.clear()

    @property
    def is_open(self) -> bool:
        """Whether it is bound."""
        return bool(self._bindings)

    def set_theme(self, theme: Theme) -> None:
        """Other colours, same meaning."""
        self._theme = theme
        self._background = None
        for hotspot in self.hotspots.values():
            hotspot.theme = theme
        self.update()

    def mark(self, number: int) -> None:
        """Repaints one symbol in the next frame for a reason of its own."""
        self._urgent.add(number)
        self._wake()

    # ---- what changed ----

    def _values_changed(self, paths: frozenset[str]) -> None:
        news = False
        for path in paths:
            numbers = self._by_path.get(path, ())
            if self.scene.urgent(path):
                news = True
                self._urgent.update(numbers)
            self._dirty.add(numbers)
        self._wake()
        if news:
            self.resolved.emit()

    def _alarms_changed(self) -> None:
        """Repaints the symbols whose marker is another one now."""
        self._flashing = []
        live = self.scene.alarms_live
        for number, symbol in enumerate(self.symbols):
            rows = [row for path in symbol.paths for row in self._context.stores.alarms.for_path(path)]
            rolled = symbol.alarms(self.scene)
            worst = rolled[0] if rolled else None
            counts = sorted(counted(rolled).items()) if isinstance(symbol, AlarmSummarySymbol) else []
            key = ([(r.alarm, r.state, r.priority) for r in rows], worst and (worst.alarm, worst.state), counts, live)
            if live and any(unacknowledged(row) for row in (*rows, *rolled[:1])):
                self._flashing.append(number)
            if self._alarm_keys.get(number) != key:
                self._alarm_keys[number] = key
                self._urgent.add(number)
        self._wake()

    def _session_changed(self) -> None:
        """Connection words do not wait for a value, and alarms of another moment do not flash."""
        self._urgent.update(range(len(self.symbols)))
        self._alarms_changed()

    def _gates_changed(self, paths: frozenset[str]) -> None:
        """Commands became available, or no longer are."""
        for path in paths:
            self._urgent.update(self._by_path.get(path, ()))
        self._wake()

    def _trend_changed(self, path: str) -> None:
        self._dirty.add(self._by_path.get(path, ()))
        self._wake()

    def _wake(self) -> None:
        if self._bindings and (self._dirty or self._urgent) and not self._frame.isActive():
            self._frame.start(FRAME_MS)

    # ---- clocks ----

    def _paint_due(self) -> None:
        """One frame: refreshes and repaints what may change now; the rest waits for its pace."""
        now = self._elapsed.elapsed()
        due = self._urgent | {n for n in self._dirty if now - self._refreshed[n] >= self.symbols[n].pace}
        self._repaint(due, now)
        self._take(due)
        self._urgent.clear()
        if self._dirty:
            wait = min(self._refreshed[n] + self.symbols[n].pace - now for n in self._dirty)
            self._frame.start(max(FRAME_MS, wait))

    def _take(self, due: set[int]) -> None:
        values = self._context.stores.values
        times = (values.shown(path).time for number in due for path in self.symbols[number].paths)
        handle = self.window().windowHandle()
        self._dirty.take(due, max(times, default=0), seen=handle is not None and handle.isExposed())

    def _repaint(self, numbers: Iterable[int], now: int) -> None:
        for number in numbers:
            self.scene.refresh(self.symbols[number].paths)
            self._refreshed[number] = now
            self.update(self._pixels(self.symbols[number].reach))

    def _beat(self) -> None:
        """Half a second passed: markers flash, ages and trends move on."""
        self.scene.lit = not self.scene.lit
        for number in self._flashing:
            self.update(self._pixels(self.symbols[number].reach))
        if self.scene.lit:
            now = self._elapsed.elapsed()
            self._repaint((n for n, symbol in enumerate(self.symbols) if self._ages(symbol)), now)

    def _ages(self, symbol: Symbol[Any]) -> bool:
        if isinstance(symbol, TrendSymbol):
            return True
        if isinstance(symbol, LinkStateSymbol):
            return not self.scene.live or self.scene.look(symbol.paths[0]).mark is Mark.LINK
        return any(self.scene.look(path).mark is Mark.STALE for path in symbol.paths)

    # ---- painting ----

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Background, then every symbol that touches what is to be repainted."""
        region = event.region()
        painter = QPainter(self)
        background = self._background or self._paint_background()
        painter.drawPixmap(0, 0, background)
        self._to_logical(painter)
        ink = Ink(painter, self._theme)
        for symbol in self.symbols:
            if region.intersects(self._pixels(symbol.reach)):
                symbol.paint(ink, self.scene)
        painter.end()
        self._dirty.painted(self._opened, self._context.clock())

    def event(self, event: QEvent) -> bool:
        """Shows the tooltip of the symbol under the pointer: its widget leaves that to its parent."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            spot = self.childAt(event.pos())
            QToolTip.showText(event.globalPos(), spot.tip() if isinstance(spot, Hotspot) else "", self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fits the logical size into the window, keeping its aspect."""
        super().resizeEvent(event)
        wide, high = self.display.size
        self._scale = min(self.width() / wide, self.height() / high)
        self._left = (self.width() - wide * self._scale) / 2
        self._top = (self.height() - high * self._scale) / 2
        self._background = None
        for number, hotspot in self.hotspots.items():
            hotspot.setGeometry(self._target(self.symbols[number].area))

    def _paint_background(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        background = QPixmap(self.size() * ratio)
        background.setDevicePixelRatio(ratio)
        background.fill(self._theme.colour("background"))
        painter = QPainter(background)
        self._to_logical(painter)
        ink = Ink(painter, self._theme)
        for symbol in self.symbols:
            symbol.paint_static(ink)
        painter.end()
        self._background = background
        return background

    def _to_logical(self, painter: QPainter) -> None:
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(self._left, self._top)
        painter.scale(self._scale, self._scale)

    def _pixels(self, area: QRectF) -> QRect:
        return QRectF(
            self._left + area.x() * self._scale,
            self._top + area.y() * self._scale,
            area.width() * self._scale,
            area.height() * self._scale,
        ).toAlignedRect()

    def _target(self, area: QRectF) -> QRect:
        """A pointer target of at least 24 px with room for the focus ring."""
        pixels = self._pixels(area).adjusted(-3, -3, 3, 3)
        grow_x, grow_y = max(0, 24 - pixels.width()), max(0, 24 - pixels.height())
        return pixels.adjusted(-grow_x // 2, -grow_y // 2, grow_x // 2, grow_y // 2)

    # ---- making ----

    def _timer(self, interval: int, *, single: bool) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(interval)
        timer.setSingleShot(single)
        return timer

    def _windows(self) -> dict[str, int]:
        windows: dict[str, int] = {}
        for symbol in self.symbols:
            if isinstance(symbol, TrendSymbol):
                for path in symbol.paths:
                    windows[path] = max(windows.get(path, 0), symbol.window)
        return windows

    def _make_hotspots(self) -> dict[int, Hotspot]:
        """One for each symbol a person can do something with, in reading order for the keyboard."""
        numbers = [n for n, symbol in enumerate(self.symbols) if symbol.interactive]
        numbers.sort(key=lambda n: (round(self.symbols[n].area.y() / 40), self.symbols[n].area.x()))
        hotspots: dict[int, Hotspot] = {}
        before: Hotspot | None = None
        for number in numbers:
            spot = Hotspot(number, self.symbols[number], self.scene, self._theme, self)
            spot.activated.connect(self.activated)
            spot.opened.connect(self.opened)
            if before is not None:
                QWidget.setTabOrder(before, spot)
            hotspots[number] = before = spot
        return hotspots
