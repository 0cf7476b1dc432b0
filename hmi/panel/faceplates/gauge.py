"""Gauge: the value large, its place between its limits, and where it came from in the last hour."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi.core.look import Mark
from hmi.core.quality import status_name
from hmi.link.messages import TagInfo
from hmi.panel.painting.ink import LEFT, RIGHT, Ink
from hmi.panel.painting.scale import Axis, paint_pointer, paint_track
from hmi.panel.painting.scene import Scene
from hmi.panel.painting.strip import paint_strip
from hmi.panel.painting.words import NANO, age_text, clock_text, decimals_of, number, unit_of, value_text
from hmi.panel.theme import Theme

WINDOW: Final = 3600 * NANO
"""ns of the small trend."""
_EM: Final = 13.0
"""Font height the drawing was made for; everything grows with the panel's font."""
_HEIGHT: Final = 236.0
_SCALE: Final = 66.0
"""Height of bar and limits; a tag without a range has none."""


class Gauge(QWidget):
    """Painted part of a faceplate."""

    def __init__(self, scene: Scene, theme: Theme, path: str, setpoint: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self._scene = scene
        self._path = path
        self._setpoint = setpoint
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(round(_HEIGHT * self._grow()))
        self.setAccessibleName(path)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Value, bar, limits, strip."""
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        grow = self._grow()
        painter.scale(grow, grow)
        ink, wide = Ink(painter, self.theme), self.width() / grow
        shift = 0.0 if self._has_range() else -_SCALE
        self._value(ink, QRectF(0, 0, wide, 40))
        self._bar(ink, wide)
        strip = QRectF(1, 132 + shift, wide - 2, 80)
        ink.box(strip, "background", None)
        paint_strip(ink, strip, self._scene, [self._path], WINDOW)
        ink.text(QRectF(0, 214 + shift, wide, 20), "\u22121 h", 12, "text_secondary", LEFT)
        ink.text(QRectF(0, 214 + shift, wide, 20), "now", 12, "text_secondary", RIGHT)
        painter.end()

    def fit(self) -> bool:
        """Takes the height that the tag needs; whether it is another one than before."""
        height = round((_HEIGHT if self._has_range() else _HEIGHT - _SCALE) * self._grow())
        changed = height != self.height()
        self.setFixedHeight(height)
        return changed

    def _has_range(self) -> bool:
        info = self._scene.shown(self._path).info
        return info is None or (info.low is not None and info.high is not None)

    def _grow(self) -> float:
        return max(1.0, self.fontMetrics().height() / _EM / 1.2)

    def _value(self, ink: Ink, field: QRectF) -> None:
        shown, found = self._scene.shown(self._path), self._scene.look(self._path)
        ink.quality(field, found)
        role = "value" if found.shows_value and found.mark is not Mark.STALE else "text_secondary"
        taken = ink.text(field.adjusted(6, 0, -90, 0), value_text(shown), 28, role, LEFT, bold=True, whole=True)
        if found.shows_value:
            ink.text(field.adjusted(taken + 14, 6, -40, 0), unit_of(shown), 16, "text_secondary", LEFT)
        words = "" if found.mark is Mark.PLAIN else status_name(shown.status)
        when = f"{clock_text(shown.time, self._scene.zone, date=False)}" if shown.time else ""
        age = f", {age_text(shown.time, self._scene.reckoned())} ago" if shown.time else ""
        line = QRectF(field.x(), field.bottom() + 1, field.width(), 20)
        ink.text(line, f"{words}  since {when}{age}".strip() if when else words, 12, "text_secondary", LEFT)

    def _bar(self, ink: Ink, wide: float) -> None:
        info = self._scene.shown(self._path).info
        if info is None or info.low is None or info.high is None:
            return
        axis = Axis(QRectF(10, 74, wide - 20, 14), upright=False)
        paint_track(ink, axis, info)
        paint_pointer(ink, axis, self._scene, self._path, self._setpoint)
        digits = decimals_of(info)
        row = QRectF(0, 94, wide, 16)
        ink.text(row, number(info.low, digits), 12, "text_secondary", LEFT)
        ink.text(row, number(info.high, digits), 12, "text_secondary", RIGHT)
        ink.text(QRectF(0, 110, wide, 18), limits_text(info), 13, "text", LEFT)


def limits_text(info: TagInfo) -> str:
    """Normal band and alarm limits in one line, lowest first."""
    parts = [f"{name} {limit:g}" for name, limit in sorted(info.limits.items(), key=lambda item: item[1])]
    if info.normal_low is not None and info.normal_high is not None:
        parts.insert(0, f"Normal {info.normal_low:g} \u2013 {info.normal_high:g}")
    return "   ".join(parts)
