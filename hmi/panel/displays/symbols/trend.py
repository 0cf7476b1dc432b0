"""An embedded trend: direction at a glance, each pen on its own fixed scale, gaps left open."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen, QPolygonF

from hmi.core.element import Trend
from hmi.core.trend import Line, Tape, extent, m4, staircase
from hmi.link.messages import TagInfo
from hmi.panel.displays.scene import Scene
from hmi.panel.displays.symbols.base import Pace, Symbol
from hmi.panel.painting.ink import LEFT, RIGHT, Ink
from hmi.panel.painting.words import NANO, unit_of, value_text

LEGEND: Final = 196
"""Width of the column of names and present values."""

PENS: Final = (
    ("value", 2.2, Qt.PenStyle.SolidLine),
    ("text", 1.8, Qt.PenStyle.DashLine),
    ("text_secondary", 1.8, Qt.PenStyle.DotLine),
    ("line", 1.8, Qt.PenStyle.DashDotLine),
)
"""Role, width and dash of the pens: told apart without any colour."""


class TrendSymbol(Symbol[Trend]):
    """Plot on the left, legend with present values on the right."""

    pace = Pace.TREND

    def plot(self) -> QRectF:
        """Where the lines are."""
        top = 34 if self.element.label else 10
        return self.area.adjusted(12, top, -LEGEND, -28)

    @property
    def window(self) -> int:
        """ns."""
        return int(self.element.window * NANO)

    def paint_static(self, ink: Ink) -> None:
        """Frame, title and time axis."""
        plot = self.plot()
        ink.box(self.area, "panel", "faint", 1.0)
        title = QRectF(self.area.x() + 12, self.area.y() + 5, self.area.width() - 24, 26)
        ink.text(title, self.element.label, 17, "text", LEFT, bold=True)
        ink.box(plot, "background", None)
        axis = QRectF(plot.x(), plot.bottom() + 3, plot.width(), 20)
        ink.text(axis, _span_text(self.element.window), 14, "text_secondary", LEFT)
        ink.text(axis, "now", 14, "text_secondary", RIGHT)

    def paint(self, ink: Ink, scene: Scene) -> None:
        """Band, lines, legend."""
        plot, now = self.plot(), scene.now()
        ink.painter.save()
        ink.painter.setClipRect(plot)
        lines = {path: self._line(scene, path, now) for path in self.element.pens}
        scales = scales_by_unit({path: (scene.shown(path).info, lines[path]) for path in lines})
        self._band(ink, scene, plot, scales)
        for n, path in enumerate(self.element.pens):
            self._pen(ink, plot, lines[path], scales[path], n, now)
        ink.painter.restore()
        for quarter in (0.25, 0.5, 0.75):
            x = plot.x() + quarter * plot.width()
            ink.line(x, plot.top(), x, plot.bottom(), "faint", 0.6)
        ink.box(plot, None, "line", 1.0)
        for n, path in enumerate(self.element.pens):
            self._legend(ink, scene, path, n)

    def _line(self, scene: Scene, path: str, now: int) -> Line:
        """What of a pen the plot's columns need."""
        info = scene.shown(path).info
        whole = held_to_now(scene.tapes.get(path, Tape()).whole(), now, live=scene.look(path).shows_value)
        kept = m4(whole, now - self.window, now, max(1, int(self.plot().width())))
        return staircase(kept) if info is not None and info.stepped else kept

    def _band(self, ink: Ink, scene: Scene, plot: QRectF, scales: dict[str, tuple[float, float]]) -> None:
        """Normal band of the first pen."""
        path = self.element.pens[0]
        info, (low, high) = scene.shown(path).info, scales[path]
        if info is None or info.normal_low is None or info.normal_high is None:
            return
        top, bottom = (
            plot.bottom() - (v - low) / (high - low) * plot.height() for v in (info.normal_high, info.normal_low)
        )
        ink.box(QRectF(plot.x(), top, plot.width(), bottom - top), "band", None)

    def _pen(self, ink: Ink, plot: QRectF, line: Line, scale: tuple[float, float], n: int, now: int) -> None:
        role, width, dash = PENS[n]
        ink.painter.setPen(QPen(ink.colour(role), width, dash))
        ink.painter.setBrush(Qt.BrushStyle.NoBrush)
        x = plot.x() + (line.time - (now - self.window)) / self.window * plot.width()
        y = plot.bottom() - (line.value - scale[0]) / (scale[1] - scale[0]) * plot.height()
        for piece in pieces(x, y):
            ink.painter.drawPolyline(piece)

    def _legend(self, ink: Ink, scene: Scene, path: str, n: int) -> None:
        shown, role = scene.shown(path), PENS[n][0]
        plot = self.plot()
        row = QRectF(plot.right() + 10, plot.top() + n * 42 - 2, LEGEND - 20, 40)
        ink.painter.setPen(QPen(ink.colour(role), PENS[n][1] + 0.6, PENS[n][2]))
        ink.painter.drawLine(QPointF(row.x(), row.y() + 11), QPointF(row.x() + 26, row.y() + 11))
        names = self.element.names
        name = names[n] if n < len(names) else path.rsplit("/", 1)[-1].replace("_", " ")
        ink.text(QRectF(row.x() + 32, row.y(), row.width() - 32, 21), name, 15, "text_secondary", LEFT)
        found = scene.look(path)
        number = QRectF(row.x() + 32, row.y() + 20, row.width() - 32, 21)
        ink.quality(number, found)
        role = "value" if found.shows_value else "text_secondary"
        taken = ink.text(number.adjusted(0, 0, -50, 0), value_text(shown), 17, role, LEFT, bold=True)
        ink.text(number.adjusted(taken + 6, 0, 0, 0), unit_of(shown) if found.shows_value else "", 14,
                 "text_secondary", LEFT)  # fmt: skip
        ink.marker(row.x() + 6, row.y() + 20, scene.alarm(path), lit=scene.lit)

    def tooltip(self, scene: Scene) -> str:
        """What the pens are."""
        pens = "\n".join(f"{path}: {value_text(scene.shown(path))}" for path in self.element.pens)
        return f"{pens}\nClick to open in the trend page."


def held_to_now(line: Line, now: int, *, live: bool) -> Line:
    """A value that still stands reaches the right edge: an unchanged value sends nothing."""
    if not live or not len(line) or int(line.time[-1]) >= now:
        return line
    return Line(
        np.append(line.time, np.int64(now)),
        np.append(line.value, line.value[-1]),
        np.append(line.status, line.status[-1]),
    )


def scale_of(info: TagInfo | None, line: Line) -> tuple[float, float]:
    """Fixed scale: three times the normal band inside the range, widened to what was measured; else the range."""
    found = extent(line) or (0.0, 1.0)
    if info is not None and info.normal_low is not None and info.normal_high is not None:
        span = info.normal_high - info.normal_low
        low, high = info.normal_low - span, info.normal_high + span
        if info.low is not None and info.high is not None:
            low, high = max(low, info.low), min(high, info.high)
    elif info is not None and info.low is not None and info.high is not None and info.high - info.low < 1e8:
        low, high = info.low, info.high
    else:
        low, high = found
    low, high = min(low, found[0]), max(high, found[1])
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def scales_by_unit(pens: dict[str, tuple[TagInfo | None, Line]]) -> dict[str, tuple[float, float]]:
    """Pens of one unit share one scale: a setpoint must lie where it is, seen from its measurement."""
    own = {path: scale_of(info, line) for path, (info, line) in pens.items()}
    units = {path: info.unit if info is not None and info.unit else path for path, (info, _) in pens.items()}
    shared: dict[str, tuple[float, float]] = {}
    for path, (low, high) in own.items():
        known = shared.get(units[path], (low, high))
        shared[units[path]] = (min(known[0], low), max(known[1], high))
    return {path: shared[units[path]] for path in pens}


def pieces(
    x: np.ndarray[tuple[int], np.dtype[np.float64]], y: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> list[QPolygonF]:
    """The line cut at its gaps; a lone point becomes a short dash."""
    good = ~np.isnan(y)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], good, [False])).astype(np.int8)))
    cut: list[QPolygonF] = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        points = [QPointF(a, b) for a, b in zip(x[first:last].tolist(), y[first:last].tolist(), strict=True)]
        if len(points) == 1:
            points = [points[0] - QPointF(1, 0), points[0] + QPointF(1, 0)]
        cut.append(QPolygonF(points))
    return cut


def _span_text(seconds: float) -> str:
    return f"\u2212{seconds / 3600:g} h" if seconds >= 3600 else f"\u2212{seconds / 60:g} min"
