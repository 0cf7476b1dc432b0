"""A command button; stopping has square corners and a heavy frame, starting has round ones."""

from __future__ import annotations

from hmi.core.element import Button
from hmi.panel.displays.symbols.base import Pace, Symbol, unknown_tag
from hmi.panel.painting.ink import CENTER, Ink
from hmi.panel.painting.scene import Scene


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
        ink.box(self.area, "background", "text" if safe else "line", 2.5 if safe else 1.5, radius=0 if safe else 8)
        able = scene.live and shown.info is not None and shown.info.writable
        note = scene.notes.get(e.id, "")
        ink.text(
            self.area.adjusted(5, 0, -5, 0), note or e.label, 16, "text" if able else "text_secondary", CENTER,
            bold=bool(note) or safe,
        )  # fmt: skip

    def name(self) -> str:
        """The command, and of which tag."""
        return f"{self.element.label}, {self.element.path}"

    def says(self, scene: Scene) -> str:
        """How the last command went."""
        return scene.notes.get(self.element.id, "")
