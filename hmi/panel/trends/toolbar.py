"""Toolbar of the trend page: time presets, live and pause, scroll and zoom, scale, and the tag search."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from hmi.panel.stores import Stores
from hmi.panel.trends.search import TagSearch
from hmi.panel.trends.view import PRESETS, View


class Toolbar(QWidget):
    """Says what the person wants; shows what the view is."""

    preset_wanted = Signal(object)
    """Length in ns (object: a Qt int has 32 bits)."""
    live_wanted = Signal(bool)
    scroll_wanted = Signal(float)
    zoom_wanted = Signal(float)
    shared_wanted = Signal(bool)

    def __init__(self, stores: Stores, parent: QWidget) -> None:
        super().__init__(parent)
        self.search = TagSearch(stores, self)
        self.live = self._button("Live", "Follow the present (Home), stand still (Space)", checkable=True)
        self.shared = self._button("Scale by unit", "Pens of one unit share a scale", checkable=True)
        self.shared.setChecked(True)
        self.span = QLabel(self)
        self._presets: dict[int, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        for label, length in PRESETS:
            button = self._button(label, f"Show {label}", checkable=True)
            button.clicked.connect(partial(self._preset, length))
            self._presets[length] = button
            row.addWidget(button)
        row.addSpacing(10)
        for label, tip, share in (("\u25c0", "Back (Left)", -0.5), ("\u25b6", "Forward (Right)", 0.5)):
            button = self._button(label, tip)
            button.clicked.connect(partial(self._scroll, share))
            row.addWidget(button)
        for label, tip, factor in (("\u2212", "Longer window (-)", 1.5), ("+", "Shorter window (+)", 1 / 1.5)):
            button = self._button(label, tip)
            button.clicked.connect(partial(self._zoom, factor))
            row.addWidget(button)
        row.addWidget(self.live)
        row.addWidget(self.shared)
        row.addSpacing(10)
        row.addWidget(self.span, 1)
        row.addWidget(self.search)
        self.live.clicked.connect(self.live_wanted)
        self.shared.clicked.connect(self.shared_wanted)

    def show_view(self, view: View, text: str) -> None:
        """Marks the preset and whether the plot follows the present."""
        for length, button in self._presets.items():
            button.setChecked(length == view.length)
        self.live.setChecked(view.live)
        self.live.setText("Live" if view.live else "Paused")
        self.span.setText(text)

    def _button(self, text: str, tip: str, *, checkable: bool = False) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setCheckable(checkable)
        return button

    def _preset(self, length: int, _checked: bool = False) -> None:
        self.preset_wanted.emit(length)

    def _scroll(self, share: float, _checked: bool = False) -> None:
        self.scroll_wanted.emit(share)

    def _zoom(self, factor: float, _checked: bool = False) -> None:
        self.zoom_wanted.emit(factor)
