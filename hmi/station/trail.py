"""The audit trail as the station's services need it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from hmi.core.errors import LinesideError
from hmi.station.who import Who


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did, tried, or was refused."""

    action: str
    """Stable short name, e.g. `write`."""
    object_: str
    """What it was done to, e.g. a tag path."""
    result: str
    """`requested`, `done: ...`, `refused: ...`."""
    old: object = None
    new: object = None
    unit: str = ""
    reason: str = ""
    correlation: str = ""
    """The command's id: ties its records together."""


class Trail(Protocol):
    """Both return after the commit."""

    async def audit(self, who: Who, act: Act) -> None:
        """Writes one record; raises StoreError when it cannot be kept."""
        ...

    async def claim(self, command: str, utc: int) -> bool:
        """Marks a command id as used; False when it was used before."""
        ...


async def note_result(
    trail: Trail, who: Who, act: Act, alarm: Callable[[str], None], patience: float | None = None
) -> None:
    """Writes down how something ended; a trail that cannot be written raises an alarm, the result itself stands.

    `patience`: seconds to wait for the disk, None for as long as it takes.
    """
    try:
        async with asyncio.timeout(patience):
            await trail.audit(who, act)
    except (LinesideError, TimeoutError) as error:
        why = str(error) or "the disk does not answer"
        alarm(f"The result of a command for {act.object_} is missing from the audit trail: {why}")
