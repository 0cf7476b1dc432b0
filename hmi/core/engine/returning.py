"""Returning: what a value that is usable again says of the time in which it was not.

History is ordered by the device's own stamps, the marks of an outage by the station's clock. Left as it is, a value
that did not change meanwhile would lie before the mark that it ends, and history would stay Bad as long as it holds.
Therefore such a value gets a row at the moment at which the station learns it, beside the one at its own time if
history does not have that yet. What the device stamped before that moment and sent after it takes over the same row, of
which history keeps the last one written: the newest word is the one that counts.

History policies go on from the row at that moment, so what is older is late to them, and they neither compress nor
remember it. Therefore it is stored even if its value is the same: the sample before a step is among it, and so is the
end of the gap where the outage was one of the line to the device alone.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from hmi.core.engine.columns import Columns
from hmi.core.engine.rounds import groups
from hmi.core.engine.rows import Index, Rows, Why
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import BoolArray, is_bad

LATE: Final = 60 * SECOND
"""A sample that is stamped longer than this before the return was not on its way: the device's clock is wrong."""


class Returning:
    """Gives the rows of tags that return their moment."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.has_begun = False
        """Whether there was a scan."""

    def apply(self, rows: Rows, clock: int, now: Instants) -> Rows:
        """The rows of a scan with what returning tags need added; `clock`: mono up to which the engine has run."""
        columns = self._columns
        if not self.has_begun:
            self._begin(now.utc - (now.mono - clock))
        touched = is_bad(rows.status) | is_bad(columns.status[rows.tag]) | (rows.time < columns.turned[rows.tag])
        if not touched.any():
            return rows
        affected = np.zeros(columns.size, np.bool_)
        affected[rows.tag[touched]] = True
        affected &= columns.connected
        which = np.flatnonzero(affected[rows.tag])
        moments = _Moments(rows.take(which), columns, now)
        return moments.added_to(rows, which) if (moments.added | moments.forced).any() else rows

    def _begin(self, utc: int) -> None:
        """Nothing was heard of any tag up to here."""
        self.has_begun = True
        columns = self._columns
        fresh = columns.turned == 0
        columns.turned[fresh] = utc - 1
        columns.known[fresh] = np.where(columns.time[fresh] == 0, utc, columns.time[fresh])


class _Moments:
    """When each of some rows counts, worked out tag by tag in the order of the rows."""

    def __init__(self, rows: Rows, columns: Columns, now: Instants) -> None:
        """Leaves in `columns` what is known of the tags after the rows."""
        self._rows, self._columns = rows, columns
        self._learned = now.utc - (now.mono - rows.at)
        self._bad = is_bad(rows.status)
        self._was_bad = is_bad(columns.status)
        self.added = np.zeros(len(rows), np.bool_)
        """Rows that count at another moment as well, `moment`."""
        self.moment = rows.time.copy()
        self.kept = np.ones(len(rows), np.bool_)
        """Rows that stand at their own time."""
        self.forced = np.zeros(len(rows), np.bool_)
        """Rows that are reported and stored at their own time even if the value is the same."""
        self._follow()

    def _follow(self) -> None:
        grouped = groups(self._rows.tag, self._columns.scratch)
        if grouped is None:
            self._next(np.arange(len(self._rows)))
            return
        for turn in grouped.rounds():
            self._next(turn)
        for _, remaining in grouped.tails():
            for row in remaining:
                self._next(np.array([row]))

    def _next(self, row: Index) -> None:
        """The next row of each of some tags."""
        columns, tag, time, bad = self._columns, self._rows.tag[row], self._rows.time[row], self._bad[row]
        is_sample = self._rows.why[row] == Why.SAMPLE
        turned, was_bad = columns.turned[tag], self._was_bad[tag]
        returns = was_bad & ~bad
        behind = returns & is_sample & (time <= turned)
        late = ~was_bad & is_sample & (time < turned) & (time > turned - LATE)
        moment = np.where(behind, np.maximum(self._learned[row], turned + 1), np.where(late, turned, time))
        self.moment[row], self.added[row] = moment, behind | late
        is_unknown = time > columns.known[tag]
        self.kept[row] = ~behind | is_unknown
        self.forced[row] = (late & is_unknown) | (returns & is_sample & ~behind)
        columns.known[tag] = np.where(bad & ~was_bad, turned, columns.known[tag])
        columns.turned[tag] = np.where(returns, moment, np.where(bad, np.maximum(turned, moment), turned))
        self._was_bad[tag] = bad

    def added_to(self, rows: Rows, which: Index) -> Rows:
        """All rows of the scan, each followed by the one that it needs."""
        added, kept, moment = np.zeros(len(rows), np.bool_), np.ones(len(rows), np.bool_), rows.time.copy()
        forced = np.zeros(len(rows), np.bool_)
        added[which], kept[which], moment[which], forced[which] = self.added, self.kept, self.moment, self.forced
        copies: Index = kept.astype(np.intp) + added
        place = np.repeat(np.arange(len(rows)), copies)
        is_added = _last_of(copies) & added[place]
        result = rows.take(place)
        result.time[is_added] = moment[place][is_added]
        # Reported and stored even if the value is the same: the moment is what is new.
        result.why[is_added | forced[place]] = Why.ENTERED
        return result


def _last_of(copies: Index) -> BoolArray:
    """Of rows repeated so many times, once at least, the last ones."""
    last = np.zeros(int(copies.sum()), np.bool_)
    last[np.cumsum(copies) - 1] = True
    return last
