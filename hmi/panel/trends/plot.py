"""Plot: pyqtgraph given no more points than the window has columns, on a plane of 0 to 1."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, Final

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from hmi.core.trend import Line, only_certain, only_uncertain, staircase, up_to_gaps
from hmi.link.messages import TagInfo
from hmi.panel.painting.ink import shade
from hmi.panel.painting.strip import SHIFTS, fine_pen
from hmi.panel.theme import Theme
from hmi.panel.trends.axes import TimeAxis, ValueAxis
from hmi.panel.trends.pens import Pen
from hmi.panel.trends.view import View

MARKS: Final = 12
"""Marks along a line that carries them."""
_STEP: Final = 0.1
_ZOOM: Final = 1.25


class TrendPlot(pyqtgraph.PlotWidget):  # type: ignore[misc]  # pyqtgraph is untyped
    """Lines, limits and cursor; says what the person wants of the view and changes nothing itself."""

    zoom_wanted = Signal(float, float)
    """Factor of the length, share of the plot to keep in place."""
    scroll_wanted = Signal(float)
    """Share of the length."""
    cursor_moved = Signal(float)
    """Share of the plot; below 0: no cursor."""
    live_wanted = Signal()
    pause_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        self._time_axis, self._value_axis = TimeAxis(), ValueAxis()
        axes = {"bottom": self._time_axis, "left": self._value_axis}
        super().__init__(parent, viewBox=pyqtgraph.ViewBox(enableMenu=False), axisItems=axes, enableMenu=False)
        self._adopt_menu()
        self._grip: float | None = None
        self._items: list[Any] = []
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.hideButtons()
        self.getPlotItem().layout.setContentsMargins(0, 10, 14, 0)
        self.getViewBox().setMouseEnabled(False, False)
        self.setRange(xRange=(0, 1), yRange=(0, 1), padding=0, disableAutoRange=True)
        self._cursor = pyqtgraph.InfiniteLine(0.0, 90)
        self._cursor.hide()
        self.addItem(self._cursor, ignoreBounds=True)
        self.setAccessibleName("Trend")
        self.set_theme(theme)

    @property
    def columns(self) -> int:
        """Pixels across: as many columns as a line needs."""
        return max(1, int(self.getViewBox().width()))

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        self.setBackground(theme.colour("panel"))
        self.getViewBox().setBackgroundColor(theme.colour("background"))
        for axis in (self._time_axis, self._value_axis):
            axis.setPen(theme.colour("line"))
            axis.setTextPen(theme.colour("text"))
        self._cursor.setPen(QPen(theme.colour("text"), 0))

    def draw(
        self, pens: list[Pen], selected: Pen | None, scales: dict[str, tuple[float, float]], view: View, zone: tzinfo
    ) -> None:
        """Draws everything anew."""
        for item in self._items:
            self.removeItem(item)
        self._items = []
        self._time_axis.set_view(view, zone)
        self._grid()
        if selected is not None and selected.path in scales:
            self._limits(selected.info, scales[selected.path])
            states = dict(selected.info.states) if selected.info is not None else {}
            self._value_axis.set_scale(*scales[selected.path], states)
        for pen in pens:
            if pen.drawn is not None and pen.path in scales:
                self._pen(pen, pen.drawn, scales[pen.path], view, bold=pen is selected)

    def set_cursor(self, share: float) -> None:
        """Shows the cursor at a place; below 0 hides it."""
        self._cursor.setVisible(share >= 0)
        self._cursor.setValue(share)

    # ---- what the person does ----

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Zooms around the pointer."""
        share = self._share(event.position())
        self.zoom_wanted.emit(1 / _ZOOM if event.angleDelta().y() > 0 else _ZOOM, min(max(share, 0.0), 1.0))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Takes hold of the time."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = self._share(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Pulls the time along, or moves the cursor."""
        share = self._share(event.position())
        if self._grip is not None:
            self.scroll_wanted.emit(self._grip - share)
            self._grip = share
            return
        self.cursor_moved.emit(share if 0 <= share <= 1 else -1.0)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Lets go."""
        self._grip = None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Arrows scroll, plus and minus zoom, Home goes live, Space pauses."""
        scroll = {Qt.Key.Key_Left: -_STEP, Qt.Key.Key_Right: _STEP, Qt.Key.Key_PageUp: -1.0, Qt.Key.Key_PageDown: 1.0}
        zoom = {Qt.Key.Key_Plus: 1 / _ZOOM, Qt.Key.Key_Minus: _ZOOM}
        key = Qt.Key(event.key())
        if key in scroll and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.scroll_wanted.emit(scroll[key])
        elif key in zoom:
            self.zoom_wanted.emit(zoom[key], 0.5)
        elif key == Qt.Key.Key_Home:
            self.live_wanted.emit()
        elif key == Qt.Key.Key_Space:
            self.pause_wanted.emit()
        else:
            event.ignore()

    def _share(self, position: QPointF) -> float:
        return float(self.getViewBox().mapSceneToView(self.mapToScene(position.toPoint())).x())

    # ---- drawing ----

    def _pen(self, pen: Pen, drawn: Line, scale: tuple[float, float], view: View, *, bold: bool) -> None:
        whole = staircase(drawn) if pen.stepped else up_to_gaps(drawn)
        colour = shade(self._theme, pen.style.role)
        shifts = (*SHIFTS, 2.0) if bold else SHIFTS
        self._curve(only_certain(whole), scale, view, fine_pen(colour, pen.style.dash), shifts)
        if (whole.status & np.uint32(0xC0000000)).any():
            self._curve(only_uncertain(whole), scale, view, fine_pen(colour, Qt.PenStyle.DotLine), shifts)
        if pen.style.mark:
            self._marks(drawn, scale, view, pen.style.mark, colour)

    def _curve(self, line: Line, scale: tuple[float, float], view: View, pen: QPen, shifts: tuple[float, ...]) -> None:
        """One line, widened by drawing it again a pixel further: see `SHIFTS`."""
        x, y = _plane(line, scale, view)
        down = -1.0 / max(1.0, float(self.getViewBox().height()))
        for shift in shifts:
            curve = pyqtgraph.PlotCurveItem(
                x, y + shift * down, pen=pen, connect="finite", skipFiniteCheck=False, antialias=False
            )
            self._keep(curve)

    def _marks(self, line: Line, scale: tuple[float, float], view: View, mark: str, colour: QColor) -> None:
        x, y = _plane(line, scale, view)
        rows = np.unique(np.searchsorted(x, (np.arange(MARKS) + 0.5) / MARKS))
        rows = rows[rows < len(x)]
        rows = rows[~np.isnan(y[rows])]
        fill, edge = self._theme.colour("background"), QPen(colour, 1.6)
        edge.setCosmetic(True)
        self._keep(pyqtgraph.ScatterPlotItem(x[rows], y[rows], symbol=mark, size=9, pen=edge, brush=fill))

    def _limits(self, info: TagInfo | None, scale: tuple[float, float]) -> None:
        """Normal band and alarm limits of the selected pen."""
        if info is None:
            return
        low, high = scale
        if info.normal_low is not None and info.normal_high is not None:
            ends = [(value - low) / (high - low) for value in (info.normal_low, info.normal_high)]
            region = pyqtgraph.LinearRegionItem(ends, "horizontal", movable=False, brush=shade(self._theme, "band"))
            for edge in region.lines:
                edge.setPen(QPen(Qt.PenStyle.NoPen))
            region.setZValue(-20)
            self._keep(region)
        for name, limit in info.limits.items():
            share = (limit - low) / (high - low)
            if 0 <= share <= 1:
                style = {"position": 0.985, "color": self._theme.colour("text_secondary"), "movable": False}
                pen = QPen(self._theme.colour("text_secondary"), 0)
                self._keep(pyqtgraph.InfiniteLine(share, 0, pen=pen, label=name, labelOpts=style))

    def _grid(self) -> None:
        """Quarters of the height; the time axis has its own ticks."""
        for quarter in (0.25, 0.5, 0.75):
            grid = pyqtgraph.InfiniteLine(quarter, 0, pen=QPen(shade(self._theme, "faint"), 0))
            grid.setZValue(-10)
            self._keep(grid)

    def _adopt_menu(self) -> None:
        """pyqtgraph makes its menu without a parent, also when nobody wants it: it would outlive the page."""
        menu = self.getPlotItem().ctrlMenu
        menu.setParent(self, menu.windowFlags())

    def _keep(self, item: Any) -> None:
        self.addItem(item, ignoreBounds=True)
        self._items.append(item)


def _plane(line: Line, scale: tuple[float, float], view: View) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = scale
    return (line.time - view.start) / view.length, (line.value - low) / (high - low)
