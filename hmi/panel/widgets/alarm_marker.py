"""The alarm marker: shape, digit, colour and outline, the same in every list, display, faceplate and button.

Priority is told four times over (shape, digit, colour and, in lists, a word), so that it survives a grey screen and
any colour vision. State: filled and flashing (bright, then dim) until acknowledged, filled and steady after, hollow
when the condition returned without anybody having acknowledged. Only that is ever hollow: a marker seen in the dim
half of its second must not look like a cause that is gone.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPolygonF

from hmi.core.alarm_state import AlarmState
from hmi.panel.theme import Theme

MARKER_SIZE: Final = 18
"""Pixels; never less than 14."""

FLASHING: Final = frozenset((AlarmState.UNACKNOWLEDGED.value, AlarmState.RETURNED_UNACKNOWLEDGED.value))
"""States whose marker flashes (1 Hz, half on)."""


DIM: Final = 0.35
"""Share of its colour that a flashing marker keeps in the dark half of its second."""


def paint_alarm_marker(
    painter: QPainter, area: QRectF, theme: Theme, priority: int, state: str, *, lit: bool = True
) -> None:
    """Paints one marker into a square area; `lit` is False in the dark half of a flashing marker's second."""
    colour = theme.alarm[min(max(priority, 1), 4)]
    hollow = state == AlarmState.RETURNED_UNACKNOWLEDGED.value
    shape = marker_shape(priority, area.adjusted(1.0, 1.0, -1.0, -1.0))
    bright = lit or state not in FLASHING
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.outline), 2.0))
    painter.setBrush(QColor(theme.panel) if hollow else QColor(colour.fill) if bright else dimmed(theme, colour.fill))
    painter.drawPath(shape)
    if hollow:
        painter.setPen(QPen(QColor(colour.fill if lit else theme.line), 2.0))
        painter.drawPath(marker_shape(priority, area.adjusted(3.0, 3.0, -3.0, -3.0)))
    _digit(painter, area, priority, colour.digit if bright and not hollow else theme.text)
    painter.restore()


def dimmed(theme: Theme, fill: str) -> QColor:
    """The colour of the dark half of a flash: less than half of the priority's own, on the panel's grey."""
    own, ground = QColor(fill), QColor(theme.panel)
    pairs = ((own.red(), ground.red()), (own.green(), ground.green()), (own.blue(), ground.blue()))
    return QColor(*(round(DIM * a + (1 - DIM) * b) for a, b in pairs))


def _digit(painter: QPainter, area: QRectF, priority: int, colour: str) -> None:
    font = QFont(painter.font())
    share = 0.68 if priority in {1, 4} else 0.56
    font.setPixelSize(max(7, round(area.height() * share)))
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    lift = {2: 0.14, 3: -0.14}.get(priority, 0.0) * area.height()
    painter.drawText(area.translated(0.0, lift), Qt.AlignmentFlag.AlignCenter, str(priority))


def marker_shape(priority: int, area: QRectF) -> QPainterPath:
    """1 square, 2 triangle up, 3 triangle down, 4 circle."""
    path = QPainterPath()
    if priority == 2:
        path.addPolygon(_triangle(area.bottomLeft(), area.bottomRight(), QPointF(area.center().x(), area.top())))
    elif priority == 3:
        path.addPolygon(_triangle(area.topLeft(), area.topRight(), QPointF(area.center().x(), area.bottom())))
    elif priority == 4:
        path.addEllipse(area)
    else:
        path.addRect(area)
    path.closeSubpath()
    return path


def _triangle(a: QPointF, b: QPointF, c: QPointF) -> QPolygonF:
    return QPolygonF([a, b, c])
