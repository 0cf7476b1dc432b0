"""What all PackML machines of the line do alike: buttons, door, hold, suspend and the reason they stopped."""

from dataclasses import dataclass, field
from enum import IntEnum

from hmi.softplc.packml import Command, State, StateMachine


class Reason(IntEnum):
    """Why a machine last left Execute."""

    NONE = 0
    DOOR = 1
    JAM = 2
    MATERIAL = 3
    LEVEL = 4
    TEMPERATURE = 5
    AIR = 6
    OPERATOR = 7
    STARVED = 8
    BLOCKED = 9


class Mode(IntEnum):
    """PackML unit modes of this line."""

    PRODUCTION = 1
    MAINTENANCE = 2
    MANUAL = 3


MODE_CHANGE = frozenset({State.STOPPED, State.IDLE, State.ABORTED})
BUTTONS = {
    "cmd_reset": Command.RESET,
    "cmd_start": Command.START,
    "cmd_stop": Command.STOP,
    "cmd_hold": Command.HOLD,
    "cmd_unhold": Command.UNHOLD,
    "cmd_abort": Command.ABORT,
    "cmd_clear": Command.CLEAR,
}


@dataclass
class Machine:
    """Base of every PackML unit; its public attributes are what the PLC serves."""

    state: int = int(State.EXECUTE)
    mode: int = int(Mode.PRODUCTION)
    reason: int = 0
    state_time: float = 0.0
    running: bool = True
    door_open: bool = False
    cmd_reset: bool = False
    cmd_start: bool = False
    cmd_stop: bool = False
    cmd_hold: bool = False
    cmd_unhold: bool = False
    cmd_abort: bool = False
    cmd_clear: bool = False
    _packml: StateMachine = field(default_factory=StateMachine)
    _mode: int = int(Mode.PRODUCTION)
    _external: bool = False

    def control(self, dt: float, *, hold: Reason = Reason.NONE, suspend: Reason = Reason.NONE) -> None:
        """One PLC scan: `hold` is a fault inside the machine, `suspend` a lack or a queue outside of it."""
        pressed = self._pressed()
        wanted = pressed | self._automatic(hold, suspend)
        if self.door_open:
            wanted = {Command.ABORT}
        done = self._packml.step(dt, wanted)
        if done is not None:
            self._note(done, pressed, hold, suspend)
        self.state = int(self._packml.state)
        self.state_time = self._packml.elapsed
        self.running = self._packml.state is State.EXECUTE
        self._keep_mode()

    def _pressed(self) -> set[Command]:
        commands = {command for name, command in BUTTONS.items() if getattr(self, name)}
        for name in BUTTONS:
            setattr(self, name, False)
        return commands

    def _automatic(self, hold: Reason, suspend: Reason) -> set[Command]:
        """What the PLC asks of its own machine; it only takes back what it began itself."""
        if hold:
            return {Command.HOLD}
        commands = set()
        if suspend:
            commands.add(Command.SUSPEND)
        elif self._packml.state is State.SUSPENDED:
            commands.add(Command.UNSUSPEND)
        if self._packml.state is State.HELD and self._external:
            commands.add(Command.UNHOLD)
        return commands

    def _note(self, done: Command, pressed: set[Command], hold: Reason, suspend: Reason) -> None:
        if done in (Command.START, Command.UNHOLD, Command.UNSUSPEND):
            self.reason = int(Reason.NONE)
        elif done is Command.ABORT and self.door_open:
            self.reason = int(Reason.DOOR)
        elif done is Command.SUSPEND:
            self.reason = int(suspend)
        elif done is Command.HOLD and hold:
            self.reason = int(hold)
        elif done in (Command.ABORT, Command.STOP, Command.HOLD):
            self.reason = int(Reason.OPERATOR)
        if done is Command.HOLD:
            self._external = bool(hold) and Command.HOLD not in pressed

    def _keep_mode(self) -> None:
        """A mode change outside Stopped, Idle or Aborted is taken back."""
        allowed = self._packml.state in MODE_CHANGE
        if allowed:
            self._mode = self.mode
        self.mode = self._mode
