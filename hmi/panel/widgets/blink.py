"""Blink: the one flash of the panel, 1 Hz and half bright, so that all markers flash together (WCAG: below 3 Hz)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

HALF_MS: Final = 500


class Blink(QObject):
    """Tells markers when to be bright; at rest (always bright) while nothing is unacknowledged.

    The halves of the second follow the clock, not the start, so that every `Blink` of a panel keeps step.
    """

    changed = Signal(bool)

    def __init__(self, parent: QObject, mono: Callable[[], int] = time.monotonic_ns) -> None:
        super().__init__(parent)
        self.lit = True
        self._mono = mono
        self._active = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_time)

    def set_active(self, active: bool) -> None:
        """Whether anything flashes at all."""
        if active == self._active:
            return
        self._active = active
        if active:
            self._on_time()
        else:
            self._timer.stop()
            self._set(lit=True)

    def _on_time(self) -> None:
        now = self._mono() // 1_000_000
        self._set(lit=now // HALF_MS % 2 == 0)
        self._timer.start(HALF_MS - now % HALF_MS)

    def _set(self, *, lit: bool) -> None:
        if lit != self.lit:
            self.lit = lit
            self.changed.emit(lit)
