"""The help sheet: every key of the panel and the marks on values, over the page until Esc."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from hmi.panel.keys import KEYS

MARKS: Final = (
    ("12.3?", "doubtful: the source itself is not sure"),
    ("-----", "bad: there is no value to read"),
    ("hatched, plug", "no communication with the source"),
    ("clock, age", "the last usable value, old"),
    ("M / SIM", "entered by a person / simulated"),
    ("…", "not received yet"),
)
DISPLAYS: Final = (
    ("thick frame", "machine: does not produce; button: would stop something now"),
    ("flat button", "not available now; its tooltip and its faceplate say why"),
    ("button with …", "asks once more before anything is sent"),
    ("value in a frame", "a setpoint: its faceplate takes a new one"),
)
ALARMS: Final = (
    ("1 square", "highest priority; 2 triangle, 3 triangle down, 4 circle"),
    ("flashing", "bright, then dim: not acknowledged; steady: acknowledged"),
    ("hollow", "the cause is gone, nobody has acknowledged"),
)


class HelpSheet(QFrame):
    """Opened and closed by F1."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAccessibleName("Help")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(16, 12, 16, 12)
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(3)
        self._column("Keys", tuple((key, action.capitalize()) for key, action in (*KEYS.items(), ("Esc", "close"))), 0)
        self._column("Values", MARKS, 2)
        self._column("Alarms", ALARMS, 2, below=len(MARKS) + 2)
        self._column("Displays", DISPLAYS, 2, below=len(MARKS) + len(ALARMS) + 4)
        self.hide()

    def toggle(self) -> None:
        """Shows or hides the sheet."""
        if self.isVisible():
            self.hide()
            return
        self.adjustSize()
        self.move(8, 8)
        self.show()
        self.raise_()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _column(self, title: str, lines: tuple[tuple[str, str], ...], column: int, below: int = 0) -> None:
        head = QLabel(title, self)
        head.setProperty("role", "title")
        self._grid.addWidget(head, below, column, 1, 2)
        for row, (name, meaning) in enumerate(lines, start=below + 1):
            term = QLabel(name, self)
            term.setProperty("role", "value")
            self._grid.addWidget(term, row, column)
            self._grid.addWidget(QLabel(meaning, self), row, column + 1)
