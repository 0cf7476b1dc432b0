"""A value with its name and unit: digits right aligned in one column, the mark of its quality on the field."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF

from hmi.core.element import Value
from hmi.core.look import Mark
from hmi.panel.displays.scene import Scene
from hmi.panel.displays.symbols.base import Pace, Symbol, unknown_tag
from hmi.panel.painting.ink import LEFT, RIGHT, Ink
from hmi.panel.painting.words import age_text, unit_of, value_text

UNIT: Final = 66
"""Width of the unit column."""


class ValueSymbol(Symbol[Value]):
    """Label, field, unit."""

    pace = Pace.TEXT

    def field(self) -> QRectF:
        """Where the number stands."""
        unit = UNIT if self.element.show_unit else 0
        label = 0.46 * (self.area.width() - unit) if self.element.label else 24.0
        return self.area.adjusted(label, 1, -unit, -1)

    def paint_static(self, ink: Ink) -> None:
        """The label."""
        label = QRectF(self.area.x(), self.area.y(), self.field().x() - self.area.x() - 24, self.area.height())
        ink.text(label, self.element.label, 16, "text_secondary", LEFT)

    def paint(self, ink: Ink, scene: Scene) -> None:
        """The number, its unit, its quality and its alarm."""
        path, field = self.element.path, self.field()
        if unknown_tag(ink, scene, field, (path,)):
            return
        if self.element.setpoint:
            ink.box(field, "background", "line", 1.0)
        shown, found = scene.shown(path), scene.look(path)
        ink.quality(field, found)
        paint_number(ink, field.adjusted(4, 0, -5, 0), value_text(shown, self.element.decimals), found.mark)
        if found.mark is Mark.STALE:
            ink.text(field.adjusted(3, 0, 0, 0), age_text(shown.time, scene.now()), 12, "text_secondary", LEFT)
        if self.element.show_unit:
            unit = QRectF(field.right() + 5, self.area.y(), UNIT - 5, self.area.height())
            ink.text(unit, unit_of(shown), 15, "text_secondary", LEFT)
        ink.marker(field.x() - 22, field.center().y() - 10, scene.alarm(path), lit=scene.lit)


def paint_number(ink: Ink, area: QRectF, text: str, mark: Mark, size: float = 18) -> None:
    """Digits of one look: doubtful and old ones quieter, live ones in the value's colour."""
    role = "text_secondary" if mark in {Mark.STALE, Mark.WAITING, Mark.BAD, Mark.LINK} else "value"
    right = (
        40.0 if mark in {Mark.BAD, Mark.MANUAL, Mark.SIMULATED} else 18.0 if mark in {Mark.LINK, Mark.STALE} else 0.0
    )
    ink.text(area.adjusted(0, 0, -right, 0), text, size, role, RIGHT, bold=mark is Mark.PLAIN)
