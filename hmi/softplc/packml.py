"""The PackML state model (ISA-TR88.00.02) as tables, with the small machine that walks them.

Pure: time is handed in, commands are a set. Whatever is not in the tables is refused, so an operator's Start in the
wrong state does nothing, exactly as on a real machine.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from types import MappingProxyType


class State(IntEnum):
    """The 17 states, numbered as OPC 30050 numbers them."""

    CLEARING = 1
    STOPPED = 2
    STARTING = 3
    IDLE = 4
    SUSPENDED = 5
    EXECUTE = 6
    STOPPING = 7
    ABORTING = 8
    ABORTED = 9
    HOLDING = 10
    HELD = 11
    UNHOLDING = 12
    SUSPENDING = 13
    UNSUSPENDING = 14
    RESETTING = 15
    COMPLETING = 16
    COMPLETE = 17


class Command(IntEnum):
    """What may be asked of a machine."""

    RESET = 1
    START = 2
    STOP = 3
    HOLD = 4
    UNHOLD = 5
    SUSPEND = 6
    UNSUSPEND = 7
    ABORT = 8
    CLEAR = 9
    COMPLETE = 10


S, C = State, Command
STOPPABLE = frozenset(State) - {S.CLEARING, S.STOPPED, S.STOPPING, S.ABORTING, S.ABORTED}
ABORTABLE = frozenset(State) - {S.ABORTING, S.ABORTED}
HOLDABLE = (S.EXECUTE, S.STARTING, S.SUSPENDING, S.SUSPENDED, S.UNSUSPENDING, S.UNHOLDING)

TRANSITIONS: Mapping[tuple[State, Command], State] = MappingProxyType({
    (S.STOPPED, C.RESET): S.RESETTING,
    (S.COMPLETE, C.RESET): S.RESETTING,
    (S.IDLE, C.START): S.STARTING,
    **{(state, C.HOLD): S.HOLDING for state in HOLDABLE},
    (S.HELD, C.UNHOLD): S.UNHOLDING,
    (S.EXECUTE, C.SUSPEND): S.SUSPENDING,
    (S.SUSPENDED, C.UNSUSPEND): S.UNSUSPENDING,
    (S.EXECUTE, C.COMPLETE): S.COMPLETING,
    **{(state, C.STOP): S.STOPPING for state in STOPPABLE},
    **{(state, C.ABORT): S.ABORTING for state in ABORTABLE},
    (S.ABORTED, C.CLEAR): S.CLEARING,
})  # fmt: skip
"""Where a command leads; a pair that is missing is refused."""

COMPLETIONS: Mapping[State, State] = MappingProxyType({
    S.RESETTING: S.IDLE,
    S.STARTING: S.EXECUTE,
    S.HOLDING: S.HELD,
    S.UNHOLDING: S.EXECUTE,
    S.SUSPENDING: S.SUSPENDED,
    S.UNSUSPENDING: S.EXECUTE,
    S.COMPLETING: S.COMPLETE,
    S.STOPPING: S.STOPPED,
    S.ABORTING: S.ABORTED,
    S.CLEARING: S.STOPPED,
})  # fmt: skip
"""Where an acting state leads by itself when it is done."""

PRIORITY = (C.ABORT, C.STOP, C.HOLD, C.SUSPEND, C.RESET, C.START, C.UNHOLD, C.UNSUSPEND, C.CLEAR, C.COMPLETE)
"""Which of several simultaneous commands wins: the safer one."""

ACTING_SECONDS = 1.0


class StateMachine:
    """One machine's PackML state; acting states last `acting` seconds."""

    def __init__(self, state: State = State.EXECUTE, acting: float = ACTING_SECONDS) -> None:
        self.state = state
        self.elapsed = 0.0
        self._acting = acting

    def step(self, dt: float, commands: Iterable[Command]) -> Command | None:
        """Let `dt` seconds pass, then obey the most urgent allowed command; returns the one obeyed."""
        self.elapsed += dt
        if self.state in COMPLETIONS and self.elapsed >= self._acting:
            self._enter(COMPLETIONS[self.state])
        wanted = set(commands)
        for command in PRIORITY:
            target = TRANSITIONS.get((self.state, command))
            if command in wanted and target is not None:
                self._enter(target)
                return command
        return None

    def _enter(self, state: State) -> None:
        self.state = state
        self.elapsed = 0.0
