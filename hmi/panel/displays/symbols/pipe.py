"""A pipe: light inside while something flows."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QRectF

from hmi.core.element import Pipe
from hmi.panel.displays.symbols.base import Pace, Symbol
from hmi.panel.painting.ink import Ink
from hmi.panel.painting.scene import Scene

FLOWS: Final = 0.01
"""Share of the flow's range above which it counts as flowing."""


class PipeSymbol(Symbol[Pipe]):
    """A line of outline and core through the points, with an arrow head at its end."""

    pace = Pace.FRAME
    interactive = False

    def __init__(self, element: Pipe) -> None:
        super().__init__(element)
        xs, ys = [p[0] for p in element.points], [p[1] for p in element.points]
        self.area = QRectF(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))

    @property
    def reach(self) -> QRectF:
        """Half the pipe's width beyond its points."""
        return self.area.adjusted(-9, -9, 9, 9)

    def paint_static(self, ink: Ink) -> None:
        """A pipe without a flow never changes."""
        if not self.element.flow:
            self._draw(ink, "background")

    def paint(self, ink: Ink, scene: Scene) -> None:
        """Light while it flows."""
        path = self.element.flow
        if not path:
            return
        share, number = scene.share(path), scene.number(path)
        flows = share > FLOWS if share is not None else bool(number)
        self._draw(ink, "background" if number is None else "running" if flows else "stopped")

    def _draw(self, ink: Ink, core: str) -> None:
        points = self.element.points
        if len(points) < 2:
            return
        ink.polyline(points, "line", 8)
        ink.polyline(points, core, 4)
        if self.element.arrow:
            (x0, y0), (x, y) = points[-2], points[-1]
            long = math.hypot(x - x0, y - y0) or 1.0
            dx, dy = (x - x0) / long, (y - y0) / long
            base = (x - 14 * dx, y - 14 * dy)
            ink.shape(
                [(x, y), (base[0] - 8 * dy, base[1] + 8 * dx), (base[0] + 8 * dy, base[1] - 8 * dx)], "line", "line"
            )
