"""Strip: lines of a few pens over a window of time, painted without a legend: for displays and faceplates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from hmi.core.look import look
from hmi.core.trend import Line, Tape, extent, held, line, m4, staircase, up_to_gaps
from hmi.link.messages import TagInfo
from hmi.panel.painting.ink import Ink
from hmi.panel.painting.scene import Scene
from hmi.panel.stores import Shown

SHIFTS: Final = (0.0, 1.0)
"""Pixels downwards by which a line is drawn again to be two pixels wide.

Qt draws a line of one pixel a thousand times faster than a wide or smoothed one: 5,000 noisy points in 16 ms against
7 s (11 s smoothed), measured with dashes.
"""

PENS: Final = (
    ("value", 2.2, Qt.PenStyle.SolidLine),
    ("text", 1.8, Qt.PenStyle.DashLine),
    ("text_secondary", 1.8, Qt.PenStyle.DotLine),
    ("line", 1.8, Qt.PenStyle.DashDotLine),
)
"""Role, width and dash of the pens: told apart without any colour."""


def paint_strip(ink: Ink, plot: QRectF, scene: Scene, paths: Sequence[str], window: int) -> None:
    """Normal band of the first pen, quarters of the time, and every pen's line over the last `window` ns."""
    now = scene.now()
    lines = {path: _line(scene, path, now, window, plot) for path in paths}
    scales = scales_by_unit({path: (scene.shown(path).info, lines[path]) for path in paths})
    ink.painter.save()
    ink.painter.setClipRect(plot)
    _band(ink, plot, scene.shown(paths[0]).info, scales[paths[0]])
    for quarter in (0.25, 0.5, 0.75):
        x = plot.x() + quarter * plot.width()
        ink.line(x, plot.top(), x, plot.bottom(), "faint", 0.6)
    for n, path in enumerate(paths):
        role, _, dash = PENS[n % len(PENS)]
        line, (low, high) = lines[path], scales[path]
        x_of = plot.x() + (line.time - (now - window)) / window * plot.width()
        y_of = plot.bottom() - (line.value - low) / (high - low) * plot.height()
        draw_pieces(ink.painter, pieces(x_of, y_of), ink.colour(role), dash)
    ink.painter.restore()
    ink.box(plot, None, "line", 1.0)


_DASHES: Final = {
    Qt.PenStyle.DashLine: [9.0, 5.0],
    Qt.PenStyle.DotLine: [2.0, 4.0],
    Qt.PenStyle.DashDotLine: [12.0, 4.0, 3.0, 4.0],
    Qt.PenStyle.DashDotDotLine: [12.0, 4.0, 3.0, 4.0, 3.0, 4.0],
}
"""Pixels on and off: Qt's own patterns are made for wide lines."""


def fine_pen(colour: QColor, dash: Qt.PenStyle) -> QPen:
    """A pen of one screen pixel."""
    pen = QPen(colour, 1, dash)
    pen.setCosmetic(True)
    if dash in _DASHES:
        pen.setDashPattern(_DASHES[dash])
    return pen


def draw_pieces(painter: QPainter, cut: list[QPolygonF], colour: QColor, dash: Qt.PenStyle) -> None:
    """Draws a line two pixels wide, whatever the painter's scale, in time that does not depend on its noise."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(fine_pen(colour, dash))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pixel = 1.0 / max(painter.transform().m11(), 0.01)
    for shift in SHIFTS:
        painter.translate(0.0, shift * pixel)
        for piece in cut:
            painter.drawPolyline(piece)
    painter.restore()


def _line(scene: Scene, path: str, now: int, window: int, plot: QRectF) -> Line:
    """What of a pen the plot's columns need."""
    info = scene.shown(path).info
    whole = held_to_now(scene.tapes.get(path, Tape()).whole(), now, scene.shown(path))
    kept = m4(whole, now - window, now, max(1, int(plot.width())))
    return staircase(kept) if info is not None and info.stepped else up_to_gaps(kept)


def _band(ink: Ink, plot: QRectF, info: TagInfo | None, scale: tuple[float, float]) -> None:
    if info is None or info.normal_low is None or info.normal_high is None:
        return
    low, high = scale
    top, bottom = (
        plot.bottom() - (v - low) / (high - low) * plot.height() for v in (info.normal_high, info.normal_low)
    )
    ink.box(QRectF(plot.x(), top, plot.width(), bottom - top), "band", None)


def held_to_now(whole: Line, until: int, shown: Shown) -> Line:
    """A value that still stands reaches `until`, the right edge: an unchanged value sends nothing.

    A tag without any sample yet is drawn from its present value.
    """
    if not look(shown.status).shows_value or not shown.time or shown.time > until:
        return whole
    if not len(whole) and not isinstance(shown.value, str | None):
        one = np.array([shown.time], np.int64), np.array([shown.value]), np.array([shown.status], np.uint32)
        whole = line(*one)
    return held(whole, until)


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


def pieces(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[QPolygonF]:
    """The line cut at its gaps; a lone point becomes a short dash."""
    good = ~np.isnan(y)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], good, [False])).astype(np.int8)))
    cut: list[QPolygonF] = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if last - first == 1:
            x_of, y_of = float(x[first]), float(y[first])
            cut.append(QPolygonF([QPointF(x_of - 1, y_of), QPointF(x_of + 1, y_of)]))
        else:
            cut.append(arrayToQPolygonF(x[first:last], y[first:last]))
    return cut
