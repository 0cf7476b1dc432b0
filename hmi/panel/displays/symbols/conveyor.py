"""A belt: how fast it runs, how full it is, whether it is jammed."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from hmi.core.element import Conveyor
from hmi.panel.displays.symbols.base import Pace, Symbol, unknown_tag, word
from hmi.panel.painting.ink import CENTER, Ink
from hmi.panel.painting.scene import Scene
from hmi.panel.painting.words import unit_of, value_text


class ConveyorSymbol(Symbol[Conveyor]):
    """Name above, belt with its load in the middle, speed or word below."""

    pace = Pace.TEXT

    def _belt(self) -> QRectF:
        return QRectF(self.area.x(), self.area.center().y() - 13, self.area.width(), 26)

    def paint_static(self, ink: Ink) -> None:
        """The name."""
        belt = self._belt()
        ink.text(QRectF(belt.x(), belt.y() - 22, belt.width(), 20), self.element.label, 15, "text_secondary", CENTER)

    def paint(self, ink: Ink, scene: Scene) -> None:
        """The belt."""
        e, belt = self.element, self._belt()
        on, found = scene.on(e.running), scene.look(e.running)
        ink.box(belt, "background" if on is None else "running" if on else "stopped", "line", 2, radius=13)
        self._load(ink, scene, belt.adjusted(15, 7, -15, -7))
        if not found.shows_value:
            ink.quality(belt, found)
        below = QRectF(belt.x() - 6, belt.bottom() + 3, belt.width() + 12, 20)
        if unknown_tag(ink, scene, below, self.paths):
            return
        jam = scene.on(e.jam) if e.jam else False
        if jam:
            ink.box(below, "panel", "text", 2)
            ink.text(below, "Jam", 16, "text", CENTER, bold=True)
        elif e.speed and on is not False:
            shown, usable = scene.shown(e.speed), scene.look(e.speed).shows_value
            if scene.look(e.speed).hatched and found.shows_value:
                ink.quality(below, scene.look(e.speed))
            text = f"{value_text(shown)} {unit_of(shown) if usable else ''}".strip()
            ink.text(below, text, 15, "value" if usable else "text_secondary", CENTER, whole=True)
        else:
            ink.text(below, word(scene, e.running), 16, "text", CENTER, bold=True)
        alarm = next((row for path in self.paths if (row := scene.alarm(path)) is not None), None)
        ink.marker(belt.right() - 14, belt.top() - 12, alarm, lit=scene.lit)

    def _load(self, ink: Ink, scene: Scene, area: QRectF) -> None:
        """How full: filled from the discharge end, where bottles queue."""
        share = scene.share(self.element.accumulation) if self.element.accumulation else None
        if share is not None:
            ink.box(area, "track", None)
            wide = area.width() * min(max(share, 0.0), 1.0)
            ink.box(QRectF(area.right() - wide, area.y(), wide, area.height()), "text_secondary", None)

    @property
    def reach(self) -> QRectF:
        """The speed may be wider than the belt."""
        return self.area.adjusted(-8, -8, 10, 10)
