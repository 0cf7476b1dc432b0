"""Ink: a painter that knows the theme's roles, so that no symbol ever names a colour.

Flat greys, outlines of one width, text that shrinks before it is cut. Coordinates are the display's logical pixels.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from hmi.core.look import Look, Mark
from hmi.link.messages import AlarmRow
from hmi.panel.theme import Theme
from hmi.panel.widgets.alarm_marker import paint_alarm_marker

LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
CENTER: Final = Qt.AlignmentFlag.AlignCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

SMALLEST: Final = 0.72
"""Text shrinks to this share of its size before it is cut with an ellipsis."""
LINE: Final = 1.5
"""Width of an outline."""


def mix(a: QColor, b: QColor, share: float) -> QColor:
    """The grey between two roles; 0 is `a`, 1 is `b`."""
    pairs = ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    return QColor(*(round(x + (y - x) * share) for x, y in pairs))


def shade(theme: Theme, role: str) -> QColor:
    """A role of the theme, or one of the greys between two of them that indicators are made of."""
    made = _BETWEEN.get(role)
    if made is None:
        return theme.colour(role)
    first, second, share = made[1 if theme.name == "dark" else 0]
    return mix(theme.colour(first), theme.colour(second), share)


_Between = tuple[str, str, float]
# role: (from, to, share) for the light and the dark theme.
_BETWEEN: Final[dict[str, tuple[_Between, _Between]]] = {
    "track": (("background", "line", 0.22), ("background", "line", 0.10)),
    "band": (("panel", "running", 0.75), ("panel", "line", 0.55)),
    "fill": (("line", "background", 0.28), ("line", "background", 0.10)),
    "faint": (("background", "line", 0.45), ("background", "line", 0.45)),
    "hatch": (("background", "text_secondary", 0.55), ("background", "text_secondary", 0.55)),
    "pipe_idle": (("line", "text", 0.15), ("line", "background", 0.35)),
}


class Ink:
    """One painter and one theme for the time of one painting."""

    def __init__(self, painter: QPainter, theme: Theme) -> None:
        self.painter = painter
        self.theme = theme
        self._colours: dict[str, QColor] = {}
        self._fonts: dict[tuple[int, bool], tuple[QFont, QFontMetricsF]] = {}

    def colour(self, role: str) -> QColor:
        """A role's colour."""
        found = self._colours.get(role)
        if found is None:
            found = self._colours[role] = shade(self.theme, role)
        return found

    def box(
        self, area: QRectF, fill: str | None = None, line: str | None = "line", width: float = LINE, radius: float = 0
    ) -> None:
        """A rectangle; None leaves fill or outline out."""
        self._pencil(fill, line, width)
        if radius:
            self.painter.drawRoundedRect(area, radius, radius)
        else:
            self.painter.drawRect(area)

    def round(self, area: QRectF, fill: str | None = None, line: str | None = "line", width: float = LINE) -> None:
        """An ellipse in the area."""
        self._pencil(fill, line, width)
        self.painter.drawEllipse(area)

    def shape(
        self, points: list[tuple[float, float]], fill: str | None, line: str | None = "line", width: float = LINE
    ) -> None:
        """A closed polygon."""
        self._pencil(fill, line, width)
        self.painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))

    def shape_alarm(self, points: list[tuple[float, float]], priority: int) -> None:
        """A closed polygon in the colour of an alarm's priority, with the outline every alarm mark has."""
        self.painter.setPen(QPen(self.colour("outline"), 2.0))
        self.painter.setBrush(QColor(self.theme.alarm[min(max(priority, 1), 4)].fill))
        self.painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))

    def path(self, path: QPainterPath, fill: str | None, line: str | None = "line", width: float = LINE) -> None:
        """Any outline."""
        self._pencil(fill, line, width)
        self.painter.drawPath(path)

    def polyline(self, points: list[tuple[float, float]], line: str, width: float) -> None:
        """A line through points, with square joints like a pipe's."""
        pen = QPen(self.colour(line), width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        self.painter.setPen(pen)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        role: str = "line",
        width: float = LINE,
        *,
        dashed: bool = False,
    ) -> None:
        """A straight line."""
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        self.painter.setPen(QPen(self.colour(role), width, style))
        self.painter.drawLine(QLineF(x1, y1, x2, y2))

    def text(
        self,
        area: QRectF,
        text: str,
        size: float = 16,
        role: str = "text",
        align: Qt.AlignmentFlag = LEFT,
        *,
        bold: bool = False,
        whole: bool = False,
    ) -> float:
        """Text that fits its area; returns the width it took.

        `whole` shrinks as far as it must and never cuts: a number without its last digits is another number.
        """
        if not text:
            return 0.0
        font, metrics = self._font(size, bold=bold)
        wide = metrics.horizontalAdvance(text)
        if wide > area.width() > 0:
            share = area.width() / wide * 0.985
            font, metrics = self._font(size * (share if whole else max(SMALLEST, share)), bold=bold, down=True)
            text = text if whole else metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
            wide = metrics.horizontalAdvance(text)
        self.painter.setFont(font)
        self.painter.setPen(self.colour(role))
        self.painter.drawText(area, align | Qt.TextFlag.TextDontClip, text)
        return wide

    def width_of(self, text: str, size: float, *, bold: bool = False) -> float:
        """How wide a text would be."""
        return self._font(size, bold=bold)[1].horizontalAdvance(text)

    def hatch(self, area: QRectF) -> None:
        """The field of a value that must not be read."""
        self.painter.setPen(QPen(self.colour("hatch"), 1.0))
        self.painter.setBrush(QBrush(self.colour("hatch"), Qt.BrushStyle.BDiagPattern))
        self.painter.drawRect(area)

    def dots(self, area: QRectF) -> None:
        """The thin dotted outline of a doubtful value."""
        self.painter.setPen(QPen(self.colour("text_secondary"), 1.0, Qt.PenStyle.DotLine))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.drawRect(area)

    def badge(self, right: float, top: float, text: str) -> None:
        """A small framed word whose top right corner is given."""
        wide = self.width_of(text, 11, bold=True) + 6
        area = QRectF(right - wide, top, wide, 15)
        self.box(area, "panel", "text_secondary", 1.0)
        self.text(area, text, 11, "text", CENTER, bold=True)

    def quality(self, area: QRectF, found: Look) -> None:
        """Frame, hatching and badge of a field's quality; called before its text."""
        if found.hatched:
            self.hatch(area)
        if found.dotted:
            self.dots(area)
        if found.badge:
            self.badge(area.right() - 1, area.top() + 1, found.badge)
        if found.mark is Mark.LINK:
            self.plug(QRectF(area.right() - 17, area.top() + 1, 16, 16))
        if found.mark is Mark.STALE:
            self.clock(QRectF(area.right() - 15, area.top() + 1, 14, 14))

    def plug(self, area: QRectF) -> None:
        """A mains plug pulled out: no communication."""
        self.box(area, "panel", None)
        x, y, w, h = area.x(), area.y(), area.width(), area.height()
        self.box(QRectF(x + 0.22 * w, y + 0.34 * h, 0.56 * w, 0.34 * h), "text", None)
        for at in (0.34, 0.66):
            self.line(x + at * w, y + 0.08 * h, x + at * w, y + 0.34 * h, "text", 2)
        self.line(x + 0.5 * w, y + 0.68 * h, x + 0.5 * w, y + 0.95 * h, "text", 2)

    def clock(self, area: QRectF) -> None:
        """A clock: an old value."""
        self.round(area, "panel", "text_secondary", 1.2)
        c = area.center()
        self.line(c.x(), c.y(), c.x(), area.top() + 3, "text_secondary", 1.2)
        self.line(c.x(), c.y(), area.right() - 4, c.y(), "text_secondary", 1.2)

    def marker(self, x: float, y: float, row: AlarmRow | None, *, lit: bool, size: float = 20) -> None:
        """An alarm's marker with its top left corner; nothing without an alarm."""
        if row is not None:
            area = QRectF(x, y, size, size)
            paint_alarm_marker(self.painter, area, self.theme, row.priority, row.state, lit=lit)

    def _font(self, size: float, *, bold: bool, down: bool = False) -> tuple[QFont, QFontMetricsF]:
        pixels = max(1, int(size) if down else round(size))
        found = self._fonts.get((pixels, bold))
        if found is None:
            font = QFont(self.painter.font())
            font.setPixelSize(pixels)
            font.setBold(bold)
            found = self._fonts[pixels, bold] = (font, QFontMetricsF(font))
        return found

    def _pencil(self, fill: str | None, line: str | None, width: float) -> None:
        self.painter.setPen(QPen(self.colour(line), width) if line else Qt.PenStyle.NoPen)
        self.painter.setBrush(self.colour(fill) if fill else Qt.BrushStyle.NoBrush)
