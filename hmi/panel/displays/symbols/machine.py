"""A PackML machine: a light box while it executes, a dark one with its state, reason and sign while it does not."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF

from hmi.core.element import Machine, prefixes
from hmi.link.messages import AlarmRow
from hmi.panel.displays.symbols.base import Pace, Symbol, unknown_tag, word
from hmi.panel.painting.ink import CENTER, LEFT, Ink
from hmi.panel.painting.scene import Scene
from hmi.panel.painting.words import unit_of, value_text

EXECUTE: Final = 6
_WAITING: Final = frozenset((5, 10, 11, 12, 13, 14))
"""Holding, held, suspended and the ways there and back."""
_ABORTED: Final = frozenset((8, 9))
_IDLE: Final = frozenset((4, 17))


class MachineSymbol(Symbol[Machine]):
    """Name, sign, state, and the reason or the speed."""

    pace = Pace.TEXT

    def alarms(self, scene: Scene) -> tuple[AlarmRow, ...]:
        """The machine's own tags."""
        return scene.below(prefixes(self.element.alarms))

    def _head(self) -> QRectF:
        return QRectF(self.area.x(), self.area.y(), self.area.width(), 30)

    def _body(self) -> QRectF:
        return QRectF(
            self.area.x(), self.area.y() + 30, self.area.width(), self.area.height() - 30 - self._foot_height()
        )

    def _foot_height(self) -> float:
        return 52.0 if self.area.height() >= 110 else 28.0

    def paint_static(self, ink: Ink) -> None:
        """Name plate."""
        ink.box(self.area, "panel", None)
        ink.text(self._head().adjusted(10, 0, -32, 0), self.element.label, 17, "text", LEFT, bold=True)

    def paint(self, ink: Ink, scene: Scene) -> None:
        """State, reason, speed, alarm."""
        e, body = self.element, self._body()
        state, found = scene.number(e.state), scene.look(e.state)
        runs = state == EXECUTE
        ink.box(body, "background" if state is None else "running" if runs else "stopped", None)
        if not found.shows_value:
            ink.quality(body, found)
        elif state is not None:
            self._sign(ink, body, int(state))
        foot = QRectF(self.area.x() + 8, body.bottom(), self.area.width() - 16, self._foot_height())
        if not unknown_tag(ink, scene, foot, self.paths):
            self._words(ink, scene, foot, runs=runs)
        ink.box(self.area, None, "line" if runs else "text", 1.5 if runs else 2.5)
        ink.line(self.area.left(), body.top(), self.area.right(), body.top(), "line", 1)
        ink.line(self.area.left(), body.bottom(), self.area.right(), body.bottom(), "line", 1)
        worst = next(iter(self.alarms(scene)), None) if e.alarms else scene.alarm(e.state)
        ink.marker(self.area.right() - 27, self.area.y() + 4, worst, lit=scene.lit, size=22)

    def _words(self, ink: Ink, scene: Scene, foot: QRectF, *, runs: bool) -> None:
        e, two = self.element, self._foot_height() > 30
        first = QRectF(foot.x(), foot.y() + 3, foot.width(), 23)
        ink.text(first, word(scene, e.state), 17, "text", CENTER, bold=True)
        if not two:
            return
        second = first.translated(0, 23)
        reason = scene.number(e.reason) if e.reason else None
        if not runs and reason:
            ink.text(second, word(scene, e.reason), 16, "text", CENTER, bold=True)
        elif e.speed:
            shown = scene.shown(e.speed)
            usable = scene.look(e.speed).shows_value
            text = f"{value_text(shown)} {unit_of(shown) if usable else ''}".strip()
            ink.text(second, text, 16, "value" if usable else "text_secondary", CENTER)

    def _sign(self, ink: Ink, body: QRectF, state: int) -> None:
        """Play, pause, cross, square: the state told by a shape."""
        c, r = body.center(), min(body.height(), body.width()) * 0.26
        x, y = c.x(), c.y()
        if state == EXECUTE:
            ink.shape([(x - r * 0.8, y - r), (x - r * 0.8, y + r), (x + r, y)], "line", "line")
        elif state in _WAITING:
            for left in (-r * 0.8, r * 0.2):
                ink.box(QRectF(x + left, y - r, r * 0.6, 2 * r), "panel", "outline", 1.5)
        elif state in _ABORTED:
            for width, role in ((9, "outline"), (5, "panel")):
                ink.line(x - r, y - r, x + r, y + r, role, width)
                ink.line(x - r, y + r, x + r, y - r, role, width)
        elif state in _IDLE:
            ink.round(QRectF(x - r, y - r, 2 * r, 2 * r), "panel", "outline", 1.5)
        else:
            ink.box(QRectF(x - r, y - r, 2 * r, 2 * r), "panel", "outline", 1.5)
