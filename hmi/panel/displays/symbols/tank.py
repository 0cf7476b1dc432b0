"""A vessel with its level."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainterPath

from hmi.core.element import Tank
from hmi.core.look import Mark
from hmi.panel.displays.symbols.base import Pace, Symbol, unknown_tag
from hmi.panel.displays.symbols.value import paint_number
from hmi.panel.painting.ink import CENTER, LEFT, RIGHT, Ink
from hmi.panel.painting.scale import Axis, share_of
from hmi.panel.painting.scene import Scene
from hmi.panel.painting.words import age_text, unit_of, value_text


class TankSymbol(Symbol[Tank]):
    """Fill to the level, normal band at the wall, setpoint, level switches, agitator."""

    pace = Pace.TEXT

    def __init__(self, element: Tank) -> None:
        super().__init__(element)
        self.axis = Axis(self.area.adjusted(3, 14, -3, -14), upright=True)

    @property
    def reach(self) -> QRectF:
        """The triangle of the setpoint stands outside the wall."""
        return self.area.adjusted(-16, -4, 26, 4)

    def _body(self) -> QPainterPath:
        body = QPainterPath()
        body.addRoundedRect(self.area, 14, 14)
        return body

    def paint_static(self, ink: Ink) -> None:
        """The empty vessel."""
        ink.path(self._body(), "background", None)

    def paint(self, ink: Ink, scene: Scene) -> None:
        """Level, number, switches."""
        e, found, share = self.element, scene.look(self.element.level), scene.share(self.element.level)
        ink.painter.save()
        ink.painter.setClipPath(self._body())
        if not found.shows_value:
            ink.quality(self.area, found)
        elif share is not None:
            top = self.axis.at(share)
            ink.box(QRectF(self.area.x(), top, self.area.width(), self.area.bottom() - top), "fill", None)
            ink.line(self.area.left(), top, self.area.right(), top, "text_secondary", 2)
        self._band(ink, scene)
        ink.painter.restore()
        ink.path(self._body(), None, "line", 2)
        if e.agitator:
            self._agitator(ink, scene)
        self._switch(ink, scene, e.high_switch, self.area.top() + 12, "H")
        self._switch(ink, scene, e.low_switch, self.area.bottom() - 30, "L")
        target = share_of(scene.number(e.setpoint), scene.shown(e.level).info) if e.setpoint else None
        if target is not None:
            at = self.axis.at(target)
            left = self.area.left()
            ink.shape([(left, at), (left - 11, at - 7), (left - 11, at + 7)], "panel", "text", 1.4)
        self._plate(ink, scene)

    def _band(self, ink: Ink, scene: Scene) -> None:
        info = scene.shown(self.element.level).info
        low = share_of(info.normal_low, info) if info else None
        high = share_of(info.normal_high, info) if info else None
        if low is not None and high is not None:
            span = self.axis.span(low, high)
            ink.box(QRectF(self.area.left(), span.y(), 8, span.height()), "running", "line", 1.0)

    def _plate(self, ink: Ink, scene: Scene) -> None:
        """Name and number on a plate, legible over any fill."""
        e = self.element
        wide = min(self.area.width() - 24, 150)
        plate = QRectF(self.area.center().x() - wide / 2, self.area.y() + 0.34 * self.area.height(), wide, 52)
        ink.box(plate, "panel", "line", 1.0)
        ink.text(plate.adjusted(4, 2, -4, -27), e.label, 15, "text_secondary", CENTER)
        number = plate.adjusted(4, 25, -4, -3)
        if unknown_tag(ink, scene, number, (e.level,)):
            return
        shown, found = scene.shown(e.level), scene.look(e.level)
        unit = ink.width_of(unit_of(shown), 15) + 6 if unit_of(shown) else 0
        ink.quality(number, found)
        if found.mark is Mark.STALE:
            ink.text(number.adjusted(2, 0, 0, 0), age_text(shown.time, scene.now()), 12, "text_secondary", LEFT)
            number.adjust(0, 0, -12, 0)
        paint_number(ink, number.adjusted(0, 0, -unit - wide * 0.12, 0), value_text(shown), found.mark)
        ink.text(number.adjusted(0, 0, -wide * 0.10, 0), unit_of(shown) if found.shows_value else "", 15,
                 "text_secondary", RIGHT)  # fmt: skip
        ink.marker(plate.right() - 12, plate.top() - 10, scene.alarm(e.level), lit=scene.lit)

    def _switch(self, ink: Ink, scene: Scene, path: str, y: float, letter: str) -> None:
        """A level switch at the wall: framed while it has operated."""
        if not path:
            return
        on = scene.on(path)
        area = QRectF(self.area.right() - 24, y, 20, 18)
        if on is None:
            ink.quality(area, scene.look(path))
        else:
            ink.box(area, "panel" if on else None, "text" if on else "faint", 2 if on else 1)
        ink.text(area, letter, 13, "text", CENTER, bold=bool(on))
        ink.marker(area.right() + 2, y - 1, scene.alarm(path), lit=scene.lit)

    def _agitator(self, ink: Ink, scene: Scene) -> None:
        """Shaft and blades; light while it turns, dark and named while it stands."""
        on, c = scene.on(self.element.agitator), self.area.center().x()
        blade = self.area.bottom() - 40
        ink.line(c, self.area.y() + 0.34 * self.area.height() + 52, c, blade, "line", 4)
        for side in (-1, 1):
            ink.shape(
                [(c, blade), (c + side * 34, blade - 8), (c + side * 34, blade + 8)], "running" if on else "stopped"
            )
        if on is False:
            ink.text(QRectF(self.area.x() + 14, self.area.bottom() - 24, 80, 18), "stopped", 14, "text", LEFT)
