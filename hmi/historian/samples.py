"""What people in Python get: columns of numpy arrays, and a pandas table of them for those who have pandas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.errors import LinesideError
from hmi.core.quality import is_bad, is_good
from hmi.historian.export.page import Page
from hmi.historian.rollup.columns import Trend, TrendSamples

Times = NDArray[np.datetime64]
Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples of one tag, or results made of them, in the order of the read; columns of equal length."""

    tag: str
    """The name it was asked by."""
    time: Times
    """datetime64[ns], UTC."""
    value: Float64
    """As stored, also what is Bad; NaN where the value is a text or none."""
    status: UInt32
    """OPC UA StatusCodes; see `hmi.core.quality`."""
    text: Texts | None = None
    """str or None by row; None altogether for a tag of numbers."""
    next_start: int | None = None
    """When the limit cut the read: what to give as start to go on (as end when reading backwards), ns UTC."""

    def __len__(self) -> int:
        return len(self.time)

    @property
    def good(self) -> NDArray[np.bool_]:
        """Rows whose value may be used as it is."""
        return is_good(self.status)

    def to_pandas(self) -> Any:
        """A DataFrame with the columns value (and text) and status, indexed by the time in UTC.

        Raises:
            LinesideError: pandas is not installed.
        """
        texts = {} if self.text is None else {"text": self.text}
        return _frame(self.time, {"value": self.value, **texts, "status": self.status})


def samples_of(tag: str, page: Page, next_start: int | None = None) -> Samples:
    """A page as a record for people."""
    text = None if page.text is None else np.array(page.text, object)
    return Samples(tag, page.time.view("datetime64[ns]"), page.value, page.status, text, next_start)


@dataclass(frozen=True, slots=True, eq=False)
class TrendPoints:
    """One tag's trend: a row for each column of the plot that has samples, or for each sample where they are few."""

    tag: str
    time: Times
    """Where the column begins, or the sample's own time; datetime64[ns], UTC. With few samples also the ones next
    outside the span."""
    first: Float64
    """First, smallest, largest and last value that may be drawn; NaN = there is none."""
    min: Float64
    max: Float64
    last: Float64
    count: Int64
    """Samples of the column, also those that must not be drawn."""
    status: UInt32
    """Code of the worst sample."""

    def __len__(self) -> int:
        return len(self.time)

    def to_pandas(self) -> Any:
        """A DataFrame with the columns first, min, max, last, count and status, indexed by the time in UTC.

        Raises:
            LinesideError: pandas is not installed.
        """
        names = ("first", "min", "max", "last", "count", "status")
        return _frame(self.time, {name: getattr(self, name) for name in names})


def points_of(tag: str, trend: Trend) -> TrendPoints:
    """A trend as a record for people."""
    if isinstance(trend, TrendSamples):
        value = np.where(is_bad(trend.status) | ~np.isfinite(trend.value), np.nan, trend.value)
        one = np.ones(len(trend), np.int64)
        return TrendPoints(tag, trend.time.view("datetime64[ns]"), value, value, value, value, one, trend.status)
    rows = np.flatnonzero(trend.count)
    time = (trend.grid.start + rows * trend.grid.width).view("datetime64[ns]")
    first, least, most, last = (column[rows] for column in (trend.first, trend.min, trend.max, trend.last))
    return TrendPoints(tag, time, first, least, most, last, trend.count[rows], trend.worst[rows])


def _frame(time: Times, columns: dict[str, Any]) -> Any:
    try:
        import pandas  # noqa: PLC0415 - no dependency: whoever has it may use it
    except ImportError as error:
        raise LinesideError("pandas is not installed.", "Run `pip install pandas`.") from error
    return pandas.DataFrame(columns, index=pandas.DatetimeIndex(time, name="time").tz_localize("UTC"))
