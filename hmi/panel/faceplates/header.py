"""Header of a faceplate: which tag, its worst alarm, and the handle to move it by."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from hmi.panel.theme import Theme
from hmi.panel.widgets.marker import Marker


class Header(QWidget):
    """Name, path, description, pin and close; dragging it moves the faceplate inside its parent."""

    close_wanted = Signal()
    pinned = Signal(bool)

    def __init__(self, path: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._plate = parent
        self._grip: QPoint | None = None
        self.marker = Marker(theme, 22, self)
        self._name = QLabel(_title(path), self)
        font = self._name.font()
        font.setBold(True)
        self._name.setFont(font)
        self._path = QLabel(path, self)
        self._path.setProperty("role", "secondary")
        self._path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.description = QLabel(self)
        self.description.setWordWrap(True)
        self._name.setWordWrap(True)
        for label in (self._name, self._path):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.pin = QToolButton(self)
        self.pin.setText("Pin")
        self.pin.setCheckable(True)
        self.pin.setToolTip("Keep open on other pages and when more faceplates are opened")
        close = QToolButton(self)
        close.setText("\u00d7")
        close.setAccessibleName("Close")
        close.setToolTip("Close (Esc)")
        for button in (self.pin, close):
            button.setStyleSheet("padding: 1px 5px;")
        top = QHBoxLayout()
        top.addWidget(self.marker)
        top.addWidget(self._name, 1)
        top.addWidget(self.pin)
        top.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addLayout(top)
        column.addWidget(self._path)
        column.addWidget(self.description)
        close.clicked.connect(self.close_wanted)
        self.pin.toggled.connect(self.pinned)
        self.setCursor(Qt.CursorShape.SizeAllCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Takes hold."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.globalPosition().toPoint() - self._plate.pos()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Moves the faceplate, never out of its parent."""
        plate = self._plate
        room = plate.parentWidget()
        if self._grip is None or room is None:
            return
        wanted = event.globalPosition().toPoint() - self._grip
        x = min(max(wanted.x(), 0), max(0, room.width() - plate.width()))
        y = min(max(wanted.y(), 0), max(0, room.height() - plate.height()))
        plate.move(x, y)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Lets go."""
        self._grip = None


def _title(path: str) -> str:
    """`mixer level` of `plant/bottling/mixer/level`."""
    return " ".join(path.split("/")[-2:]).replace("_", " ").capitalize()
