"""Alarms by priority below one path, and whether one connection lives."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from hmi.core.alarm_state import AlarmState
from hmi.core.element import AlarmSummary, LinkState
from hmi.core.look import Mark
from hmi.link.messages import AlarmRow
from hmi.panel.displays.symbols.base import Pace, Symbol
from hmi.panel.painting.ink import CENTER, LEFT, Ink
from hmi.panel.painting.scene import Scene
from hmi.panel.painting.words import age_text, value_text
from hmi.panel.stores.alarms import counted
from hmi.panel.widgets.alarm_marker import marker_shape, paint_alarm_marker


class AlarmSummarySymbol(Symbol[AlarmSummary]):
    """Four markers with their counts; a priority without alarms is an empty grey shape."""

    pace = Pace.FRAME

    def alarms(self, scene: Scene) -> tuple[AlarmRow, ...]:
        """What is counted."""
        return scene.counted_by(self.element)

    def paint(self, ink: Ink, scene: Scene) -> None:
        """The counts."""
        wide = self.area.width() / 4
        for n, (priority, count) in enumerate(sorted(counted(self.alarms(scene)).items())):
            x, y = self.area.x() + n * wide, self.area.center().y()
            area = QRectF(x + 4, y - 11, 22, 22)
            if count.total:
                state = AlarmState.UNACKNOWLEDGED if count.unacknowledged else AlarmState.ACKNOWLEDGED
                paint_alarm_marker(ink.painter, area, ink.theme, priority, state.value, lit=scene.lit)
            else:
                ink.path(marker_shape(priority, area.adjusted(2, 2, -2, -2)), None, "line", 1.2)
            text = str(count.total) if scene.alarms_live else f"{count.total}?"
            role = "text" if count.total else "text_secondary"
            ink.text(QRectF(x + 30, y - 12, wide - 30, 24), text, 18, role, LEFT, bold=count.total > 0)

    def name(self) -> str:
        """What is counted."""
        e = self.element
        if e.rest:
            return "Alarms of the line as a whole and of the station"
        prefixes = [e.alarms] if isinstance(e.alarms, str) else e.alarms
        return f"Alarms of {e.display or ', '.join(prefixes)}"

    def says(self, scene: Scene) -> str:
        """The counts in words."""
        counts = counted(self.alarms(scene))
        words = ", ".join(f"priority {p}: {c.total}" for p, c in sorted(counts.items()) if c.total) or "no alarm"
        return words if scene.alarms_live else f"not live, last known {words}"

    def tooltip(self, scene: Scene) -> str:
        """The counts in words."""
        return f"{self.name()}: {self.says(scene)}"


class LinkStateSymbol(Symbol[LinkState]):
    """A connection's word: whether values come, and since when none do."""

    pace = Pace.FRAME

    def paint(self, ink: Ink, scene: Scene) -> None:
        """Word and sign."""
        shown, found, a = scene.shown(self.element.path), scene.look(self.element.path), self.area
        sign = QRectF(a.x() + 4, a.center().y() - 9, 18, 18)
        if found.mark is Mark.LINK or not scene.live:
            ink.plug(sign)
            since = f", {age_text(shown.time, scene.reckoned())}" if shown.time else ""
            ink.box(a.adjusted(26, 2, 0, -2), "background", "text", 2)
            ink.text(a.adjusted(32, 0, -4, 0), f"No link{since}", 16, "text", LEFT, bold=True)
        elif found.shows_value:
            ink.polyline(_tick(sign), "text_secondary", 3)
            ink.text(a.adjusted(28, 0, 0, 0), self.element.label or "Connected", 16, "text", LEFT)
        else:
            ink.text(sign, "…", 16, "text_secondary", CENTER)
            words = "Waiting for data" if found.mark is Mark.WAITING else value_text(shown)
            ink.text(a.adjusted(28, 0, 0, 0), words, 16, "text_secondary", LEFT)

    def name(self) -> str:
        """Which connection."""
        return f"Connection, {self.element.path}"


def _tick(area: QRectF) -> list[tuple[float, float]]:
    a, b, c = QPointF(0.1, 0.55), QPointF(0.4, 0.85), QPointF(0.95, 0.15)
    return [(area.x() + p.x() * area.width(), area.y() + p.y() * area.height()) for p in (a, b, c)]
