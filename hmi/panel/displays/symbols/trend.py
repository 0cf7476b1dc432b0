"""An embedded trend: direction at a glance, each pen on its own fixed scale, gaps left open."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPen

from hmi.core.element import Trend
from hmi.panel.displays.symbols.base import Pace, Symbol
from hmi.panel.painting.ink import LEFT, RIGHT, Ink
from hmi.panel.painting.scene import Scene
from hmi.panel.painting.strip import PENS, paint_strip
from hmi.panel.painting.words import NANO, unit_of, value_text

LEGEND: Final = 196
"""Width of the column of names and present values."""


class TrendSymbol(Symbol[Trend]):
    """Plot on the left, legend with present values on the right."""

    pace = Pace.TREND

    def plot(self) -> QRectF:
        """Where the lines are."""
        top = 34 if self.element.label else 10
        return self.area.adjusted(12, top, -LEGEND, -28)

    @property
    def window(self) -> int:
        """ns."""
        return int(self.element.window * NANO)

    def paint_static(self, ink: Ink) -> None:
        """Frame, title and time axis."""
        plot = self.plot()
        ink.box(self.area, "panel", "faint", 1.0)
        title = QRectF(self.area.x() + 12, self.area.y() + 5, self.area.width() - 24, 26)
        ink.text(title, self.element.label, 17, "text", LEFT, bold=True)
        ink.box(plot, "background", None)
        axis = QRectF(plot.x(), plot.bottom() + 3, plot.width(), 20)
        ink.text(axis, _span_text(self.element.window), 14, "text_secondary", LEFT)
        ink.text(axis, "now", 14, "text_secondary", RIGHT)

    def paint(self, ink: Ink, scene: Scene) -> None:
        """Lines and legend."""
        paint_strip(ink, self.plot(), scene, self.element.pens, self.window)
        for n, path in enumerate(self.element.pens):
            self._legend(ink, scene, path, n)

    def _legend(self, ink: Ink, scene: Scene, path: str, n: int) -> None:
        shown, role = scene.shown(path), PENS[n][0]
        plot = self.plot()
        row = QRectF(plot.right() + 10, plot.top() + n * 42 - 2, LEGEND - 20, 40)
        ink.painter.setPen(QPen(ink.colour(role), PENS[n][1] + 0.6, PENS[n][2]))
        ink.painter.drawLine(QPointF(row.x(), row.y() + 11), QPointF(row.x() + 26, row.y() + 11))
        names = self.element.names
        name = names[n] if n < len(names) else path.rsplit("/", 1)[-1].replace("_", " ")
        ink.text(QRectF(row.x() + 32, row.y(), row.width() - 32, 21), name, 15, "text_secondary", LEFT)
        found = scene.look(path)
        number = QRectF(row.x() + 32, row.y() + 20, row.width() - 32, 21)
        ink.quality(number, found)
        role = "value" if found.shows_value else "text_secondary"
        taken = ink.text(number.adjusted(0, 0, -50, 0), value_text(shown), 17, role, LEFT, bold=True)
        ink.text(number.adjusted(taken + 6, 0, 0, 0), unit_of(shown) if found.shows_value else "", 14,
                 "text_secondary", LEFT)  # fmt: skip
        ink.marker(row.x() + 6, row.y() + 20, scene.alarm(path), lit=scene.lit)

    def tooltip(self, scene: Scene) -> str:
        """What the pens are."""
        pens = "\n".join(f"{path}: {value_text(scene.shown(path))}" for path in self.element.pens)
        return f"{pens}\nClick to open in the trend page."


def _span_text(seconds: float) -> str:
    return f"\u2212{seconds / 3600:g} h" if seconds >= 3600 else f"\u2212{seconds / 60:g} min"
