"""A command button; stopping has square corners and a heavy frame while there is something to stop, starting has round
ones and asks first (…). One that its interlock would refuse now is flat, without a frame."""

from __future__ import annotations

from typing import Final

from hmi.core.element import Button
from hmi.core.packml import command_of, obeys
from hmi.link.messages import TagInfo
from hmi.panel.displays.symbols.base import Pace, Symbol, unknown_tag, word
from hmi.panel.painting.ink import CENTER, Ink
from hmi.panel.painting.scene import Scene

SINGLE_CLICK: Final = 1
"""Confirm class up to which one click is enough."""


def one_click(info: TagInfo) -> bool:
    """Whether the command goes out at once: to the safe side, or of the lowest class. The others ask first."""
    return info.to_safe or info.confirm <= SINGLE_CLICK


class ButtonSymbol(Symbol[Button]):
    """The word of the command; while one is under way, how it goes."""

    pace = Pace.FRAME

    def paint(self, ink: Ink, scene: Scene) -> None:
        """The button."""
        e = self.element
        if unknown_tag(ink, scene, self.area, (e.path,)):
            return
        shown = scene.shown(e.path)
        safe = shown.info is not None and shown.info.to_safe
        stops = safe and self.stops(scene)
        able = scene.live and shown.info is not None and shown.info.writable and not scene.why_not(e.path)
        if able or safe or not scene.live:
            line, width = ("text", 2.5) if stops else ("line", 1.5)
            ink.box(self.area, "background", line, width, radius=0 if safe else 8)
        note = scene.notes.get(e.id, "")
        words = note or self.label(scene)
        ink.text(
            self.area.adjusted(5, 0, -5, 0), words, 16, "text" if able else "text_secondary", CENTER,
            bold=bool(note) or stops,
        )  # fmt: skip

    def stops(self, scene: Scene) -> bool:
        """Whether the machine would obey in its present state; also while that is not known."""
        return not self.element.state or obeys(word(scene, self.element.state), command_of(self.element.path))

    def label(self, scene: Scene) -> str:
        """The word of the command, open-ended when a question follows."""
        info = scene.shown(self.element.path).info
        return self.element.label if info is None or one_click(info) else f"{self.element.label}\u2026"

    def name(self) -> str:
        """The command, and of which tag."""
        return f"{self.element.label}, {self.element.path}"

    def says(self, scene: Scene) -> str:
        """How the last command went, else why there is none to give."""
        why = scene.why_not(self.element.path)
        return scene.notes.get(self.element.id, "") or (f"Not available now. {why}" if why else "")

    def tooltip(self, scene: Scene) -> str:
        """Why the command is not available comes first."""
        why = scene.why_not(self.element.path)
        told = super().tooltip(scene)
        return f"Not available now. {why}\n\n{told}" if why else told
