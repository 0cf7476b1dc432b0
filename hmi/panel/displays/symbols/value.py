"""A value with its name and unit: digits right aligned in one column, the mark of its quality on the field."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF

from hmi.core.element import Value
from hmi.core.look import Mark
from hmi.panel.displays.symbols.base import Pace, Symbol, unknown_tag
from hmi.panel.painting.ink import LEFT, RIGHT, Ink
from hmi.panel.painting.scene import Scene
from hmi.panel.painting.words import age_text, unit_of, value_text

UNIT: Final = 60
"""Width of the unit column, here and on lying bars: the digits of both stand in one column."""
FIELD: Final = 104
"""Widest field of a number."""
QUIET: Final = frozenset((Mark.STALE, Mark.WAITING, Mark.BAD, Mark.LINK))
"""Marks whose text is no live value."""


class ValueSymbol(Symbol[Value]):
    """Label, field, unit."""

    pace = Pace.TEXT

    def field(self) -> QRectF:
        """Where the number stands."""
        right = self.area.right() - (UNIT if self.element.show_unit else 0)
        room = right - self.area.x()
        if not self.element.label:
            wide = room
        elif not self.element.show_unit:
            wide = 0.66 * room
        else:
            wide = min(FIELD, 0.48 * room)
        return QRectF(right - wide, self.area.y() + 1, wide, self.area.height() - 2)

    def paint_static(self, ink: Ink) -> None:
        """The label."""
        label = QRectF(self.area.x(), self.area.y(), self.field().x() - self.area.x() - 4, self.area.height())
        ink.text(label, self.element.label, 16, "text_secondary", LEFT)

    def paint(self, ink: Ink, scene: Scene) -> None:
        """The number, its unit, its quality and its alarm."""
        path, field = self.element.path, self.field()
        if unknown_tag(ink, scene, field, (path,)):
            return
        if self.element.setpoint:
            ink.box(field, "background", "line", 1.0)
        shown, found, alarm = scene.shown(path), scene.look(path), scene.alarm(path)
        ink.quality(field, found)
        left = 24 if alarm is not None else 4
        paint_number(ink, field.adjusted(left, 0, -5, 0), value_text(shown, self.element.decimals), found.mark)
        if found.mark is Mark.STALE and alarm is None:
            ink.text(field.adjusted(3, 0, 0, 0), age_text(shown.time, scene.now()), 12, "text_secondary", LEFT)
        if self.element.show_unit:
            unit = QRectF(field.right() + 5, self.area.y(), UNIT - 5, self.area.height())
            ink.text(unit, unit_of(shown), 15, "text_secondary", LEFT, whole=True)
        ink.marker(field.x() + 2, field.center().y() - 10, alarm, lit=scene.lit)


def paint_number(ink: Ink, area: QRectF, text: str, mark: Mark, size: float = 18) -> None:
    """Digits of one look: doubtful and old ones quieter, live ones in the value's colour."""
    role = "text_secondary" if mark in QUIET else "value"
    right = _ROOM.get(mark, 0.0)
    ink.text(area.adjusted(0, 0, -right, 0), text, size, role, RIGHT, bold=mark is Mark.PLAIN, whole=True)


_ROOM: Final = {Mark.BAD: 36.0, Mark.SIMULATED: 32.0, Mark.MANUAL: 17.0, Mark.LINK: 18.0, Mark.STALE: 16.0}
"""Width left to the badge or sign at the right end of the field."""
