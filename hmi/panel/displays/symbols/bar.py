"""A moving analog indicator, upright (name above, number below) or lying (name, track, number in a row)."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from hmi.core.element import Bar
from hmi.core.look import Mark
from hmi.panel.displays.scene import Scene
from hmi.panel.displays.symbols.base import Pace, Symbol, unknown_tag
from hmi.panel.displays.symbols.scale import Axis, paint_pointer, paint_track
from hmi.panel.displays.symbols.value import paint_number
from hmi.panel.painting.ink import CENTER, LEFT, Ink
from hmi.panel.painting.words import unit_of, value_text


class BarSymbol(Symbol[Bar]):
    """Pointer on the engineering range, and the number."""

    pace = Pace.TEXT

    def __init__(self, element: Bar) -> None:
        super().__init__(element)
        self.upright = element.h > element.w
        self.axis = Axis(self._track(), self.upright)

    def _track(self) -> QRectF:
        a = self.area
        if self.upright:
            return QRectF(a.center().x() - 12, a.y() + 28, 22, a.height() - 82)
        return QRectF(a.x() + 0.33 * a.width(), a.y() + a.height() / 2 - 8, 0.33 * a.width(), 13)

    def _number(self) -> QRectF:
        a = self.area
        if self.upright:
            return QRectF(a.x(), a.bottom() - 44, a.width(), 22)
        left = self.axis.track.right() + 32
        return QRectF(left, a.y() + 1, a.right() - left - 48, a.height() - 2)

    def _unit(self) -> QRectF:
        a = self.area
        if self.upright:
            return QRectF(a.x(), a.bottom() - 21, a.width(), 20)
        return QRectF(a.right() - 44, a.y(), 44, a.height())

    def paint_static(self, ink: Ink) -> None:
        """The name."""
        a = self.area
        if self.upright:
            ink.text(QRectF(a.x(), a.y(), a.width(), 22), self.element.label, 16, "text_secondary", CENTER)
        else:
            wide = self.axis.track.left() - a.x() - 8
            ink.text(QRectF(a.x(), a.y(), wide, a.height()), self.element.label, 16, "text_secondary", LEFT)

    def paint(self, ink: Ink, scene: Scene) -> None:
        """Track, pointer, number, alarm."""
        path, number = self.element.path, self._number()
        if unknown_tag(ink, scene, number, (path,)):
            return
        shown, found = scene.shown(path), scene.look(path)
        paint_track(ink, self.axis, shown.info)
        paint_pointer(ink, self.axis, scene, path, self.element.setpoint)
        ink.quality(number, found)
        text = value_text(shown, self.element.decimals)
        if self.upright:
            role = "value" if found.mark in {Mark.PLAIN, Mark.DOUBT, Mark.MANUAL, Mark.SIMULATED} else "text_secondary"
            ink.text(number, text, 18, role, CENTER, bold=found.mark is Mark.PLAIN)
        else:
            paint_number(ink, number.adjusted(2, 0, -3, 0), text, found.mark)
        ink.text(self._unit(), unit_of(shown), 15, "text_secondary", CENTER if self.upright else LEFT)
        t = self.axis.track
        at = (t.left() - 34, t.top()) if self.upright else (t.right() + 10, self.area.center().y() - 10)
        ink.marker(*at, scene.alarm(path), lit=scene.lit)
