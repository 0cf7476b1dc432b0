"""A key figure: large, with its normal band and its target."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from hmi.core.element import Card
from hmi.panel.displays.symbols.base import Pace, Symbol, unknown_tag
from hmi.panel.painting.ink import LEFT, Ink
from hmi.panel.painting.scale import Axis, paint_pointer, paint_track
from hmi.panel.painting.scene import Scene
from hmi.panel.painting.words import unit_of, value_text


class CardSymbol(Symbol[Card]):
    """Name, figure, unit and an indicator."""

    pace = Pace.TEXT

    def paint_static(self, ink: Ink) -> None:
        """The card and its name."""
        ink.box(self.area, "panel", "faint", 1.0)
        ink.text(
            self.area.adjusted(12, 6, -34, -self.area.height() + 28), self.element.label, 16, "text_secondary", LEFT
        )

    def paint(self, ink: Ink, scene: Scene) -> None:
        """The figure."""
        e, a = self.element, self.area
        field = QRectF(a.x() + 12, a.y() + 32, a.width() - 24, 36)
        if unknown_tag(ink, scene, field, self.paths):
            return
        shown, found = scene.shown(e.path), scene.look(e.path)
        ink.quality(field, found)
        role = "value" if found.shows_value else "text_secondary"
        unit, below = unit_of(shown), a.height() >= 120
        room = field.width() - (ink.width_of(unit, 16) + 8 if unit and not below else 0)
        text = value_text(shown, e.decimals)
        taken = ink.text(QRectF(field.x(), field.y(), room, 36), text, 30, role, LEFT, bold=True, whole=True)
        if found.shows_value:
            place = QRectF(field.x(), field.y() + 32, 120, 24) if below else field.adjusted(taken + 7, 5, 60, -1)
            ink.text(place, unit, 16, "text_secondary", LEFT)
        self._below(ink, scene)
        ink.marker(a.right() - 29, a.y() + 6, scene.alarm(e.path), lit=scene.lit, size=22)

    def _below(self, ink: Ink, scene: Scene) -> None:
        e, a = self.element, self.area
        info = scene.shown(e.path).info
        if e.target:
            text = f"of {value_text(scene.shown(e.target))} {unit_of(scene.shown(e.target))}"
            ink.text(QRectF(a.x() + 12, a.bottom() - 28, a.width() - 24, 22), text, 15, "text_secondary", LEFT)
        elif info is not None and info.low is not None:
            axis = Axis(QRectF(a.x() + 14, a.bottom() - 30, a.width() - 28, 10), upright=False)
            paint_track(ink, axis, info)
            paint_pointer(ink, axis, scene, e.path)
        elif info is not None and scene.look(e.path).shows_value:
            ink.text(
                QRectF(a.x() + 12, a.bottom() - 28, a.width() - 24, 22), info.description, 14, "text_secondary", LEFT
            )
