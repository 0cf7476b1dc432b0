"""News: which samples of a scan say something new of their tags, by quality, live deadband and alarm limits."""

from __future__ import annotations

import numpy as np

from hmi.core.engine.columns import Columns
from hmi.core.engine.rounds import Column, groups, reported
from hmi.core.engine.rows import Rows, Why
from hmi.core.engine.sides import Sides
from hmi.core.quality import BoolArray


def news_among(columns: Columns, sides: Sides, rows: Rows) -> BoolArray:
    """Which rows say something new of their tag."""
    if not len(rows):
        return np.empty(0, np.bool_)
    special = bool(rows.why.any())
    column = Column(
        rows.value,
        rows.status,
        columns.last_values(rows.tag, rows.texts),
        columns.status[rows.tag],
        columns.deadband[rows.tag],
        (rows.why == Why.ENTERED) | (rows.why == Why.RETAINED) if special else None,
        rows.why == Why.STALE if special else None,
        (lambda which, value, last: sides.differ(rows.tag[which], value, last)) if sides.any else None,
    )
    return reported(column, groups(rows.tag, columns.scratch))
