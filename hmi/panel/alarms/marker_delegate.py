"""Paints the marker of an alarm in the first column of a list."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from hmi.link.messages import AlarmRow
from hmi.panel.alarms.model import ROW
from hmi.panel.theme import Theme
from hmi.panel.widgets.alarm_marker import paint_alarm_marker
from hmi.panel.widgets.table import Index


class MarkerDelegate(QStyledItemDelegate):
    """A cell that is nothing but its row's marker."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.lit = True

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, then marker."""
        super().paint(painter, option, index)
        row = index.data(ROW)
        if not isinstance(row, AlarmRow):
            return
        centre, size = QRectF(option.rect).center(), min(option.rect.height() - 6, option.rect.width())
        area = QRectF(centre.x() - size / 2, centre.y() - size / 2, size, size)
        paint_alarm_marker(painter, area, self.theme, row.priority, row.state, lit=self.lit)
