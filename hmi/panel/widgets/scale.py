"""Scale: sizes in pixels that follow the person's font, so that larger text loses no line and no column."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget

BASE_PT: Final = 10.0
"""Font size the panel is drawn for."""


def factor(widget: QWidget) -> float:
    """How much larger than usual the widget's text is; never below 1."""
    return max(widget.font().pointSizeF() / BASE_PT, 1.0)


def scaled(widget: QWidget, pixels: int) -> int:
    """A length for this widget's text size."""
    return round(pixels * factor(widget))
