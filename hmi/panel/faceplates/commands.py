"""Command buttons of a machine or of one command tag: one click to the safe side, two steps for the rest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from hmi.core.packml import command_of, obeys
from hmi.panel.faceplates.controller import EntryController
from hmi.panel.faceplates.press import Press
from hmi.panel.faceplates.review import Review
from hmi.panel.painting.words import value_text
from hmi.panel.stores import Stores

COMMANDS: Final = ("start", "hold", "unhold", "reset", "clear", "stop", "abort")
"""Commands of a machine, in the order of their buttons; stopping stands apart in a row of its own."""
_STOPPING: Final = frozenset(("stop", "abort"))
_ACROSS: Final = 3


def command_paths(path: str) -> list[str]:
    """Where the commands of the machine that a tag belongs to would be."""
    unit, _, word = path.rpartition("/")
    if word.startswith("cmd_"):
        return [path]
    return [f"{unit}/cmd_{name}" for name in COMMANDS] if word in {"state", "running"} else []


def state_path(path: str) -> str:
    """Where the state of the machine that a tag belongs to would be; empty if the tag has no commands."""
    return f"{path.rpartition('/')[0]}/state" if command_of(path) else path if command_paths(path) else ""


class CommandPanel(QWidget):
    """The buttons of the commands that exist; bold is what would stop something now."""

    def __init__(self, stores: Stores, paths: Iterable[str], state: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._stores = stores
        self._state = state
        self.controllers: dict[str, EntryController] = {}
        self.buttons: dict[str, Press] = {}
        self.reviews: dict[str, Review] = {}
        grid = QGridLayout()
        grid.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(grid)
        onward = stopping = 0
        for path in paths:
            word = command_of(path)
            button = self._add(stores, path, word.replace("_", " ").capitalize())
            if word in _STOPPING:
                grid.addWidget(button, 9, stopping)
                stopping += 1
            else:
                grid.addWidget(button, onward // _ACROSS, onward % _ACROSS)
                onward += 1
            column.addWidget(self.reviews[path])
        grid.setRowMinimumHeight(8, 8 if stopping and onward else 0)
        self.refresh()

    def refresh(self) -> None:
        """Shows only the commands that the station knows."""
        state = value_text(self._stores.values.shown(self._state)) if self._state else ""
        for path, controller in self.controllers.items():
            button, info = self.buttons[path], controller.info
            button.setVisible(info is not None and info.writable)
            font = button.font()
            font.setBold(bool(info and info.to_safe) and obeys(state, command_of(path)))
            button.setFont(font)
        self.setVisible(any(not button.isHidden() for button in self.buttons.values()))

    def cancel(self) -> bool:
        """Esc: takes back a question; False when none stands."""
        busy = [controller for controller in self.controllers.values() if controller.busy]
        for controller in busy:
            controller.cancel()
        return bool(busy)

    def close_commands(self) -> None:
        """The faceplate closes."""
        for controller in self.controllers.values():
            controller.close()

    def _add(self, stores: Stores, path: str, text: str) -> Press:
        controller = self.controllers[path] = EntryController(stores, path, self)
        button = self.buttons[path] = Press(text, self)
        button.setToolTip(path)
        review = self.reviews[path] = Review(controller, text, self)
        button.clicked.connect(controller.command)
        review.closed.connect(button.setFocus)
        return button
