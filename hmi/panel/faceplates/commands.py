"""Command buttons of a machine or of one command tag: one click to the safe side, two steps for the rest.

A command whose interlock would refuse it has a flat button and its reason below; pressing it says the reason too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from hmi.core.packml import command_of, obeys
from hmi.core.setpoint import EntryState
from hmi.panel.faceplates.controller import EntryController
from hmi.panel.faceplates.press import Press
from hmi.panel.faceplates.review import Review
from hmi.panel.painting.words import value_text
from hmi.panel.stores import Stores
from hmi.panel.stores.gates import Gates

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
        self._words: dict[str, str] = {}
        self.controllers: dict[str, EntryController] = {}
        self.buttons: dict[str, Press] = {}
        self.reviews: dict[str, Review] = {}
        paths = list(paths)
        self._gates = Gates(stores.values, stores.session, paths, self._gates_changed)
        self.reasons = QLabel(self)
        self.reasons.setProperty("role", "secondary")
        self.reasons.setWordWrap(True)
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
        column.insertWidget(1, self.reasons)
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
            button.setText(self._words[path] if controller.one_click else f"{self._words[path]}\u2026")
            self._show_gate(path)
        untold = [path for path in self.controllers if self.reviews[path].isHidden()]  # else its review says it
        told = [(self._words[path], self._gates.why(path)) for path in untold]
        self.reasons.setText("\n".join(f"{word} is not available now. {why}" for word, why in told if why))
        self.reasons.setVisible(bool(self.reasons.text()))
        self.setVisible(any(not button.isHidden() for button in self.buttons.values()))

    def cancel(self) -> bool:
        """Esc: takes back a question; False when none stands."""
        busy = [controller for controller in self.controllers.values() if controller.busy]
        for controller in busy:
            controller.cancel()
        return bool(busy)

    def close_commands(self) -> None:
        """The faceplate closes."""
        self._gates.close()
        for controller in self.controllers.values():
            controller.close()

    def ask(self, path: str) -> bool:
        """Puts the question of a command that needs one, as a press of its button would; False while nothing is known.

        One that goes out with one click is never sent by this.
        """
        controller = self.controllers[path]
        info = controller.info
        if info is None or controller.shown.value is None:
            return False
        if info.writable and not controller.one_click:
            controller.command()
        return True

    def _add(self, stores: Stores, path: str, text: str) -> Press:
        self._words[path] = text
        controller = self.controllers[path] = EntryController(stores, path, self, self._gates.why)
        button = self.buttons[path] = Press(text, self)
        review = self.reviews[path] = Review(controller, f"{text} now", self)
        button.clicked.connect(controller.command)
        review.closed.connect(button.setFocus)
        controller.changed.connect(self.refresh)
        return button

    def _gates_changed(self, paths: frozenset[str]) -> None:
        for path in paths & self.controllers.keys():
            if not self._gates.why(path) and self.controllers[path].entry.state is EntryState.EDITING:
                self.controllers[path].cancel()  # it was told why not, and that is over
        if self.controllers:
            self.refresh()

    def _show_gate(self, path: str) -> None:
        """Flat is what would be refused; it can be pressed all the same, to hear why."""
        button, why = self.buttons[path], self._gates.why(path)
        button.setToolTip(f"{path}\nNot available now. {why}" if why else path)
        if button.property("unavailable") != bool(why):
            button.setProperty("unavailable", bool(why))
            button.style().unpolish(button)
            button.style().polish(button)
