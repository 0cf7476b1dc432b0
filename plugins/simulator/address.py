"""How a simulated point is written: `sine:period=60,low=0,high=100`, `csv:level`, `memory:setpoint`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from hmi.core.tag import TagType
from hmi.drivers.api import AddressError

_WAVE: Final = {"period": 60.0, "low": 0.0, "high": 100.0, "phase": 0.0}
SIGNALS: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "sine": _WAVE,
        "ramp": _WAVE,
        "square": {**_WAVE, "duty": 0.5},
        "walk": {"low": 0.0, "high": 100.0, "step": 1.0, "seed": 0.0},
    }
)
"""Settings of each signal with what holds when they are left out; period in seconds, phase and duty as part of it."""
PLACES: Final = ("csv", "memory")
_NAME: Final = re.compile(r"[A-Za-z_][\w.\- ]*")


@dataclass(frozen=True, slots=True)
class Signal:
    """A value that is a function of time; a walk also of what came before."""

    kind: str
    settings: tuple[tuple[str, float], ...]
    """In the order of `SIGNALS`, so that equal signals are equal."""

    def __getitem__(self, name: str) -> float:
        return dict(self.settings)[name]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the recording that is played."""

    name: str
    text: bool


@dataclass(frozen=True, slots=True)
class Memory:
    """A value that stays as it was written."""

    name: str
    text: bool


Address = Signal | Column | Memory


def parse_address(text: str, type_: TagType) -> Address:
    """A signal, a column or a memory.

    Raises:
        AddressError: with an example that is right.
    """
    kind, _, rest = text.strip().partition(":")
    is_text = type_ is TagType.STRING
    if kind in PLACES:
        if not _NAME.fullmatch(rest):
            raise AddressError(f"'{text}' names nothing.", f"Example: {kind}:level.")
        return Column(rest, is_text) if kind == "csv" else Memory(rest, is_text)
    if kind not in SIGNALS:
        known = ", ".join((*SIGNALS, *PLACES))
        raise AddressError(f"'{text}' is no simulated point.", f"Begin with one of: {known}. Example: sine:period=60.")
    if is_text:
        raise AddressError(f"'{text}' is a number, the tag is a text.", "Use memory:NAME or csv:NAME.")
    return Signal(kind, _settings(text, kind, rest))


def _settings(text: str, kind: str, rest: str) -> tuple[tuple[str, float], ...]:
    known = dict(SIGNALS[kind])
    for part in filter(None, rest.split(",")):
        name, _, number = part.partition("=")
        if name not in known:
            raise AddressError(f"'{text}': {kind} has no '{name}'.", f"It has: {', '.join(known)}.")
        try:
            known[name] = float(number)
        except ValueError as fault:
            raise AddressError(f"'{text}': '{number}' is no number.", f"Example: {kind}:{name}=10.") from fault
    _require(text, known["low"] < known["high"], "low must be below high")
    _require(text, known.get("period", 1.0) > 0, "period must be more than 0 seconds")
    _require(text, 0 < known.get("duty", 0.5) < 1, "duty must be between 0 and 1")
    _require(text, known.get("step", 1.0) > 0, "step must be more than 0")
    return tuple(known.items())


def _require(text: str, fact: bool, sentence: str) -> None:
    if not fact:
        raise AddressError(f"'{text}': {sentence}.", "Example: sine:period=60,low=0,high=100.")
