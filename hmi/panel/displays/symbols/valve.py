"""A control valve or an open/shut valve: light while something can pass."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF

from hmi.core.element import Valve
from hmi.panel.displays.symbols.base import Pace, Symbol, unknown_tag
from hmi.panel.painting.ink import CENTER, Ink
from hmi.panel.painting.scene import Scene
from hmi.panel.painting.words import unit_of, value_text

SHUT: Final = 1.0
"""Percent below which a control valve counts as shut."""


class ValveSymbol(Symbol[Valve]):
    """Two triangles, stem and actuator; the position below."""

    pace = Pace.TEXT

    def paint(self, ink: Ink, scene: Scene) -> None:
        """The valve and its position."""
        path, a = self.element.position, self.area
        shown, found, number = scene.shown(path), scene.look(path), scene.number(path)
        bit = shown.info is not None and shown.info.type == "bool"
        passes = number is not None and (number != 0 if bit else number > SHUT)
        fill = "background" if number is None else "running" if passes else "stopped"
        c, y, w, h = a.center().x(), a.y() + 34, min(a.width() - 4, 52) / 2, 14
        ink.line(c, y, c, a.y() + 16, "line", 2)
        ink.shape([(c - w, y - h), (c - w, y + h), (c, y)], fill, "line", 2)
        ink.shape([(c + w, y - h), (c + w, y + h), (c, y)], fill, "line", 2)
        ink.box(QRectF(c - 13, a.y() + 3, 26, 14), fill, "line", 2)
        words = QRectF(a.x() - 12, a.y() + 51, a.width() + 24, 18)
        ink.text(words, self.element.label, 15, "text_secondary", CENTER)
        below = words.translated(0, 18)
        if unknown_tag(ink, scene, below, (path,)):
            return
        if not found.shows_value or found.dotted:
            ink.quality(below.adjusted(12, 0, -12, 0), found)
        text = f"{value_text(shown)} {unit_of(shown)}".strip()
        if bit and number is not None:
            text = self.element.words[1 if passes else 0]
        role = "value" if found.shows_value else "text_secondary"
        ink.text(below, text, 16, role, CENTER, bold=found.shows_value)
        ink.marker(c + w - 2, a.y(), scene.alarm(path), lit=scene.lit)

    @property
    def reach(self) -> QRectF:
        """Its words may be wider than the body."""
        return self.area.adjusted(-16, -4, 16, 4)
