"""Acknowledging alarms: journalled, decided by the engine in its next scan, confirmed only after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from hmi.core.actions import Acknowledge, Action
from hmi.core.alarm_state import AlarmEvent
from hmi.core.effects import Effects
from hmi.core.errors import LinesideError
from hmi.core.rights import Action as Right
from hmi.core.rights import may
from hmi.drivers.api import Clock
from hmi.link.messages import AcknowledgeAlarms, CommandResult
from hmi.station.confirmed import confirm
from hmi.station.trail import Act, Trail, note_result
from hmi.station.who import Who

MOST_ALARMS = 1000
"""Alarms in one acknowledgement."""

_NAMED = 20
"""Alarms an audit record names."""


class Named(Protocol):
    """Finds the name of an alarm for people."""

    def __call__(self, alarm: str) -> str:
        """`tag path/alarm id`."""
        ...


@dataclass
class _Waiting:
    """Acknowledgements handed to the engine and not yet decided."""

    left: set[Acknowledge]
    done: asyncio.Future[None]
    refused: list[str] = field(default_factory=list)


class Acknowledgements:
    """Every acknowledgement of every interface passes here."""

    def __init__(
        self,
        trail: Trail,
        clock: Clock,
        post: Callable[[Action], None],
        named: Named,
        alarm: Callable[[str], None],
    ) -> None:
        """`post` hands an action to the next scan; `alarm` raises a system event that operators see."""
        self._trail = trail
        self._clock = clock
        self._post = post
        self._named = named
        self._alarm = alarm
        self._waiting: list[_Waiting] = []

    async def acknowledge(self, who: Who, request: AcknowledgeAlarms) -> CommandResult:
        """Acknowledges the annunciations a person saw; the sentence names what was refused."""

        def result(state: str, text: str) -> CommandResult:
            return CommandResult(request.request, request.command, state, text)

        if not may(who.role, Right.ACKNOWLEDGE):
            return result("refused", await self._denied(who, request))
        if not request.alarms or len(request.alarms) > MOST_ALARMS:
            return result("refused", f"Acknowledge between 1 and {MOST_ALARMS} alarms at once.")
        try:
            if not await self._trail.claim(request.command, self._clock.now().utc):
                return result("refused", "This acknowledgement was already carried out.")
            waiting = self._hand_over(who, request)
            await waiting.done
        except LinesideError as error:
            return result("unknown", f"The journal cannot be written: {error}")
        await self._note(who, request, f"refused: {' '.join(waiting.refused)}" if waiting.refused else "done")
        count = len(request.alarms) - len(waiting.refused)
        if waiting.refused:
            return result("refused" if count == 0 else "done", " ".join(waiting.refused[:3]))
        return result("done", f"{count} {'alarm' if count == 1 else 'alarms'} acknowledged.")

    async def _denied(self, who: Who, request: AcknowledgeAlarms) -> str:
        why = "Sign in as an operator to acknowledge alarms."
        await self._note(who, request, f"refused: {why}")
        return why

    def _hand_over(self, who: Who, request: AcknowledgeAlarms) -> _Waiting:
        actions = {Acknowledge(alarm, event, who.user, request.comment[:500]) for alarm, event in request.alarms}
        waiting = _Waiting(set(actions), asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        for action in sorted(actions, key=lambda a: a.event):
            self._post(action)
        return waiting

    async def _note(self, who: Who, request: AcknowledgeAlarms, result: str) -> None:
        names = ", ".join(f"{self._named(alarm)} (event {event})" for alarm, event in request.alarms[:_NAMED])
        if len(request.alarms) > _NAMED:
            names += f" and {len(request.alarms) - _NAMED} more (each is in the alarm journal)"
        act = Act("acknowledge", names, result, reason=request.comment, correlation=request.command)
        await note_result(self._trail, who, act, self._alarm)

    def decided(self, effects: Effects, committed: Future[None]) -> None:
        """Takes over what a scan decided; callers hear of it when `committed` is done."""
        if not self._waiting:
            return
        # By identity: two panels of one user may acknowledge the same alarm in the same scan, and the first one did.
        refused = {id(refusal.action): refusal.why for refusal in effects.refusals}
        taken = {(t.alarm, t.user) for t in effects.transitions if t.what is AlarmEvent.ACKNOWLEDGE}
        for waiting in list(self._waiting):
            for action in list(waiting.left):
                if id(action) in refused:
                    waiting.refused.append(refused[id(action)])
                elif (action.alarm, action.user) not in taken:
                    continue
                waiting.left.discard(action)
            if not waiting.left:
                self._waiting.remove(waiting)
                confirm(waiting.done, committed)
