"""Review: the question before a write, its two buttons, and how the write went."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from hmi.core.setpoint import EntryState
from hmi.panel.faceplates.controller import EntryController
from hmi.panel.faceplates.press import Press

_PREFIX: Final = {
    EntryState.PENDING: "\u2026 ",
    EntryState.DONE: "Done. ",
    EntryState.REFUSED: "Refused. ",
}


class Review(QWidget):
    """Second step of one controller; Cancel has the focus, so that Enter alone never sends."""

    closed = Signal()
    """The question was answered one way or the other."""

    def __init__(self, controller: EntryController, confirm: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._controller = controller
        self._note = ""
        self._frame = QFrame(self)
        self._frame.setProperty("role", "panel")
        self.question = QLabel(self._frame)
        self.question.setWordWrap(True)
        self.cancel = Press("Cancel", self._frame)
        self.confirm = Press(confirm, self._frame)
        self.message = QLabel(self)
        self.message.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(16)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        buttons.addWidget(self.confirm)
        inside = QVBoxLayout(self._frame)
        inside.addWidget(self.question)
        inside.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._frame)
        column.addWidget(self.message)
        self._frame.hide()
        self.message.hide()
        self.hide()
        self.cancel.clicked.connect(self._cancelled)
        self.confirm.clicked.connect(self._confirmed)
        controller.changed.connect(self.refresh)

    @property
    def asking(self) -> bool:
        """Whether the question stands."""
        return not self._frame.isHidden()

    def refresh(self) -> None:
        """Shows what the entry says."""
        entry = self._controller.entry
        asks = entry.state is EntryState.REVIEW
        was = self.asking
        if entry.state is not EntryState.READING:
            self._note = ""
        elif was:
            self._note = "Nothing was sent."
        self.question.setText(entry.message if asks else "")
        self._frame.setVisible(asks)
        text = "" if asks else self._words()
        self.message.setText(text)
        self.message.setVisible(bool(text))
        self.setVisible(asks or bool(text))
        bold = entry.state in {EntryState.NOT_CONFIRMED, EntryState.REFUSED}
        font = self.message.font()
        font.setBold(bold)
        self.message.setFont(font)
        if asks and not was:
            self.cancel.setFocus()
        elif was and not asks:
            self.closed.emit()

    def _words(self) -> str:
        entry = self._controller.entry
        if entry.state is EntryState.READING:
            return self._note
        return f"{_PREFIX.get(entry.state, '')}{entry.message}".strip()

    def _cancelled(self) -> None:
        self._controller.cancel()

    def _confirmed(self) -> None:
        self._controller.confirm()
