"""What was known of a tag at given instants, by the simple bounds of OPC UA Part 13 (3.1.8, 3.1.9).

Nothing is invented across a hole: where the sample before is Bad there is no value, and where the one after cannot be
used the one before is held and marked Uncertain.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.quality import INFO_DATA_VALUE, INTERPOLATED, Status, is_bad, is_good, with_history
from hmi.historian.export.page import Page

_BETWEEN: Final = np.uint32(INFO_DATA_VALUE | INTERPOLATED)
_DOUBTFUL: Final = np.uint32(Status.UNCERTAIN_DATA_SUB_NORMAL | _BETWEEN)


def at_instants(known: Page, instants: Int64, *, stepped: bool, alive: int) -> Page:
    """The value at each instant (ns UTC, ascending): the sample itself if there is one; else the one before, held
    (stepped) or on the line to the next (sloped); before the first sample Bad_NoData. After the last sample it is held
    as Uncertain_DataSubNormal up to the time at which the store was last known to be written (`alive`, ns UTC), and
    Bad_NoData from then on.

    `known` holds the last sample at or before the first instant, if there is one, and everything from there to the
    first sample after the last instant.
    """
    if not len(known):
        return _nothing(instants)
    at = np.searchsorted(known.time, instants, "right") - 1
    before = np.maximum(at, 0)
    exact = (at >= 0) & (known.time[before] == instants)
    value, status = (
        known.value[before],
        with_history(known.status[before], np.full(len(before), INTERPOLATED, np.uint32)),
    )
    if not stepped:
        value, status = _sloped(known, instants, before)
    last = at == len(known) - 1
    status = np.where(exact, known.status[before], np.where(last, _DOUBTFUL, status))
    none = (at < 0) | ((is_bad(known.status[before]) | (last & (instants > alive))) & ~exact)
    return Page(
        instants,
        np.where(none, np.nan, np.where(exact, known.value[before], value)),
        np.where(none, np.uint32(Status.BAD_NO_DATA), status),
        None if known.text is None else _texts(known.text, before, none),
    )


def _sloped(known: Page, instants: Int64, before: NDArray[np.intp]) -> tuple[Float64, UInt32]:
    """Values on the line between neighbours; held and doubtful where the next is missing, not Good or no number."""
    last = len(known) - 1
    after = np.minimum(before + 1, last)
    left, right = known.value[before], known.value[after]
    usable = (before < last) & is_good(known.status[after]) & ~np.isnan(right) & ~np.isnan(left)
    span = np.where(usable, known.time[after] - known.time[before], 1)
    with np.errstate(invalid="ignore", over="ignore"):  # infinities among the samples
        line = left + (right - left) * ((instants - known.time[before]) / span)
    sure = usable & is_good(known.status[before])
    return np.where(usable, line, left), np.where(sure, _BETWEEN, _DOUBTFUL)


def _texts(text: list[str | None], before: NDArray[np.intp], none: NDArray[np.bool_]) -> list[str | None]:
    return [None if empty else text[row] for row, empty in zip(before.tolist(), none.tolist(), strict=True)]


def _nothing(instants: Int64) -> Page:
    rows = len(instants)
    return Page(instants, np.full(rows, np.nan), np.full(rows, Status.BAD_NO_DATA, np.uint32))
