"""What is wrong with an expression, said so that an engineer finds the place without knowing the parser."""

from __future__ import annotations

from collections.abc import Sequence

from hmi.core.errors import LinesideError


class ExpressionError(LinesideError):
    """An expression that cannot be used; `column` (1-based) is where to look in its text."""

    def __init__(self, what: str, at: int, do: str = "") -> None:
        super().__init__(f"Column {at + 1}: {what}", do)
        self.column = at + 1


class CycleError(LinesideError):
    """Derived tags that need each other's value; `cycle` begins and ends with the same path."""

    def __init__(self, cycle: Sequence[str]) -> None:
        self.cycle = tuple(cycle)
        super().__init__(
            f"Derived tags refer to each other in a circle: {' -> '.join(self.cycle)}.",
            "Remove one of these references.",
        )


class StateError(LinesideError):
    """Stored state of an expression (totals, timers) that cannot be read back."""
