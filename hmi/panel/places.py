"""Places: where in the panel somebody can be, and the trail of where somebody was."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

REMEMBERED: Final = 50


class Kind(StrEnum):
    """What fills the display area."""

    DISPLAY = "display"
    TREND = "trend"
    ALARMS = "alarms"
    TAGS = "tags"
    CONNECTIONS = "connections"
    DIAGNOSTICS = "diagnostics"


class Place(NamedTuple):
    """One page; only displays have names."""

    kind: Kind
    name: str = ""


class Trail:
    """Back and forward as in a browser: going somewhere new drops what was forward."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1

    @property
    def here(self) -> Place | None:
        """Where the person is; None before the first visit."""
        return self._places[self._at] if self._at >= 0 else None

    @property
    def can_go_back(self) -> bool:
        """Whether there is a page before."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether a page was left by going back."""
        return self._at < len(self._places) - 1

    def visit(self, place: Place) -> None:
        """Goes somewhere; where one is already leaves no trace."""
        if place == self.here:
            return
        self._places = [*self._places[: self._at + 1], place][-REMEMBERED:]
        self._at = len(self._places) - 1

    def back(self) -> Place | None:
        """One page back; None at the beginning."""
        return self._go(-1) if self.can_go_back else None

    def forward(self) -> Place | None:
        """One page forward; None at the end."""
        return self._go(1) if self.can_go_forward else None

    def _go(self, by: int) -> Place:
        self._at += by
        return self._places[self._at]
