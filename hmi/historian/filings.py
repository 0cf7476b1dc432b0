"""What is known of all that left the journal for the data files: a file that is ruined may lose so much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_EARLIEST: Final = -(1 << 63)
_LATEST: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Filings:
    """Everything that was filed and has left the journal."""

    number: int = 0
    """Highest append number of it."""
    before: int | None = _LATEST
    """When (ns UTC) the store was last known to be written before its present writer; None = never. Whatever other
    writers have filed is not later, so a later sample of this one has nothing behind it but what this one had."""
    reached: int = _LATEST
    """No sample of it, whoever filed it, is later (ns UTC), but for those of devices whose clock is ahead."""

    @property
    def until(self) -> int:
        """Of tags of which the present writer has filed nothing newer, no sample of it is later (ns UTC), but for those
        of devices whose clock is ahead."""
        return _EARLIEST if self.before is None else min(self.before, self.reached)
