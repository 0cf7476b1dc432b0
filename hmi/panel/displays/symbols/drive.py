"""Pumps and motors: light while they run, dark and named while they stand."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from hmi.core.element import Motor, Pump
from hmi.panel.displays.symbols.base import Pace, Symbol, unknown_tag, word
from hmi.panel.painting.ink import CENTER, Ink
from hmi.panel.painting.scene import Scene
from hmi.panel.painting.words import unit_of, value_text


def _disc(area: QRectF) -> QRectF:
    size = min(area.width() - 8, area.height() - 42)
    return QRectF(area.center().x() - size / 2, area.y() + 2, size, size)


def _fill(on: bool | None) -> str:
    return "background" if on is None else "running" if on else "stopped"


class PumpSymbol(Symbol[Pump]):
    """A circle with the direction of flow."""

    pace = Pace.FRAME

    def paint(self, ink: Ink, scene: Scene) -> None:
        """The pump and its word."""
        e, disc = self.element, _disc(self.area)
        on, found = scene.on(e.running), scene.look(e.running)
        ink.round(disc, _fill(on), "line", 2)
        c, r = disc.center(), disc.width() / 2
        ink.shape([(c.x() - r * 0.5, c.y() - r * 0.86), (c.x() - r * 0.5, c.y() + r * 0.86), (c.x() + r, c.y())], None)
        words = QRectF(self.area.x() - 10, disc.bottom() + 2, self.area.width() + 20, 18)
        ink.text(words, e.label, 15, "text_secondary", CENTER)
        below = words.translated(0, 18)
        if unknown_tag(ink, scene, below, self.paths):
            return
        if not found.shows_value:
            ink.quality(disc, found)
        locked = scene.on(e.interlock) if e.interlock else False
        state = word(scene, e.running)
        ink.text(below, f"{state}, locked" if locked else state, 15, "text", CENTER, bold=on is False)
        ink.marker(disc.right() - 8, disc.top() - 2, scene.alarm(e.running) or scene.alarm(e.interlock), lit=scene.lit)

    @property
    def reach(self) -> QRectF:
        """Its words may be wider than the disc."""
        return self.area.adjusted(-14, -4, 14, 4)


class MotorSymbol(Symbol[Motor]):
    """A circle with an M, its word and its speed."""

    pace = Pace.TEXT

    def paint(self, ink: Ink, scene: Scene) -> None:
        """The motor, its word and speed."""
        e, disc = self.element, _disc(self.area)
        on, found = scene.on(e.running), scene.look(e.running)
        ink.round(disc, _fill(on), "line", 2)
        plate = QRectF(disc.center().x() - 11, disc.center().y() - 11, 22, 22)
        ink.box(plate, "panel", None, radius=4)
        ink.text(plate, "M", 16, "text", CENTER, bold=True)
        words = QRectF(self.area.x() - 10, disc.bottom() + 2, self.area.width() + 20, 18)
        ink.text(words, e.label, 15, "text_secondary", CENTER)
        below = words.translated(0, 18)
        if unknown_tag(ink, scene, below, self.paths):
            return
        if not found.shows_value:
            ink.quality(disc, found)
        text = word(scene, e.running)
        if e.speed and on:
            text = f"{value_text(scene.shown(e.speed))} {unit_of(scene.shown(e.speed))}"
        ink.text(below, text, 15, "value" if on else "text", CENTER, bold=on is False)
        ink.marker(disc.right() - 8, disc.top() - 2, scene.alarm(e.running) or scene.alarm(e.speed), lit=scene.lit)

    @property
    def reach(self) -> QRectF:
        """Its words may be wider than the disc."""
        return self.area.adjusted(-14, -4, 14, 4)
