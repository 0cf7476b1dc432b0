"""Pens: what each line shows, on which scale, and how it is told from the others without colour."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import Qt

from hmi.core.trend import Line, Tape
from hmi.link.messages import TagInfo
from hmi.panel.painting.strip import scale_of

MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Style:
    """Grey or value colour, dash, and a mark along the line."""

    role: str
    dash: Qt.PenStyle
    mark: str
    """pyqtgraph symbol; empty for none."""


_S = Qt.PenStyle
STYLES: Final = (
    Style("value", _S.SolidLine, ""),
    Style("text", _S.DashLine, ""),
    Style("text_secondary", _S.SolidLine, "o"),
    Style("value", _S.DashDotLine, ""),
    Style("text", _S.SolidLine, "t1"),
    Style("text_secondary", _S.DashLine, "s"),
    Style("value", _S.DashLine, "d"),
    Style("text", _S.DashDotDotLine, "x"),
)
"""By place in the list: role, dash and mark together are different for all eight."""


@dataclass(slots=True)
class Pen:
    """One line of the trend."""

    path: str
    style: Style
    tape: Tape = field(default_factory=Tape)
    info: TagInfo | None = None
    drawn: Line | None = None
    """The points of the last drawing."""
    error: str = ""

    @property
    def stepped(self) -> bool:
        """Whether the value holds until its next sample."""
        return self.info is not None and self.info.stepped

    @property
    def unit(self) -> str:
        """Unit of the tag."""
        return self.info.unit if self.info is not None else ""


def scales(pens: list[Pen], *, by_unit: bool) -> dict[str, tuple[float, float]]:
    """Low and high of each pen's scale by path; pens of one unit share one if wanted."""
    own = {pen.path: scale_of(pen.info, pen.drawn) for pen in pens if pen.drawn is not None}
    if not by_unit:
        return own
    shared: dict[str, tuple[float, float]] = {}
    keys = {pen.path: pen.unit or pen.path for pen in pens}
    for path, (low, high) in own.items():
        known = shared.get(keys[path], (low, high))
        shared[keys[path]] = (min(low, known[0]), max(high, known[1]))
    return {path: shared[keys[path]] for path in own}


def free_style(pens: list[Pen]) -> Style:
    """The first style that no pen has."""
    taken = {id(pen.style) for pen in pens}
    return next((style for style in STYLES if id(style) not in taken), STYLES[0])
