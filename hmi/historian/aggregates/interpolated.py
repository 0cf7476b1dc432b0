"""TimeAverage and Total: the area below straight lines through the usable samples, by interpolated bounds.

They are sloped for every tag, also a stepped one: so says the text of the standard, although its examples of Total
show steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hmi.core.batch import Float64, Int64
from hmi.core.quality import CALCULATED, BoolArray, Status
from hmi.historian.aggregates.bounds import Bounds, interpolated_bounds
from hmi.historian.aggregates.method import Answer, Cells, Spans, codes, infos
from hmi.historian.aggregates.pieces import FOREVER, Pieces
from hmi.historian.aggregates.rows import Rows, counted
from hmi.historian.aggregates.samples import GOOD, Samples


@dataclass(frozen=True, slots=True)
class Outline(Rows):
    """What lies below the straight lines in each cell."""

    area: Float64
    """Value x ns."""
    covered: Int64
    """ns from the first usable sample on."""
    doubt: BoolArray
    """A sample of the cell is not Good."""
    begin: Bounds
    """At the earlier edge."""
    end: Bounds

    def then(self, later: Outline) -> Outline:
        """See `Joining`."""
        return Outline(
            self.area + later.area,
            self.covered + later.covered,
            self.doubt | later.doubt,
            self.begin,
            later.end,
        )


@dataclass(frozen=True, slots=True)
class TimeInterpolated:
    """The method of both."""

    total: bool

    def measure(self, cells: Cells) -> Outline:
        """See `Method`."""
        rows = cells.samples.ok_rows()
        ok = cells.samples if rows is None else cells.samples.take(rows)
        config = replace(cells.config, stepped=False)
        bounds = interpolated_bounds(cells.samples, cells.edges, config)
        grade = cells.samples.grade
        doubt = np.zeros(len(cells), np.bool_) if grade is None else counted(grade != GOOD, cells.cuts) > 0
        if len(ok):
            pieces = Pieces.of(ok.time, cells.edges, FOREVER)
            rise = _last_rise(ok) if config.use_sloped_extrapolation else 0.0
            area = pieces.area(ok.value, ok.value[1:], rise, cells.known(stepped=False))
            covered = pieces.covered() - pieces.before()
        else:
            area, covered = np.zeros(len(cells)), np.zeros(len(cells), np.int64)
        return Outline(area, covered, doubt, bounds[:-1], bounds[1:])

    def finish(self, facts: Outline, spans: Spans) -> Answer:
        """See `Method`."""
        # A missing start bound is a grade below Good too.
        doubt = facts.doubt | (facts.begin.grade != GOOD) | (facts.end.grade != GOOD)
        value = facts.area / (1e9 if self.total else np.maximum(facts.covered, 1))
        status = codes(doubt, Status.UNCERTAIN_DATA_SUB_NORMAL)
        return Answer(value, status, infos(len(spans), CALCULATED), no_data=facts.covered == 0)


def _last_rise(ok: Samples) -> float:
    """Rise a ns after the last usable sample, along the last two."""
    if len(ok) < 2:
        return 0.0
    return float((ok.value[-1] - ok.value[-2]) / (ok.time[-1] - ok.time[-2]))
