"""The line above a page: where one is, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget


class Header(QFrame):
    """Back, forward, and the page's title."""

    back_wanted = Signal()
    forward_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._back = self._button("◀", "Back (Alt+Left)")
        self._forward = self._button("▶", "Forward (Alt+Right)")
        self._back.clicked.connect(self.back_wanted)
        self._forward.clicked.connect(self.forward_wanted)
        self._title = QLabel(self)
        self._title.setProperty("role", "title")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 3, 6, 3)
        layout.addWidget(self._back)
        layout.addWidget(self._forward)
        layout.addSpacing(8)
        layout.addWidget(self._title, 1)

    def show_page(self, title: str, *, back: bool, forward: bool) -> None:
        """Names the page and offers the ways there are."""
        self._title.setText(title)
        self._back.setEnabled(back)
        self._forward.setEnabled(forward)

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button
