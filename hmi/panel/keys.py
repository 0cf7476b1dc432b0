"""The panel's keys (hmi_display.md section 11): one table, so that help, tests and window agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

KEYS: Final = {
    "F1": "help",
    "F2": "overview",
    "F3": "alarm list",
    "F4": "trend",
    "F5": "faceplate",
    "F8": "silence",
    "F9": "acknowledge selected",
    "Alt+Left": "back",
    "Alt+Right": "forward",
    "Ctrl+PgUp": "previous display",
    "Ctrl+PgDown": "next display",
    "Ctrl+F": "tag search",
    "Ctrl+L": "lock",
}
"""What each key does; all of them work from every page, also while a text is being typed.

Esc is none of them: it belongs first to what has the focus (an entry restores itself), then to the window.
"""


def bind_keys(window: QWidget, actions: Mapping[str, Callable[[], None]]) -> list[QShortcut]:
    """Gives the window its keys; every action of `KEYS` must be there.

    Raises:
        KeyError: an action is missing.
    """
    made: list[QShortcut] = []
    for key, action in KEYS.items():
        shortcut = QShortcut(QKeySequence(key), window)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(actions[action])
        made.append(shortcut)
    return made
