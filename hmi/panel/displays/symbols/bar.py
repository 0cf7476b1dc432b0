"""A moving analog indicator, upright (name above, number below) or lying (name, track, number in a row)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QRectF

from hmi.core.element import Bar
from hmi.core.look import Mark
from hmi.panel.displays.symbols.base import Pace, Symbol, unknown_tag
from hmi.panel.displays.symbols.value import QUIET, UNIT, paint_number
from hmi.panel.painting.ink import CENTER, LEFT, Ink
from hmi.panel.painting.scale import Axis, paint_pointer, paint_track
from hmi.panel.painting.scene import Scene
from hmi.panel.painting.words import age_text, unit_of, value_text

NUMBER: Final = 70
MARK: Final = 28
"""Widths of a lying bar's columns: number, alarm marker."""


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
        room = a.width() - NUMBER - UNIT - MARK
        return QRectF(a.x() + 0.64 * room, a.y() + a.height() / 2 - 6, 0.36 * room, 11)

    def _number(self) -> QRectF:
        a = self.area
        if self.upright:
            return QRectF(a.x(), a.bottom() - 44, a.width(), 22)
        return QRectF(a.right() - UNIT - NUMBER, a.y() + 1, NUMBER, a.height() - 2)

    def _unit(self) -> QRectF:
        a = self.area
        if self.upright:
            return QRectF(a.x(), a.bottom() - 21, a.width(), 20)
        return QRectF(a.right() - UNIT + 5, a.y(), UNIT - 5, a.height())

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
        text = value_text(shown, self.element.decimals)
        if self.upright:
            self._upright_words(ink, scene, text)
        else:
            ink.quality(number, found)
            paint_number(ink, number.adjusted(2, 0, -3, 0), text, found.mark)
            ink.text(self._unit(), unit_of(shown), 15, "text_secondary", LEFT, whole=True)
        t = self.axis.track
        at = (self.area.x() - 1, t.top() - 4) if self.upright else (t.right() + 7, self.area.center().y() - 10)
        ink.marker(*at, scene.alarm(path), lit=scene.lit)

    def _upright_words(self, ink: Ink, scene: Scene, text: str) -> None:
        """Number under the track, unit under the number; marks of quality beside the unit, off the digits."""
        shown, found = scene.shown(self.element.path), scene.look(self.element.path)
        number, unit = self._number(), self._unit()
        ink.quality(number, replace(found, badge="", mark=Mark.PLAIN))
        role = "text_secondary" if found.mark in QUIET else "value"
        ink.text(number, text, 18, role, CENTER, bold=found.mark is Mark.PLAIN, whole=True)
        if found.mark is Mark.STALE:
            ink.clock(QRectF(unit.x() + 4, unit.y() + 3, 14, 14))
            age = age_text(shown.time, scene.now())
            ink.text(unit.adjusted(22, 0, 0, 0), age, 15, "text_secondary", LEFT, whole=True)
        elif found.mark is Mark.LINK:
            ink.plug(QRectF(unit.center().x() - 8, unit.y() + 2, 16, 16))
        elif found.badge:
            ink.badge(unit.right(), unit.y() + 3, found.badge)
            ink.text(unit.adjusted(4, 0, -30, 0), unit_of(shown), 15, "text_secondary", LEFT, whole=True)
        else:
            ink.text(unit, unit_of(shown), 15, "text_secondary", CENTER, whole=True)
