"""The word of a bit or an enumeration."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from hmi.core.element import State
from hmi.panel.displays.symbols.base import Pace, Symbol, unknown_tag, word
from hmi.panel.painting.ink import LEFT, RIGHT, Ink
from hmi.panel.painting.scene import Scene


class StateSymbol(Symbol[State]):
    """Name and word; the word is framed while it is not the normal one."""

    pace = Pace.FRAME

    def _field(self) -> QRectF:
        return self.area.adjusted(0.5 * self.area.width() if self.element.label else 0, 1, 0, -1)

    def paint_static(self, ink: Ink) -> None:
        """The name."""
        label = QRectF(self.area.x(), self.area.y(), 0.5 * self.area.width() - 4, self.area.height())
        ink.text(label, self.element.label, 16, "text_secondary", LEFT)

    def paint(self, ink: Ink, scene: Scene) -> None:
        """The word."""
        e, field = self.element, self._field()
        if unknown_tag(ink, scene, field, (e.path,)):
            return
        found, number = scene.look(e.path), scene.number(e.path)
        ink.quality(field, found)
        odd = e.normal is not None and number is not None and number != e.normal
        if odd:
            ink.box(field, "background", "text", 2)
        role = "value" if found.shows_value and not odd else "text" if odd else "text_secondary"
        right = 40 if found.badge else 18 if found.hatched else 6
        left = 4 if (alarm := scene.alarm(e.path)) is None else 24
        ink.text(field.adjusted(left, 0, -right, 0), word(scene, e.path), 16, role, RIGHT, bold=odd)
        ink.marker(field.x() + 2, field.center().y() - 10, alarm, lit=scene.lit)
