"""Blink: the one flash of the panel, 1 Hz and half bright, so that all markers flash together (WCAG: below 3 Hz)."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

HALF_MS: Final = 500


class Blink(QObject):
    """Tells markers when to be bright; at rest (always bright) while nothing is unacknowledged."""

    changed = Signal(bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.lit = True
        self._timer = QTimer(self)
        self._timer.setInterval(HALF_MS)
        self._timer.timeout.connect(self._toggle)

    def set_active(self, active: bool) -> None:
        """Whether anything flashes at all."""
        if active == self._timer.isActive():
            return
        if active:
            self._timer.start()
        else:
            self._timer.stop()
            if not self.lit:
                self._toggle()

    def _toggle(self) -> None:
        self.lit = not self.lit
        self.changed.emit(self.lit)
