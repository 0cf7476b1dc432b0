"""The alarm marker as a widget of its own, for bars and buttons."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from hmi.core.alarm_state import AlarmState
from hmi.panel.theme import Theme
from hmi.panel.widgets.alarm_marker import paint_alarm_marker


class Marker(QWidget):
    """One alarm's marker; empty while `show_alarm` was given priority 0."""

    def __init__(self, theme: Theme, size: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._priority = 0
        self._state = AlarmState.NORMAL.value
        self._lit = True
        self.setFixedSize(QSize(size, size))

    def show_alarm(self, priority: int, state: str) -> None:
        """Shows an alarm's marker, nothing for priority 0."""
        if (priority, state) != (self._priority, self._state):
            self._priority, self._state = priority, state
            self.update()

    def set_lit(self, lit: bool) -> None:
        """Which half of the second it is; unacknowledged markers are bright in one of them."""
        if self._lit != lit:
            self._lit = lit
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paints with these colours from now on."""
        self._theme = theme
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paints the marker."""
        if self._priority:
            painter = QPainter(self)
            area = QRectF(self.rect())
            paint_alarm_marker(painter, area, self._theme, self._priority, self._state, lit=self._lit)
            painter.end()
