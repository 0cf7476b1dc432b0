"""What history policies keep back outlives an engine: accepted samples that are not stored yet are not lost.

Over a restart these samples are all that counts, and of memory and manual tags what history already has. Only while
the same process runs (its project was edited) the policies go on where they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Batch, batch_of, join
from hmi.core.engine.columns import Columns
from hmi.core.engine.history import HistoryPolicies
from hmi.core.engine.retained import packed, unpacked
from hmi.core.engine.rows import Index
from hmi.core.engine.track import NEVER_SENT
from hmi.core.quality import BoolArray

_KEPT_BACK: Final = ("there", "time", "value", "status")
_OVER_RESTART: Final = (
    *("time", "value", "status"),
    *(f"{place}.{name}" for place in ("held", "pending") for name in _KEPT_BACK),
)


def save_history(columns: Columns, policies: HistoryPolicies, *, running: bool) -> dict[str, Any]:
    """State of the policies: whole while running, otherwise of the slots that have something to keep."""
    state, tags = policies.reporting.columns(), columns.tags
    wanted = np.ones(len(policies.tags), np.bool_)
    if not running:
        wanted = state["held.there"] | state["pending.there"] | columns.kept[policies.tags]
    return {
        "uids": [tags[at].uid for at in policies.tags[wanted].tolist()],
        "texts": {tags[tag].uid: policies.texts[at] for at, tag in _text_slots(policies) if wanted[at]},
        "columns": {name: packed(state[name][wanted]) for name in (state if running else _OVER_RESTART)},
    }


def load_history(saved: Mapping[str, Any], columns: Columns, policies: HistoryPolicies, *, running: bool) -> None:
    """Take over what was saved; what a tag's policy keeps back no more is released, to be stored at once."""
    ids = {tag.uid: at for at, tag in columns.tags.items()}
    rows = np.array([row for row, uid in enumerate(saved["uids"]) if uid in ids], np.intp)
    tags = np.array([ids[uid] for uid in saved["uids"] if uid in ids], np.intp)
    texts = {ids[uid]: (sent, pending) for uid, (sent, pending) in saved["texts"].items() if uid in ids}
    state = policies.reporting.columns()
    kept = {name: unpacked(text, state[name].dtype)[rows] for name, text in saved["columns"].items()}
    for place, possible in (("held", policies.reporting.doors.exists), ("pending", policies.reporting.remembers)):
        homeless = kept[f"{place}.there"] & ~np.isin(tags, policies.tags[possible])
        policies.released = join([policies.released, _batch(tags, kept, place, homeless, texts)])
        kept[f"{place}.there"] &= ~homeless
    slots = policies.slot_of[tags]
    for name, column in kept.items():
        state[name][slots[slots >= 0]] = column[slots >= 0]
    policies.texts |= {at: texts[tag] for at, tag in _text_slots(policies) if tag in texts}
    if not running:
        # A source's first sample after a restart is stored, whatever it says.
        state["status"][~columns.kept[policies.tags]] = NEVER_SENT
    policies.look_ahead()


def _text_slots(policies: HistoryPolicies) -> list[tuple[int, int]]:
    return [(at, int(policies.tags[at])) for at in policies.texts]


def _batch(
    tags: Index, kept: Mapping[str, NDArray[Any]], place: str, which: BoolArray, texts: Mapping[int, tuple[str, str]]
) -> Batch:
    """Samples that were kept back, as they are stored."""
    time, value, status = (kept[f"{place}.{name}"][which].tolist() for name in ("time", "value", "status"))
    tag = tags[which].tolist()
    said = [texts[at][1] if at in texts else number for at, number in zip(tag, value, strict=True)]
    return batch_of(tag, time, [0] * len(tag), said, status)
