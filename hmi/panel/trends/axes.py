"""Axes of the plot: station time below, the selected pen's scale at the left. The plot itself is 0 to 1 both ways."""

from __future__ import annotations

from datetime import UTC, tzinfo

import pyqtgraph

from hmi.panel.painting.words import number
from hmi.panel.trends.ticks import time_ticks, value_ticks
from hmi.panel.trends.view import View

Levels = list[tuple[float, list[float]]]


class TimeAxis(pyqtgraph.AxisItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """Round local times of the station's zone."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self._view = View(0, 1)
        self._zone: tzinfo = UTC
        self._labels: dict[float, str] = {}

    def set_view(self, view: View, zone: tzinfo) -> None:
        """Shows another window."""
        self._view, self._zone = view, zone
        self.picture = None
        self.update()

    def tickValues(self, _low: float, _high: float, size: float) -> Levels:  # noqa: N802 - pyqtgraph's name
        """Shares of the plot at which ticks stand."""
        view = self._view
        ticks = time_ticks(view.start, view.end, self._zone, max(2, int(size / 90)))
        self._labels = {(time - view.start) / view.length: text for time, text in ticks}
        return [(1.0, list(self._labels))]

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:  # noqa: N802 - pyqtgraph's name
        """Their labels."""
        return [self._labels.get(value, "") for value in values]


class ValueAxis(pyqtgraph.AxisItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """Round numbers of one pen's scale."""

    def __init__(self) -> None:
        super().__init__("left")
        self._low, self._high = 0.0, 1.0
        self._states: dict[str, str] = {}
        self.setWidth(84)

    def set_scale(self, low: float, high: float, states: dict[str, str]) -> None:
        """Shows another pen's scale; states are named instead of numbered."""
        self._low, self._high, self._states = low, high, states
        self.picture = None
        self.update()

    def tickValues(self, _low: float, _high: float, size: float) -> Levels:  # noqa: N802 - pyqtgraph's name
        """Shares of the plot at which ticks stand."""
        span = self._high - self._low
        if not span > 0:
            return []
        ticks = value_ticks(self._low, self._high, max(2, int(size / 48)))
        return [(1.0, [(tick - self._low) / span for tick in ticks])]

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:  # noqa: N802 - pyqtgraph's name
        """Their labels."""
        span = self._high - self._low
        digits = 0 if span >= 20 else 1 if span >= 2 else 2 if span >= 0.2 else 3
        numbers = [self._low + value * span for value in values]
        return [self._states.get(f"{n:g}", number(n, digits)) if self._states else number(n, digits) for n in numbers]
