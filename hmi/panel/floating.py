"""Faceplates float over the page: movable by themselves, never over the banner, never more than four."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from hmi.panel.page import Context
from hmi.panel.theme import Theme

Build = Callable[[Context, str, QWidget], QWidget]

MOST: Final = 4
_GAP: Final = 12


class Floating:
    """The open faceplates of one window; `host` is the area they may cover."""

    def __init__(self, build: Build, host: QWidget) -> None:
        self._build = build
        self._host = host
        self._open: dict[str, QWidget] = {}

    def open(self, context: Context, path: str, anchor: QWidget) -> QWidget:
        """Opens a tag's faceplate beside `anchor`, or brings the open one to the front."""
        self._forget_closed()
        plate = self._open.get(path)
        if plate is None:
            self._make_room()
            plate = self._open[path] = self._build(context, path, self._host)
            plate.adjustSize()
            plate.move(self._place(plate, anchor))
        plate.show()
        plate.raise_()
        plate.setFocus()
        return plate

    def set_theme(self, context: Context) -> None:
        """Gives the open ones the other colours, where they know how to take them."""
        self._forget_closed()
        for plate in self._open.values():
            take: Callable[[Theme], None] | None = getattr(plate, "on_theme", None)
            if take is not None:
                take(context.theme)

    def close_top(self) -> bool:
        """Closes the one opened last; False when none is open."""
        self._forget_closed()
        if not self._open:
            return False
        _, plate = self._open.popitem()
        _close(plate)
        return True

    def close_unpinned(self) -> None:
        """Another page comes: closes what belonged to this one, but never an answer that is still to be read."""
        self._forget_closed()
        for path, plate in list(self._open.items()):
            unanswered: Callable[[], bool] | None = getattr(plate, "unanswered", None)
            if not plate.property("pinned") and not (unanswered is not None and unanswered()):
                _close(self._open.pop(path))

    def close_all(self) -> None:
        """Closes them all: the session they belong to is gone."""
        while self.close_top():
            pass

    def _forget_closed(self) -> None:
        self._open = {path: p for path, p in self._open.items() if isValid(p) and not p.isHidden()}

    def _make_room(self) -> None:
        if len(self._open) < MOST:
            return
        oldest = next((path for path, p in self._open.items() if not p.property("pinned")), next(iter(self._open)))
        _close(self._open.pop(oldest))

    def _place(self, plate: QWidget, anchor: QWidget) -> QPoint:
        """Right of the anchor, else left of it; a widget of the host's size hides nothing by being the anchor."""
        symbol = QRect(anchor.mapTo(self._host.window(), QPoint(0, 0)), anchor.size())
        corner = self._host.mapTo(self._host.window(), QPoint(0, 0))
        symbol.translate(-corner.x(), -corner.y())
        step = 28 * (len(self._open) - 1)
        right, left = symbol.right() + _GAP, symbol.left() - _GAP - plate.width()
        x = right if right + plate.width() <= self._host.width() else left
        if x < 0:
            x = self._host.width() - plate.width() - _GAP - step
        y = min(max(symbol.top() + step, 0), max(self._host.height() - plate.height(), 0))
        return QPoint(max(x, 0), y)


def _close(plate: QWidget) -> None:
    plate.close()
    plate.deleteLater()
