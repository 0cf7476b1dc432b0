"""Words, group frames, and the box that stands for an element this program does not know."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF

from hmi.core.element import Frame, Text, Unknown
from hmi.panel.displays.symbols.base import Symbol
from hmi.panel.painting.ink import CENTER, LEFT, RIGHT, Ink
from hmi.panel.painting.scene import Scene

HEADING: Final = 28
"""Height of a frame's heading."""

_ALIGN: Final = {"left": LEFT, "center": CENTER, "right": RIGHT}


class TextSymbol(Symbol[Text]):
    """A word or heading."""

    interactive = False

    def paint_static(self, ink: Ink) -> None:
        """The text."""
        e = self.element
        role = "text_secondary" if e.quiet else "text"
        ink.text(self.area, e.label, e.size, role, _ALIGN[e.align], bold=e.bold)


class FrameSymbol(Symbol[Frame]):
    """A panel around things that belong together."""

    interactive = False

    def paint_static(self, ink: Ink) -> None:
        """The panel and its heading."""
        ink.box(self.area, "panel", "faint", 1.0)
        if self.element.label:
            heading = QRectF(self.area.x() + 12, self.area.y() + 5, self.area.width() - 24, HEADING)
            ink.text(heading, self.element.label, 17, "text", LEFT, bold=True)


class UnknownSymbol(Symbol[Unknown]):
    """Says where something is missing and why."""

    def paint_static(self, ink: Ink) -> None:
        """A dashed box with the words."""
        ink.box(self.area, "panel", None)
        ink.dots(self.area)
        half = self.area.height() / 2
        top, bottom = self.area.adjusted(6, 2, -6, -half), self.area.adjusted(6, half, -6, -2)
        ink.text(top, "unknown element", 15, "text", LEFT, bold=True)
        ink.text(bottom, self.element.sentence, 14, "text_secondary", LEFT)

    def name(self) -> str:
        """The sentence."""
        return self.element.sentence

    def tooltip(self, scene: Scene) -> str:  # noqa: ARG002 - nothing of the plant is known here
        """The sentence and what to do."""
        return f"{self.element.sentence}\nThe display was made for a newer program, or its kind is misspelt."
