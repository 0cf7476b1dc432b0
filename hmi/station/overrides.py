"""What people set on tags beside their configuration: a value in place of their own, acquisition off; all audited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

import numpy as np

from hmi.core.actions import Action, ScanOff, Substitute
from hmi.core.rights import Action as Right
from hmi.core.rights import may
from hmi.drivers.api import Clock
from hmi.historian.api import StoreError
from hmi.link.messages import CommandResult, SetScan
from hmi.link.messages import Substitute as SubstituteRequest
from hmi.station.links import Link
from hmi.station.notes import LONGEST
from hmi.station.tag_table import TagTable
from hmi.station.trail import Act, NotConfirmedError, Orders, Trail
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
        self._orders = Orders(trail, clock, alarm)
        self._enter = enter
        self._told = told

    async def substitute(self, who: Who, request: SubstituteRequest) -> CommandResult:
        """Puts a value in place of a tag's own, or takes it away."""
        tag = self._table.tags.get(request.tag)
        path = tag.path if tag is not None else f"tag {request.tag}"
        what = "substitute" if request.value is not None else "substitute taken away"
        act = Act(what, path, "", new=request.value, reason=request.reason[:LONGEST])
        why = "" if tag is not None else "The station does not know this tag: the project has changed."
        why = why or _flaw_of_reason(request.reason, wanted=request.value is not None)
        action = Substitute(request.tag, request.value, who.user)
        done = f"{path} is substituted." if request.value is not None else f"{path} shows its own value again."
        return await self._carry_out(who, request, act, why, action, done)

    async def set_scan(self, who: Who, request: SetScan) -> CommandResult:
        """Switches acquisition of a tag, or of all tags of a connection, off or on."""
        tags, name = self._concerned(request)
        act = Act("scan on" if request.on else "scan off", name, "", reason=request.reason[:LONGEST])
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
        tags = [action.tag] if isinstance(action, Substitute) else action.tags.tolist()

        async def work() -> str:
            try:
                await self._enter(action)
            except StoreError as error:
                what = f"{act.object_}: NOT CONFIRMED, it holds but is not stored: {error}"
                raise NotConfirmedError(what) from error
            try:
                await self._told(who, tags, act.reason)
            except StoreError as error:
                what = f"{act.object_}: NOT CONFIRMED, it holds but who did it, and why, is not stored: {error}"
                raise NotConfirmedError(what) from error
            return done

        if not may(who.role, Right.CONFIGURE):
            why = _NOT_ALLOWED
        return await self._orders.carry_out(who, request, act, why, work)


def _flaw_of_reason(reason: str, *, wanted: bool) -> str:
    if len(reason) > LONGEST:
        return f"A reason has {LONGEST:,} characters at most."
    return "Give a reason: everybody after you will ask." if wanted and not reason.strip() else ""
