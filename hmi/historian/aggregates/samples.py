"""Stored samples as the aggregates look at them: what each is worth, and no value where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.quality import Status, is_bad, is_good, with_history
from hmi.historian.aggregates.config import AggregateConfig

Grades = NDArray[np.int8]

BAD: Final = 0
UNCERTAIN: Final = 1
GOOD: Final = 2


@dataclass(frozen=True, slots=True)
class Samples:
    """One tag's samples, ascending in time, each time once."""

    time: Int64
    """ns UTC."""
    value: Float64
    """0 where the grade is Bad."""
    status: UInt32
    """The stored code without history bits; Bad where a Good one came without a finite number."""
    grade: Grades | None
    """BAD, UNCERTAIN or GOOD; None: all are Good."""
    usable: Grades | None
    """The same with Uncertain as Bad when the configuration says so; None: all are Good."""

    def __len__(self) -> int:
        return len(self.time)

    def take(self, rows: slice | NDArray[np.intp]) -> Samples:
        """Some of them, in time order."""
        grade = None if self.grade is None else self.grade[rows]
        usable = None if self.usable is None else self.usable[rows]
        return Samples(self.time[rows], self.value[rows], self.status[rows], grade, usable)

    def usable_count(self) -> int:
        """How many may be calculated with."""
        return len(self) if self.usable is None else int(np.count_nonzero(self.usable))

    def ok_rows(self) -> NDArray[np.intp] | None:
        """Those that may be calculated with; None: all."""
        return None if self.usable is None else np.flatnonzero(self.usable)

    def good_rows(self) -> NDArray[np.intp] | None:
        """Those that are Good; None: all."""
        return None if self.grade is None else np.flatnonzero(self.grade == GOOD)


def samples_of(time: Int64, value: Float64, status: UInt32, config: AggregateConfig) -> Samples:
    """Judges stored samples: a code of Bad severity, and a value that is no finite number, is Bad."""
    finite = np.isfinite(value)
    whole = bool(finite.all())
    if whole and not status.any():
        return Samples(time, value, status, None, None)
    # Most samples are plainly Good: the others are judged by themselves.
    marked = np.flatnonzero(status != 0 if whole else (status != 0) | ~finite)
    code = np.where(finite[marked] | is_bad(status[marked]), status[marked], np.uint32(Status.BAD))
    status = status.copy()
    status[marked] = code = with_history(code, np.zeros_like(code))
    worth = np.where(is_bad(code), BAD, np.where(is_good(code), GOOD, UNCERTAIN))
    if (worth == GOOD).all():
        return Samples(time, value, status, None, None)
    value = value.copy()
    value[marked[worth == BAD]] = 0.0
    grade = np.full(len(time), GOOD, np.int8)
    grade[marked] = worth
    usable = grade
    if config.treat_uncertain_as_bad:
        usable = grade.copy()
        usable[marked[worth == UNCERTAIN]] = BAD
    return Samples(time, value, status, grade, usable)


def join(parts: Sequence[Samples]) -> Samples:
    """Samples that follow each other, as one."""
    parts = [part for part in parts if len(part)] or list(parts[:1])
    if len(parts) == 1:
        return parts[0]
    return Samples(
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.status for part in parts]),
        _joined([part.grade for part in parts], parts),
        _joined([part.usable for part in parts], parts),
    )


def _joined(grades: list[Grades | None], parts: Sequence[Samples]) -> Grades | None:
    if all(grade is None for grade in grades):
        return None
    filled = [np.full(len(part), GOOD, np.int8) if g is None else g for g, part in zip(grades, parts, strict=True)]
    return np.concatenate(filled)
