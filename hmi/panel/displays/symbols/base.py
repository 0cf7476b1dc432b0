"""What every symbol has: a place, the part that never changes, the part that does, and how fast it may change."""

from __future__ import annotations

from enum import IntEnum
from typing import Generic, TypeVar

from PySide6.QtCore import QRectF

from hmi.core.element import Element, Unknown
from hmi.link.messages import AlarmRow
from hmi.panel.painting.ink import LEFT, Ink
from hmi.panel.painting.scene import Scene
from hmi.panel.painting.words import UNKNOWN_TAG, plain_text, tooltip, unit_of, value_text

E = TypeVar("E", bound=Element | Unknown)

MARKER: float = 20
"""Logical size of an alarm marker."""


class Pace(IntEnum):
    """Shortest time between two changes of a symbol, in ms."""

    FRAME = 50
    """Colours, words of state: at once, at most 20 times a second."""
    POINTER = 200
    TEXT = 500
    TREND = 1000


class Symbol(Generic[E]):
    """One element's painter; it keeps no values of its own."""

    pace: Pace = Pace.TEXT
    interactive: bool = True
    """Whether the keyboard visits it and a click opens something."""

    def __init__(self, element: E) -> None:
        self.element = element
        self.area = QRectF(element.x, element.y, element.w, element.h)

    @property
    def reach(self) -> QRectF:
        """Everything the symbol may paint on, markers included."""
        return self.area.adjusted(-4, -4, 4, 4)

    @property
    def paths(self) -> tuple[str, ...]:
        """The tags the symbol shows."""
        return self.element.paths()

    def alarms(self, scene: Scene) -> tuple[AlarmRow, ...]:  # noqa: ARG002 - most have none
        """The alarms that change this symbol besides those of its own tags, worst first."""
        return ()

    def paint_static(self, ink: Ink) -> None:
        """What never changes; drawn once into the background."""

    def paint(self, ink: Ink, scene: Scene) -> None:
        """What follows the plant."""

    def name(self) -> str:
        """What a screen reader calls it."""
        return self.element.label or (self.paths[0].replace("/", " ") if self.paths else self.element.id)

    def says(self, scene: Scene) -> str:
        """Its value in words, for a screen reader."""
        if not self.paths:
            return ""
        shown = scene.shown(self.paths[0])
        return f"{value_text(shown)} {unit_of(shown)}".strip()

    def tooltip(self, scene: Scene) -> str:
        """What hovering tells: each tag's path, description, value, quality, time and age."""
        now, zone = scene.reckoned(), scene.zone
        return "\n\n".join(tooltip(path, scene.shown(path), now, zone) for path in self.paths)


def unknown_tag(ink: Ink, scene: Scene, area: QRectF, paths: tuple[str, ...]) -> bool:
    """Says on the symbol itself that the station does not know one of its tags."""
    if not any(scene.shown(path).unknown for path in paths):
        return False
    ink.box(area, "panel", "text", 1.0)
    ink.text(area.adjusted(3, 0, -3, 0), UNKNOWN_TAG, 14, "text", LEFT)
    return True


def word(scene: Scene, path: str) -> str:
    """A state's word, or what stands for it."""
    shown = scene.shown(path)
    if not scene.look(path).shows_value or shown.value is None or shown.unknown:
        return value_text(shown)
    return plain_text(shown.value, shown.info)
