"""Everything one evaluation may look at, and the deadline it asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hmi.core.expression.memory import Slot
from hmi.core.expression.reading import Reading


class Frame:
    """Inputs, time and memory of one evaluation; `deadline` is the earliest wish of its functions (mono ns)."""

    __slots__ = ("deadline", "mono", "slots", "statuses", "utc", "values")

    def __init__(
        self,
        values: Sequence[float | str],
        statuses: Sequence[int],
        utc: int,
        mono: int,
        slots: Sequence[Slot],
    ) -> None:
        self.values = values
        self.statuses = statuses
        self.utc = utc
        self.mono = mono
        self.slots = slots
        self.deadline: int | None = None

    def wake(self, mono: int) -> None:
        """Ask to be evaluated again at `mono` at the latest."""
        if self.deadline is None or mono < self.deadline:
            self.deadline = mono


Step = Callable[[Frame], Reading]
"""One node, ready to run."""
