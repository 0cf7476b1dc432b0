"""The command service: every write of every interface passes here, is judged, journalled, sent once and read back."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Final, Protocol, TypeVar

from hmi.core.actions import SetValue
from hmi.core.command import Circumstances, Command, refuse
from hmi.core.errors import LinesideError, RefusedError
from hmi.core.instants import SECOND, seconds
from hmi.core.interlock import Verdict
from hmi.core.quality import Status
from hmi.core.tag import ConnectionSource, ManualSource, MemorySource, Tag
from hmi.drivers.api import Clock
from hmi.historian.api import StoreError
from hmi.link.messages import CommandResult, Write
from hmi.station.deliveries import Deliveries, Delivery, Value
from hmi.station.running import Settings
from hmi.station.tag_table import TagTable
from hmi.station.trail import Act, Trail, note_result
from hmi.station.who import Who

Progress = Callable[[CommandResult], None]
T = TypeVar("T")

STOP_WAITS: Final = 1.0
"""Seconds a `to_safe` command waits for the disk; then it is sent all the same, with an alarm."""

READ_BACK_HOLDS: Final = 2 * SECOND
"""ns for which a read-back stands in for the live value, or three scans of the tag if that is longer.

A device that takes a setpoint back at once delivers nothing new: without an end, the read-back would be believed for
ever, and everybody who sees the true value would be refused.
"""

_NO_AUDIT: Final = "The audit trail cannot be written, so nothing was sent. Free the station's disk."


class Live(Protocol):
    """The present values as commands need them."""

    def present(self, tag: int) -> tuple[Value | None, int, int]:
        """Value, status and monotonic receive time of a tag."""
        ...

    def interlock(self, tag: int) -> Verdict:
        """What the tag's interlock says."""
        ...


class CommandService:
    """Judges and carries out writes, one at a time a tag."""

    def __init__(
        self,
        project: Settings,
        table: TagTable,
        live: Live,
        deliveries: Deliveries,
        trail: Trail,
        clock: Clock,
        set_value: Callable[[SetValue], Awaitable[None]],
        alarm: Callable[[str], None],
    ) -> None:
        """`set_value` enters a value and returns after its commit; `alarm` raises a system event that operators see."""
        self._project = project
        self._table = table
        self._live = live
        self._deliveries = deliveries
        self._trail = trail
        self._clock = clock
        self._set = set_value
        self._alarm = alarm
        self._under_way: set[int] = set()
        self._recent: dict[int, deque[int]] = defaultdict(deque)
        self._read_back: dict[int, tuple[Value, int]] = {}
        """Value seen by the last read-back, until the engine has seen a newer sample."""

    async def write(self, who: Who, request: Write, progress: Progress) -> None:
        """Carries out one write; the outcome comes through `progress` in one or two results."""

        def tell(state: str, text: str, *, final: bool = True, value: Value | None = None) -> None:
            progress(CommandResult(request.request, request.command, state, text, final, value))

        tag = self._table.tags.get(request.tag)
        if tag is None:
            await self._note(who, request, f"tag {request.tag}", "refused: unknown tag")
            tell("refused", "The station does not know this tag: the project has changed. Open the page again.")
            return
        known = await self._known(request, tag)
        if known is None:
            tell("refused", _NO_AUDIT)
            return
        objection = self._busy(request, tag) or self._objection(who, request, tag, known)
        if objection is not None:
            await self._note(who, request, tag.path, f"refused: {objection}")
            tell("refused", objection)
            return
        self._under_way.add(request.tag)
        try:
            if not await self._requested(who, request, tag):
                tell("refused", _NO_AUDIT)
                return
            # The disk may have taken its time: what held when the command came must still hold when it is sent.
            objection = self._objection(who, request, tag, known)
            if objection is not None:
                await self._note(who, request, tag.path, f"refused: {objection}")
                tell("refused", objection)
                return
            tell("sent", f"{tag.path}: sent.", final=False)
            delivery = await self._carry_out(who, request, tag)
            await self._note(who, request, tag.path, f"{delivery.state}: {delivery.text}")
            tell(delivery.state, delivery.text, value=delivery.value)
        except asyncio.CancelledError:
            await self._note(who, request, tag.path, "unknown: the station stopped before the result was known")
            raise
        finally:
            self._under_way.discard(request.tag)

    async def _known(self, request: Write, tag: Tag) -> bool | None:
        """Whether the command's id was used before; None when that cannot be told and the command must not be sent."""
        if not request.command:
            return True
        try:
            return not await _patiently(tag, self._trail.claim(request.command, self._clock.now().utc))
        except (LinesideError, TimeoutError):
            return False if _to_safe(tag) else None  # `_requested` raises the alarm

    def _busy(self, request: Write, tag: Tag) -> str | None:
        if request.tag in self._under_way and not _to_safe(tag):
            return f"Another command for {tag.path} is under way: wait for its result."
        return None

    def _objection(self, who: Who, request: Write, tag: Tag, known: bool) -> str | None:
        command = Command(
            request.command, tag, request.value, request.expected, request.asked_at, request.reason, who.user, who.role
        )
        return refuse(command, self._circumstances(request.tag, tag, known))

    def _circumstances(self, id_: int, tag: Tag, known: bool) -> Circumstances:
        now = self._clock.now()
        value, status, received = self._live.present(id_)
        if id_ in self._read_back:
            seen, mono = self._read_back[id_]
            if received < mono and now.mono - mono <= max(READ_BACK_HOLDS, 3 * seconds(tag.scan)):
                value = seen
            else:
                del self._read_back[id_]
        recent = self._recent[id_]
        while recent and now.mono - recent[0] > SECOND:
            recent.popleft()
        device = (
            self._project.connections.get(tag.source.connection) if isinstance(tag.source, ConnectionSource) else None
        )
        interlock = self._live.interlock(id_)
        return Circumstances(
            utc=now.utc,
            writes_enabled=self._project.file.security.writes_enabled,
            device_writes_enabled=device is None or device.writes_enabled,
            device_up=self._deliveries.device_up(tag),
            stopped=self._deliveries.stopped(tag),
            current=value,
            current_status=_judged_status(tag, status),
            interlock=interlock.free,
            blocking=interlock.why,
            recent=len(recent),
            known=known,
        )

    async def _requested(self, who: Who, request: Write, tag: Tag) -> bool:
        """Journals before sending. A stop is sent even when it cannot be journalled, with an alarm."""
        try:
            await _patiently(tag, self._trail.audit(who, self._act(request, tag.path, "requested")))
        except (LinesideError, TimeoutError) as error:
            if not _to_safe(tag):
                return False
            self._alarm(f"{tag.path} was sent without an audit record: {str(error) or 'the disk does not answer'}")
        return True

    async def _carry_out(self, who: Who, request: Write, tag: Tag) -> Delivery:
        now = self._clock.now()
        self._recent[request.tag].append(now.mono)
        match tag.source:
            case ConnectionSource():
                try:
                    delivery = await self._deliveries.deliver(request.tag, tag, request.value)
                except LinesideError as error:
                    return Delivery("refused", str(error))
                if delivery.value is not None:
                    self._read_back[request.tag] = (delivery.value, self._clock.now().mono)
                return delivery
            case MemorySource() | ManualSource():
                return await self._enter(SetValue(request.tag, request.value, int(Status.GOOD), who.user), tag)
            case _:
                return Delivery("refused", f"{tag.path} is computed: it cannot be written.")

    async def _enter(self, action: SetValue, tag: Tag) -> Delivery:
        """Enters a value into a tag that the station itself holds; done when it would survive a power cut."""
        try:
            async with asyncio.timeout(tag.write.timeout if tag.write is not None else None):
                await self._set(action)
        except RefusedError as error:
            return Delivery("refused", str(error))
        except (StoreError, TimeoutError) as error:
            why = str(error) or "the disk does not answer"
            return Delivery(
                "not confirmed", f"{tag.path}: NOT CONFIRMED, it is set but not stored: {why}", action.value
            )
        return Delivery("done", f"{tag.path} was set.", action.value)

    async def _note(self, who: Who, request: Write, object_: str, result: str) -> None:
        patience = _patience(self._table.tags.get(request.tag))
        await note_result(self._trail, who, self._act(request, object_, result), self._alarm, patience)

    def _act(self, request: Write, object_: str, result: str) -> Act:
        tag = self._table.tags.get(request.tag)
        return Act(
            "write",
            object_,
            result,
            old=request.expected,
            new=request.value,
            unit=tag.unit if tag is not None else "",
            reason=request.reason,
            correlation=request.command,
        )


def _to_safe(tag: Tag | None) -> bool:
    return tag is not None and tag.write is not None and tag.write.to_safe


def _patience(tag: Tag | None) -> float | None:
    """Seconds a command waits for the disk; None = as long as it takes."""
    return STOP_WAITS if _to_safe(tag) else None


async def _patiently(tag: Tag | None, stored: Awaitable[T]) -> T:
    """Waits for the disk; a stop waits for it only so long.

    Raises:
        TimeoutError: the disk does not answer and the command must not wait any longer.
    """
    async with asyncio.timeout(_patience(tag)):
        return await stored


def _judged_status(tag: Tag, status: int) -> int:
    """A manual or memory tag may be entered whatever its present quality; nothing else may."""
    return int(Status.GOOD) if isinstance(tag.source, MemorySource | ManualSource) else status
