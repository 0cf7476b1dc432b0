"""History policy: which reported samples are worth keeping."""

from __future__ import annotations

import numpy as np

from hmi.core.engine.columns import Columns
from hmi.core.engine.rounds import Column, groups, reported
from hmi.core.engine.rows import Rows, Why
from hmi.core.quality import BoolArray


def worth_storing(columns: Columns, rows: Rows) -> BoolArray | None:
    """Which reported rows go to history, None = all of them; remembers what was given.

    A change of quality always goes, a value when it left the history deadband around the last one given, and what a
    person entered in any case. A value retained over a restart goes only if history does not have it yet.
    """
    wanted = None if columns.stores_all else columns.stored[rows.tag]
    inside = (rows.why == Why.RETAINED) | (rows.why == Why.ENTERED)
    if columns.has_history_deadband or inside.any():
        careful = np.flatnonzero((columns.history_deadband[rows.tag] > 0) | inside)
        if len(careful):
            news = _news(columns, rows.take(careful))
            wanted = np.ones(len(rows), np.bool_) if wanted is None else wanted
            wanted[careful] &= news
            given = careful[news]
            columns.history_value[rows.tag[given]] = rows.value[given]
            columns.history_status[rows.tag[given]] = rows.status[given]
    return wanted


def _news(columns: Columns, rows: Rows) -> BoolArray:
    last = columns.history_value[rows.tag]
    last = np.where(columns.is_text[rows.tag], rows.value, last)
    column = Column(
        rows.value,
        rows.status,
        last,
        columns.history_status[rows.tag],
        columns.history_deadband[rows.tag],
        rows.why == Why.ENTERED,
        None,
    )
    return reported(column, groups(rows.tag, columns.scratch))
