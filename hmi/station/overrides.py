"""What people set on tags beside their configuration: a value in place of their own, acquisition off; all audited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

import numpy as np

from hmi.core.actions import Action, ScanOff, Substitute
from hmi.core.errors import LinesideError
from hmi.core.rights import Action as Right
from hmi.core.rights import may
from hmi.drivers.api import Clock
from hmi.historian.api import StoreError
from hmi.link.messages import CommandResult, SetScan
from hmi.link.messages import Substitute as SubstituteRequest
from hmi.station.links import Link
from hmi.station.notes import LONGEST
from hmi.station.tag_table import TagTable
from hmi.station.trail import Act, Trail, note_result
from hmi.station.who import Who

_NOT_ALLOWED: Final = "Sign in as an engineer: a value or a switch of a person hides what the device says."
Enter = Callable[[Action], Awaitable[None]]
"""Carries an action out in the next scan and returns after its commit; raises RefusedError or StoreError."""
Told = Callable[[Who, Iterable[int], str], Awaitable[None]]
"""(person, tags, reason)."""


class Overrides:
    """Every substitute and every switched-off acquisition of every interface passes here."""

    def __init__(
        self,
        table: TagTable,
        links: Mapping[str, Link],
        trail: Trail,
        clock: Clock,
        enter: Enter,
        alarm: Callable[[str], None],
        told: Told,
    ) -> None:
        """`alarm` raises a system event that operators see; `told` keeps who did it to which tags, and why."""
        self._table = table
        self._links = links
        self._trail = trail
        self._clock = clock
        self._enter = enter
        self._alarm = alarm
        self._told = told

    async def substitute(self, who: Who, request: SubstituteRequest) -> CommandResult:
        """Puts a value in place of a tag's own, or takes it away."""
        tag = self._table.tags.get(request.tag)
        path = tag.path if tag is not None else f"tag {request.tag}"
        what = "substitute" if request.value is not None else "substitute taken away"
        act = Act(what, path, "", new=request.value, reason=request.reason, correlation=request.command)
        why = "" if tag is not None else "The station does not know this tag: the project has changed."
        why = why or _flaw_of_reason(request.reason, wanted=request.value is not None)
        action = Substitute(request.tag, request.value, who.user)
        done = f"{path} is substituted." if request.value is not None else f"{path} shows its own value again."
        return await self._carry_out(who, request, act, why, action, done)

    async def set_scan(self, who: Who, request: SetScan) -> CommandResult:
        """Switches acquisition of a tag, or of all tags of a connection, off or on."""
        tags, name = self._concerned(request)
        act = Act("scan on" if request.on else "scan off", name, "", reason=request.reason, correlation=request.command)
        why = "" if tags else f"{name} has no tags that the station acquires."
        why = why or _flaw_of_reason(request.reason, wanted=not request.on)
        action = ScanOff(np.asarray(tags, np.int32), not request.on, who.user)
        done = f"{name} is acquired again." if request.on else f"{name} is not acquired any more."
        return await self._carry_out(who, request, act, why, action, done)

    def _concerned(self, request: SetScan) -> tuple[list[int], str]:
        if request.tag is not None:
            tag = self._table.tags.get(request.tag)
            return ([request.tag], tag.path) if tag is not None else ([], f"tag {request.tag}")
        link = self._links.get(request.connection)
        return (sorted(link.points) if link is not None else [], request.connection)

    async def _carry_out(
        self,
        who: Who,
        request: SubstituteRequest | SetScan,
        act: Act,
        why: str,
        action: Substitute | ScanOff,
        done: str,
    ) -> CommandResult:
        def result(state: str, text: str) -> CommandResult:
            return CommandResult(request.request, request.command, state, text)

        if not may(who.role, Right.CONFIGURE):
            why = _NOT_ALLOWED
        if why:
            await self._note(who, act, f"refused: {why}")
            return result("refused", why)
        try:
            if not await self._trail.claim(request.command, self._clock.now().utc):
                return result("refused", "This command was already carried out.")
            await self._trail.audit(who, _with(act, "requested"))
            sentence = await self._entered(who, act, action)
        except LinesideError as error:
            await self._note(who, act, f"refused: {error}")
            return result("refused", str(error))
        if sentence:
            await self._note(who, act, f"not confirmed: {sentence}")
            return result("not confirmed", sentence)
        await self._note(who, act, "done")
        return result("done", done)

    async def _entered(self, who: Who, act: Act, action: Substitute | ScanOff) -> str:
        """Carries it out; why it would not survive a restart as it should, as a sentence.

        Raises:
            RefusedError: the engine does not take it.
        """
        tags = [action.tag] if isinstance(action, Substitute) else action.tags.tolist()
        try:
            await self._enter(action)
        except StoreError as error:
            return f"{act.object_}: NOT CONFIRMED, it holds but is not stored: {error}"
        try:
            await self._told(who, tags, act.reason)
        except StoreError as error:
            return f"{act.object_}: NOT CONFIRMED, it holds but who did it, and why, is not stored: {error}"
        return ""

    async def _note(self, who: Who, act: Act, result: str) -> None:
        await note_result(self._trail, who, _with(act, result), self._alarm)


def _with(act: Act, result: str) -> Act:
    return Act(act.action, act.object_, result, act.old, act.new, act.unit, act.reason, act.correlation)


def _flaw_of_reason(reason: str, *, wanted: bool) -> str:
    if len(reason) > LONGEST:
        return f"A reason has {LONGEST:,} characters at most."
    return "Give a reason: everybody after you will ask." if wanted and not reason.strip() else ""
