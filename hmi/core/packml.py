"""PackML: in which states a machine obeys a command (ISA-TR88.00.02), by the names of both.

By name, because products number the states differently. The machine itself decides; this only says what to expect.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_ACTING: Final = (
    "clearing", "starting", "stopping", "aborting", "holding", "unholding", "suspending", "unsuspending", "resetting",
    "completing",
)  # fmt: skip
_STATES: Final = frozenset((*_ACTING, "stopped", "idle", "suspended", "execute", "aborted", "held", "complete"))
_OBEYED_IN: Final[Mapping[str, frozenset[str]]] = MappingProxyType({
    "reset": frozenset(("stopped", "complete")),
    "start": frozenset(("idle",)),
    "hold": frozenset(("execute", "starting", "suspending", "suspended", "unsuspending", "unholding")),
    "unhold": frozenset(("held",)),
    "suspend": frozenset(("execute",)),
    "unsuspend": frozenset(("suspended",)),
    "complete": frozenset(("execute",)),
    "stop": _STATES - {"clearing", "stopped", "stopping", "aborting", "aborted"},
    "abort": _STATES - {"aborting", "aborted"},
    "clear": frozenset(("aborted",)),
})  # fmt: skip
_READYING: Final[Mapping[str, str]] = MappingProxyType({"clear": "stopped", "reset": "idle"})
"""Commands that ready a machine that stands, and the state they end in."""


def obeys(state: str, command: str) -> bool:
    """Whether the command does something in this state; True where either is no word of PackML: who knows."""
    states, state = _OBEYED_IN.get(command.lower()), state.lower()
    return states is None or state not in _STATES or state in states


def steps_before(state: str, command: str) -> tuple[str, ...]:
    """The commands that bring a standing machine from a state into one in which it obeys `command`.

    Only what readies it (clear, reset): nobody is told to stop a machine in order to start it. Empty: none needed,
    or there is no such way.
    """
    steps: list[str] = []
    state = state.lower()
    while not obeys(state, command):
        step = next((name for name in _READYING if name != command and state in _OBEYED_IN[name]), "")
        if not step:
            return ()
        steps.append(step)
        state = _READYING[step]
    return tuple(steps)


def command_of(path: str) -> str:
    """The command that a tag `.../cmd_<command>` gives; empty for another tag."""
    word = path.rpartition("/")[2]
    return word.removeprefix("cmd_") if word.startswith("cmd_") else ""
