"""Columns that belong together row by row, and what is needed to cut and to reduce them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Int64


@dataclass(frozen=True, slots=True)
class Rows:
    """A record of arrays (or such records) of equal length."""

    def __getitem__(self, part: slice | NDArray[np.intp]) -> Self:
        """The same columns of some rows."""
        return replace(self, **{f.name: getattr(self, f.name)[part] for f in fields(self)})

    def choose(self, other: Self, where: NDArray[np.bool_]) -> Self:
        """Row by row, this one where True, else the other."""
        columns: dict[str, Any] = {}
        for field in fields(self):
            mine, others = getattr(self, field.name), getattr(other, field.name)
            columns[field.name] = (
                mine.choose(others, where) if isinstance(mine, Rows) else np.where(where, mine, others)
            )
        return replace(self, **columns)


def reduced(
    how: np.ufunc, values: NDArray[Any], first: NDArray[np.intp], stop: NDArray[np.intp], empty: Any
) -> NDArray[Any]:
    """`how` over values[first[k]:stop[k]] for each k; ranges ascend and do not overlap; `empty` where there is none.

    numpy adds each range in pairs, so a long sum loses no more than a short one.
    """
    out = np.full(len(first), empty, values.dtype)
    filled = np.flatnonzero(stop > first)
    if len(filled):
        points = np.empty(2 * len(filled), np.intp)
        points[0::2], points[1::2] = first[filled], stop[filled]
        if points[-1] == len(values):
            points = points[:-1]
        out[filled] = how.reduceat(values, points)[::2]
    return out


def counted(flag: NDArray[np.bool_], cuts: NDArray[np.intp]) -> Int64:
    """How many are True between neighbouring cuts."""
    return np.diff(np.searchsorted(np.flatnonzero(flag), cuts)).astype(np.int64)
