"""The way to another display, carrying the worst alarm that waits there."""

from __future__ import annotations

from hmi.core.element import Link
from hmi.link.messages import AlarmRow
from hmi.panel.displays.symbols.base import Pace, Symbol
from hmi.panel.painting.ink import LEFT, RIGHT, Ink
from hmi.panel.painting.scene import Scene


class LinkSymbol(Symbol[Link]):
    """A button with the display's name."""

    pace = Pace.FRAME

    def alarms(self, scene: Scene) -> tuple[AlarmRow, ...]:
        """Everything that is at home there."""
        return scene.behind(self.element)

    def paint_static(self, ink: Ink) -> None:
        """Name and arrow."""
        ink.box(self.area, "background", "line", 1.5, radius=4)
        ink.text(self.area.adjusted(38, 0, -24, 0), self.element.label, 17, "text", LEFT, bold=True)
        ink.text(self.area.adjusted(0, 0, -10, 0), "\u203a", 22, "text", RIGHT, bold=True)

    def paint(self, ink: Ink, scene: Scene) -> None:
        """The roll-up."""
        top = self.area.center().y() - 11
        ink.marker(self.area.x() + 9, top, next(iter(self.alarms(scene)), None), lit=scene.lit, size=22)

    def says(self, scene: Scene) -> str:
        """The worst alarm there."""
        worst = next(iter(self.alarms(scene)), None)
        return f"alarm of priority {worst.priority}: {worst.message}" if worst else ""

    def tooltip(self, scene: Scene) -> str:
        """Where it leads and what waits there."""
        worst = next(iter(self.alarms(scene)), None)
        waits = f"\nWorst alarm: {worst.path} {worst.id}, {worst.message}" if worst else ""
        return f"Opens the display {self.element.display}.{waits}"
