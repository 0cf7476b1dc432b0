"""Navigator: how pages reach each other without knowing each other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget


class Navigator(QObject):
    """Says where the person wants to go; the main window goes there."""

    display_wanted = Signal(str)
    trend_wanted = Signal(list)
    alarm_list_wanted = Signal()
    faceplate_wanted = Signal(str, QWidget)
    diagnostics_wanted = Signal()
    cause_wanted = Signal(str)
    back_wanted = Signal()
    forward_wanted = Signal()

    def open_display(self, name: str) -> None:
        """Shows a display; an empty name is the station's first one."""
        self.display_wanted.emit(name)

    def open_trend(self, paths: Sequence[str]) -> None:
        """Shows the trend page with these pens; none: as it was left."""
        self.trend_wanted.emit(list(paths))

    def open_alarm_list(self) -> None:
        """Shows the alarm list."""
        self.alarm_list_wanted.emit()

    def open_faceplate(self, path: str, anchor: QWidget) -> None:
        """Opens a tag's faceplate beside `anchor`, which it must not hide."""
        self.faceplate_wanted.emit(path, anchor)

    def open_cause(self, alarm: str) -> None:
        """Shows what shows the cause of an alarm, by the alarm's id."""
        self.cause_wanted.emit(alarm)

    def open_diagnostics(self) -> None:
        """Shows how the station is."""
        self.diagnostics_wanted.emit()

    def back(self) -> None:
        """To the page before."""
        self.back_wanted.emit()

    def forward(self) -> None:
        """To the page left by `back`."""
        self.forward_wanted.emit()
