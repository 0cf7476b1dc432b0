"""The audit trail as the station's services need it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from hmi.core.errors import LinesideError
from hmi.drivers.api import Clock
from hmi.link.messages import CommandResult
from hmi.station.who import Who

_USED: Final = "This command was already carried out."


class NotConfirmedError(LinesideError):
    """It holds, but not for certain beyond a restart of the station."""


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


class Request(Protocol):
    """What somebody asks for, as it came."""

    @property
    def request(self) -> int:
        """The number that the answer carries."""
        ...

    @property
    def command(self) -> str:
        """Its id: it is carried out once."""
        ...


class Orders:
    """Carries out what people ask for: once, never without a record of it before, and with one of how it ended."""

    def __init__(self, trail: Trail, clock: Clock, alarm: Callable[[str], None]) -> None:
        """`alarm` raises a system event that operators see."""
        self._trail = trail
        self._clock = clock
        self._alarm = alarm

    async def carry_out(
        self, who: Who, request: Request, act: Act, why: str, work: Callable[[], Awaitable[str]]
    ) -> CommandResult:
        """The answer for the person; `why` it is refused, empty when nothing speaks against it.

        `work` does it and gives the sentence; it raises NotConfirmedError for what holds all the same, and any other
        LinesideError for what was not done.
        """

        async def ended(state: str, text: str, note: str) -> CommandResult:
            result = replace(act, result=note, correlation=request.command)
            await note_result(self._trail, who, result, self._alarm)
            return CommandResult(request.request, request.command, state, text)

        if why:
            return await ended("refused", why, f"refused: {why}")
        try:
            if not await self._trail.claim(request.command, self._clock.now().utc):
                return CommandResult(request.request, request.command, "refused", _USED)
            await self._trail.audit(who, replace(act, result="requested", correlation=request.command))
            done = await work()
        except NotConfirmedError as error:
            return await ended("not confirmed", str(error), f"not confirmed: {error}")
        except LinesideError as error:
            return await ended("refused", str(error), f"refused: {error}")
        return await ended("done", done, "done")
