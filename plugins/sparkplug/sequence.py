"""The order of one edge node's messages: each has the number after the one before, 0 follows 255."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_COUNT: Final = 256
_AHEAD: Final = 128
"""What lies further off than half of the numbers is behind, not ahead; this also bounds what waits."""


class OutOfSequenceError(ValueError):
    """A message from behind, or from too far ahead to wait for those between."""


class Sequence(Generic[T]):
    """Hands messages on in their order, and holds those that came too early for a while."""

    def __init__(self, patience: int) -> None:
        """`patience`: ns to wait for a message that is missing."""
        self.deadline: int | None = None
        """Monotonic ns at which the missing ones count as lost; None while none is missing."""
        self._patience = patience
        self._next = 0
        self._early: dict[int, T] = {}

    def put(self, seq: int, message: T, mono: int) -> list[T]:
        """The messages that are in turn now.

        Raises:
            OutOfSequenceError: it has no place here any more; whatever is missing was not heard.
        """
        ahead = (seq - self._next) % _COUNT
        if seq >= _COUNT or ahead >= _AHEAD:
            raise OutOfSequenceError(f"{seq} after {(self._next - 1) % _COUNT}")
        self._early[seq] = message
        if ahead and self.deadline is None:
            self.deadline = mono + self._patience
        return self._in_turn()

    def give_up(self) -> list[T]:
        """The missing ones are lost: those that waited for them, in their order."""
        found: list[T] = []
        while self._early:
            self._next = min(self._early, key=lambda seq: (seq - self._next) % _COUNT)
            found += self._in_turn()
        return found

    def restart(self, seq: int, belongs: Callable[[T], bool], mono: int) -> list[T]:
        """A birth has this number; of those that wait the ones that belong to it stay. Returns those now in turn."""
        self._next = (seq + 1) % _COUNT
        self._early = {at: message for at, message in self._early.items() if belongs(message)}
        self.deadline = mono + self._patience if self._early else None
        return self._in_turn()

    def clear(self) -> None:
        """Nothing waits any more."""
        self._early, self.deadline = {}, None

    def _in_turn(self) -> list[T]:
        found: list[T] = []
        while self._next in self._early:
            found.append(self._early.pop(self._next))
            self._next = (self._next + 1) % _COUNT
        if not self._early:
            self.deadline = None
        return found
