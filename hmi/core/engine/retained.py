"""What outlives an engine: last values, memories of expressions, states of alarms with the time left to their delays.

The copy is plain data keyed by uids and alarm names, so that it fits a project in which tags came, went or moved.
Monotonic instants mean nothing to another process: they are kept as the time left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from hmi.core.alarm_state import AlarmState
from hmi.core.batch import Float64, Int64
from hmi.core.engine.alarm_table import UNKNOWN, UNSEEN, AlarmTable
from hmi.core.engine.columns import NEVER, Columns
from hmi.core.engine.rows import Index
from hmi.core.instants import Instants
from hmi.core.quality import BoolArray, Status, is_bad

VERSION: Final = 1

_T = TypeVar("_T", bound=np.generic)


def save_tags(columns: Columns, table: AlarmTable, mono: int) -> dict[str, Any]:
    """Live state of all tags in columns; NaN as None."""
    ids = columns.ids
    return {
        "uid": [columns.tags[at].uid for at in ids.tolist()],
        "value": _numbers(columns.value[ids]),
        "text": {columns.tags[at].uid: text for at, text in columns.text.items()},
        "status": columns.status[ids].tolist(),
        "time": columns.time[ids].tolist(),
        "sampled": columns.sampled[ids].tolist(),
        "stale_in": _left(columns.stale_at[ids], mono),
        "stored_value": _numbers(columns.history_value[ids]),
        "stored_status": columns.history_status[ids].tolist(),
        "health": table.health[ids].tolist(),
    }


def load_tags(saved: Mapping[str, Any], columns: Columns, table: AlarmTable, now: Instants, *, running: bool) -> None:
    """Take over the live state: whole while running, otherwise sources begin to wait with their last value."""
    ids = {tag.uid: at for at, tag in columns.tags.items()}
    known = [(row, ids[uid]) for row, uid in enumerate(saved["uid"]) if uid in ids]
    source, at = np.array([k[0] for k in known], np.intp), np.array([k[1] for k in known], np.intp)
    status = np.array(saved["status"], np.uint32)[source]
    whole = np.full(len(at), running) | (columns.kept[at] & ~is_bad(status))
    shown = whole | columns.connected[at]
    _take(columns.value, at, _floats(saved["value"])[source], shown & ~columns.is_text[at])
    _take(columns.time, at, np.array(saved["time"], np.int64)[source], shown)
    _take(columns.status, at, status, whole)
    _take(columns.history_value, at, _floats(saved["stored_value"])[source], whole)
    _take(columns.history_status, at, np.array(saved["stored_status"], np.uint32)[source], whole)
    for uid, text in saved["text"].items():
        if uid in ids and columns.is_text[ids[uid]]:
            columns.text[ids[uid]] = text
    table.found_at_start[at] = table.has_alarm[at] & (not running)
    if running:
        live = columns.connected[at]
        _take(columns.sampled, at, np.array(saved["sampled"], np.bool_)[source], live)
        _take(columns.stale_at, at, _due(saved["stale_in"], now.mono)[source], live)
        table.health[at] = np.array(saved["health"], np.int8)[source]


def save_alarms(table: AlarmTable, mono: int) -> dict[str, Any]:
    """State of every alarm that something ever happened to."""
    met = (table.condition != UNKNOWN) | (table.latch != 0) | (np.array(table.annunciation, np.int64) != 0)
    return {table.names[number]: _save_alarm(table, number, mono) for number in np.flatnonzero(met).tolist()}


def _save_alarm(table: AlarmTable, number: int, mono: int) -> dict[str, Any]:
    time, value, status = table.last_change[number]
    pending = int(table.pending[number])
    return {
        "latch": int(table.latch[number]),
        "condition": int(table.condition[number]),
        "active": int(table.active[number]),
        "left": None if pending == NEVER else pending - mono,
        "at_start": bool(table.pending_at_start[number]),
        "state": table.state[number].value,
        "annunciation": table.annunciation[number],
        "last_event": table.last_event[number],
        "since": table.since[number],
        "change": [time, None if np.isnan(value) else value, status],
    }


def load_alarms(saved: Mapping[str, Any], table: AlarmTable, now: Instants) -> list[str]:
    """Take over the states of alarms; the names of announced ones that the project no longer has."""
    lost = []
    for name, kept in saved.items():
        number = table.numbers.get(name)
        if number is None:
            if kept["state"] != AlarmState.NORMAL.value:
                lost.append(name)
            continue
        table.latch[number] = kept["latch"]
        table.condition[number] = kept["condition"]
        table.active[number] = kept["active"]
        table.pending[number] = NEVER if kept["left"] is None else now.mono + int(kept["left"])
        table.pending_at_start[number] = kept["at_start"]
        table.state[number] = AlarmState(kept["state"])
        table.annunciation[number] = kept["annunciation"]
        table.last_event[number] = kept["last_event"]
        table.since[number] = kept["since"]
        time, value, status = kept["change"]
        table.last_change[number] = (time, float("nan") if value is None else value, status)
    table.frame(np.flatnonzero(table.has_alarm))
    return lost


def tags_to_review(columns: Columns, table: AlarmTable) -> Index:
    """Tags whose alarms must be looked at although no sample comes: their limits may have been edited."""
    known = table.has_alarm & (table.health != UNSEEN) & (columns.status != Status.BAD_WAITING_FOR_INITIAL_DATA)
    return np.flatnonzero(known)


def _take(target: NDArray[_T], at: Index, values: NDArray[_T], which: BoolArray) -> None:
    target[at[which]] = values[which]


def _numbers(values: Float64) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124  # NaN


def _floats(values: list[float | None]) -> Float64:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _left(deadlines: Int64, mono: int) -> list[int | None]:
    return [None if deadline == NEVER else deadline - mono for deadline in deadlines.tolist()]


def _due(left: list[int | None], mono: int) -> Int64:
    return np.array([NEVER if span is None else mono + span for span in left], np.int64)
