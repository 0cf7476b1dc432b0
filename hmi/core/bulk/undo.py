"""Undo and redo of an engineer's edits: each step knows what stood there before and after.

A step is taken back by an edit of its own, which the station judges like any other: what somebody else has changed
since is not overwritten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

KEPT: Final = 200


class Changed(NamedTuple):
    """One record of a step; an empty document: it was not there."""

    kind: str
    key: str
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class Step:
    """What one action of a person changed."""

    title: str
    """For the menu: `Rename plant/a/level`."""
    records: tuple[Changed, ...]

    def inverse(self) -> Step:
        """The step that takes this one back, in the other order."""
        return Step(self.title, tuple(Changed(c.kind, c.key, c.after, c.before) for c in reversed(self.records)))


class UndoStack:
    """Steps that can be taken back, and steps taken back that can be made again."""

    def __init__(self) -> None:
        self._done: list[Step] = []
        self._undone: list[Step] = []

    @property
    def undo_title(self) -> str:
        """What would be taken back; empty: nothing."""
        return self._done[-1].title if self._done else ""

    @property
    def redo_title(self) -> str:
        """What would be made again; empty: nothing."""
        return self._undone[-1].title if self._undone else ""

    def did(self, step: Step) -> None:
        """A new step was made: what was taken back before cannot be made again."""
        self._done = [*self._done, step][-KEPT:]
        self._undone.clear()

    def to_undo(self) -> Step | None:
        """The step to send in order to take the last one back; `undone` follows when the station has made it."""
        return self._done[-1].inverse() if self._done else None

    def to_redo(self) -> Step | None:
        """The step to send in order to make the last one again; `redone` follows."""
        return self._undone[-1] if self._undone else None

    def undone(self) -> None:
        """The station has taken the last step back."""
        self._undone.append(self._done.pop())

    def redone(self) -> None:
        """The station has made it again."""
        self._done.append(self._undone.pop())

    def forget(self) -> None:
        """Another project runs, or the files were rolled back: nothing can be taken back any more."""
        self._done.clear()
        self._undone.clear()
