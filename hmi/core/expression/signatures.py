"""The functions of the language: how many arguments each takes, of what kind, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import Final


class ResultType(StrEnum):
    """Kind of a value. A boolean is also a number (0 or 1); a number is not a condition; text is apart."""

    NUMBER = "number"
    BOOL = "bool"
    STRING = "string"


class Param(Enum):
    """What an argument must be."""

    NUMBER = auto()
    BOOL = auto()
    ANY = auto()
    """Any kind; says nothing about the result."""
    SAME = auto()
    """Any kind, but all SAME arguments agree, and the result is of that kind."""
    PERIOD = auto()
    """A number above 0 typed as such."""
    SECONDS = auto()
    """A number; one typed as such is 0 to `MAX_SECONDS`."""
    DIGITS = auto()
    """A whole number 0 to 12 typed as such."""
    BIT = auto()
    """A number; one typed as such is whole and 0 to 52."""


MAX_SECONDS: Final = 366 * 86_400.0
"""Longest on-delay: a year; longer ones are a mistake in the unit."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Arguments of a function, the last `optional` of which may be left out; `repeat` repeats the last one."""

    params: tuple[Param, ...]
    result: ResultType | None
    """None: the kind of the SAME arguments."""
    optional: int = 0
    repeat: int = 0
    stateful: bool = False

    @property
    def least(self) -> int:
        """Fewest arguments."""
        return len(self.params) - self.optional

    @property
    def most(self) -> int:
        """Most arguments."""
        return len(self.params) + self.repeat

    def param(self, index: int) -> Param:
        """What argument `index` must be."""
        return self.params[min(index, len(self.params) - 1)]


_N, _B, _T = ResultType.NUMBER, ResultType.BOOL, Param.SAME
_ONE: Final = Signature((Param.NUMBER,), _N)
_MANY: Final = Signature((Param.NUMBER, Param.NUMBER), _N, repeat=62)
_EDGE: Final = Signature((Param.BOOL,), _B, stateful=True)

SIGNATURES: Final = MappingProxyType(
    {
        "if": Signature((Param.BOOL, _T, _T), None),
        "ifbad": Signature((_T, _T), None),
        "quality": Signature((Param.ANY,), _N),
        "good": Signature((Param.ANY,), _B),
        "min": _MANY,
        "max": _MANY,
        "avg": _MANY,
        "abs": _ONE,
        "sqrt": _ONE,
        "exp": _ONE,
        "ln": _ONE,
        "log10": _ONE,
        "sin": _ONE,
        "cos": _ONE,
        "floor": _ONE,
        "ceil": _ONE,
        "round": Signature((Param.NUMBER, Param.DIGITS), _N, optional=1),
        "clamp": Signature((Param.NUMBER,) * 3, _N),
        "between": Signature((Param.NUMBER,) * 3, _B),
        "bit": Signature((Param.NUMBER, Param.BIT), _B),
        "totaliser": Signature((Param.NUMBER, Param.PERIOD, Param.BOOL), _N, optional=1, stateful=True),
        "run_hours": Signature((Param.BOOL, Param.BOOL), _N, optional=1, stateful=True),
        "start_count": Signature((Param.BOOL, Param.BOOL), _N, optional=1, stateful=True),
        "edge": _EDGE,
        "rising": _EDGE,
        "falling": _EDGE,
        "timer": Signature((Param.BOOL, Param.SECONDS), _B, stateful=True),
        "previous": Signature((_T,), None, stateful=True),
    }
)
