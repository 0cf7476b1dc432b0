"""A plate heat exchanger."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from hmi.core.element import Exchanger
from hmi.panel.displays.symbols.base import Pace, Symbol
from hmi.panel.painting.ink import CENTER, Ink
from hmi.panel.painting.scene import Scene


class ExchangerSymbol(Symbol[Exchanger]):
    """A box with plates; its name below."""

    pace = Pace.FRAME
    interactive = False

    def paint(self, ink: Ink, scene: Scene) -> None:
        """Light while product passes."""
        on = scene.on(self.element.running) if self.element.running else None
        body = self.area.adjusted(0, 0, 0, -22)
        ink.box(body, "background" if on is None else "running" if on else "stopped", "line", 2)
        step = body.width() / 5
        points = [(body.left() + n * step, body.top() + 8 if n % 2 else body.bottom() - 8) for n in range(6)]
        ink.polyline([(x, y) for x, y in points], "line", 2)
        if self.element.running and not scene.look(self.element.running).shows_value:
            ink.quality(body, scene.look(self.element.running))
        below = QRectF(self.area.x() - 20, body.bottom() + 2, self.area.width() + 40, 20)
        ink.text(below, self.element.label, 15, "text_secondary", CENTER)

    @property
    def reach(self) -> QRectF:
        """Its name may be wider than the box."""
        return self.area.adjusted(-22, -4, 22, 4)
