"""Page: what fills the display area, and what every page is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from hmi.panel.navigator import Navigator
from hmi.panel.stores import Stores
from hmi.panel.theme import Theme


@dataclass(frozen=True)
class Context:
    """Services of the panel; a page keeps it and asks for nothing else."""

    stores: Stores
    theme: Theme
    navigator: Navigator
    clock: Callable[[], int]
    """Station time, ns UTC."""


class Page(QWidget):
    """One page of the display area; it works (binds, polls) only between `on_shown` and `on_hidden`."""

    title_changed = Signal(str)

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self.context = context
        self._title = ""
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    @property
    def title(self) -> str:
        """What the window calls this page."""
        return self._title

    def set_title(self, title: str) -> None:
        """Renames the page."""
        self._title = title
        self.title_changed.emit(title)

    def on_shown(self) -> None:
        """The page is in front: bind and ask."""

    def on_hidden(self) -> None:
        """Another page is in front: let go of everything that costs."""

    def on_theme(self, theme: Theme) -> None:
        """The room's light changed: paint with these colours from now on."""
        self.context = Context(self.context.stores, theme, self.context.navigator, self.context.clock)
        self.update()

    def selected_paths(self) -> list[str]:
        """The tags that the trend and faceplate keys are about: what is selected or has the focus."""
        return []

    def is_ready(self) -> bool:
        """Whether what the page shows has arrived; asked before a picture is taken of it."""
        return True
