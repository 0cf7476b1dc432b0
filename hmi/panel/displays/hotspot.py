"""Hotspot: the transparent widget over a symbol, through which mouse, keyboard and screen readers reach it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from hmi.core.element import Element, Unknown
from hmi.panel.displays.symbols.base import Symbol
from hmi.panel.painting.scene import Scene
from hmi.panel.theme import Theme

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class Hotspot(QWidget):
    """Focus ring, tooltip, click and Enter of one symbol."""

    activated = Signal(int)
    """Number of the symbol, on click, Enter or Space."""
    opened = Signal(int)
    """Double click."""

    def __init__(
        self, number: int, symbol: Symbol[Element | Unknown], scene: Scene, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.symbol = symbol
        self.theme = theme
        self._number = number
        self._scene = scene
        self._pressed = False
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(symbol.name())
        self.setObjectName(symbol.element.id)
        self.setProperty("tagPath", symbol.paths[0] if symbol.paths else "")

    def tip(self) -> str:
        """The tooltip, made only when somebody asks for it.

        The canvas asks: an `event` of its own would be called for every event of hundreds of these.
        """
        return self.symbol.tooltip(self._scene)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Tells a screen reader what the symbol says now."""
        self.setAccessibleDescription(self.symbol.says(self._scene))
        super().focusInEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """The left button arms."""
        self._pressed = event.button() == Qt.MouseButton.LeftButton

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Letting go inside activates; sliding out first does not."""
        inside = self.rect().contains(event.position().toPoint())
        pressed, self._pressed = self._pressed, False
        if pressed and inside and event.button() == Qt.MouseButton.LeftButton:
            self.activated.emit(self._number)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """The second click opens what is behind and activates nothing a second time."""
        self.opened.emit(self._number)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter and Space activate once, also when held."""
        if event.key() in _ENTER:
            if not event.isAutoRepeat():
                self.activated.emit(self._number)
            return
        super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The focus ring: 2 px with a gap to the symbol."""
        if not self.hasFocus():
            return
        painter = QPainter(self)
        painter.setPen(QPen(self.theme.colour("focus"), 2))
        painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()
