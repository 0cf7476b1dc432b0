"""What outlives an engine: last values and states of alarms, with the time left to their delays.

The copy is JSON-able and keyed by uids and alarm names, so that it fits a project in which tags came, went or moved.
It is made within a scan: values are packed columns (little-endian, base64), and alarms that are at rest are left out.
Monotonic instants mean nothing to another process: they are kept as the time left.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hmi.core.alarm_state import AlarmEvent, AlarmState, is_active
from hmi.core.effects import Transition
from hmi.core.engine.alarm_table import STATES, AlarmTable
from hmi.core.engine.columns import NEVER, Columns
from hmi.core.engine.rows import Index
from hmi.core.instants import Instants
from hmi.core.quality import BoolArray, Status, is_bad

VERSION: Final = 2

_T = TypeVar("_T", bound=np.generic)
_COLUMNS: Final = ("value", "status", "time")
"""Columns a restart needs."""
_RUNNING: Final = ("sampled", "stale_at", "turned", "known")
"""Columns that mean something only while the same process runs."""


def save_tags(columns: Columns, table: AlarmTable, *, running: bool) -> dict[str, Any]:
    """Live state of all tags; `running` adds what only the same process can use."""
    ids = columns.ids
    saved = {
        "uids": columns.uids,
        "text": {columns.tags[at].uid: text for at, text in columns.text.items()},
        **{name: packed(getattr(columns, name)[ids]) for name in _COLUMNS},
    }
    if running:
        saved |= {name: packed(getattr(columns, name)[ids]) for name in _RUNNING}
        saved["health"] = packed(table.health[ids])
    return saved


def load_tags(saved: Mapping[str, Any], columns: Columns, table: AlarmTable, *, running: bool) -> Index:
    """Take over the live state: whole while running, otherwise sources begin to wait with their last value.

    Returns the ids of the tags something was known of.
    """
    ids = {tag.uid: at for at, tag in columns.tags.items()}
    known = [(row, ids[uid]) for row, uid in enumerate(saved["uids"].split("\n")) if uid in ids]
    source, at = np.array([k[0] for k in known], np.intp), np.array([k[1] for k in known], np.intp)
    status = unpacked(saved["status"], np.uint32)[source]
    whole = np.full(len(at), running) | (columns.kept[at] & ~is_bad(status))
    shown = whole | columns.connected[at]
    _take(columns.value, at, unpacked(saved["value"], np.float64)[source], shown & ~columns.is_text[at])
    _take(columns.time, at, unpacked(saved["time"], np.int64)[source], shown)
    _take(columns.status, at, status, whole)
    for uid, text in saved["text"].items():
        if uid in ids and columns.is_text[ids[uid]]:
            columns.text[ids[uid]] = text
    table.found_at_start[at] = table.has_alarm[at] & (not running)
    if running:
        live = columns.connected[at]
        _take(columns.sampled, at, unpacked(saved["sampled"], np.bool_)[source], live)
        for name in ("stale_at", "turned", "known"):
            _take(getattr(columns, name), at, unpacked(saved[name], np.int64)[source], live)
        table.health[at] = unpacked(saved["health"], np.int8)[source]
    return at


def save_alarms(table: AlarmTable, mono: int) -> dict[str, Any]:
    """State of every alarm that is not at rest."""
    restless = (table.state != 0) | (table.latch != 0) | (table.active != 0) | (table.pending != NEVER)
    return {table.names[number]: _save_alarm(table, number, mono) for number in np.flatnonzero(restless).tolist()}


def _save_alarm(table: AlarmTable, number: int, mono: int) -> dict[str, Any]:
    value, pending = float(table.changed_value[number]), int(table.pending[number])
    return {
        "state": STATES[table.state[number]].value,
        "latch": int(table.latch[number]),
        "condition": int(table.condition[number]),
        "active": int(table.active[number]),
        "left": None if pending == NEVER else pending - mono,
        "at_start": bool(table.pending_at_start[number]),
        "annunciation": int(table.annunciation[number]),
        "last_event": int(table.last_event[number]),
        "since": int(table.since[number]),
        "changed": int(table.changed[number]),
        "value": None if np.isnan(value) else value,
        "status": int(table.changed_status[number]),
    }


def load_alarms(saved: Mapping[str, Any], table: AlarmTable, now: Instants) -> list[str]:
    """Take over the states of alarms; the names of announced ones that the project no longer has."""
    lost = []
    for name, kept in saved.items():
        number = table.numbers.get(name)
        if number is not None:
            _load_alarm(table, number, kept, now)
        elif kept["state"] != AlarmState.NORMAL.value:
            lost.append(name)
    table.frame(np.flatnonzero(table.has_alarm))
    return lost


def _load_alarm(table: AlarmTable, number: int, kept: Mapping[str, Any], now: Instants) -> None:
    table.state[number] = STATES.index(AlarmState(kept["state"]))
    table.latch[number] = kept["latch"]
    table.condition[number] = kept["condition"]
    table.active[number] = kept["active"]
    table.pending[number] = NEVER if kept["left"] is None else now.mono + int(kept["left"])
    table.pending_at_start[number] = kept["at_start"]
    table.annunciation[number] = kept["annunciation"]
    table.last_event[number] = kept["last_event"]
    table.since[number] = kept["since"]
    table.changed[number] = kept["changed"]
    table.changed_value[number] = np.nan if kept["value"] is None else kept["value"]
    table.changed_status[number] = kept["status"]


def replay(table: AlarmTable, transitions: Sequence[Transition]) -> None:
    """Bring restored alarms up to what the journal says happened after they were saved."""
    for transition in transitions:
        number = table.numbers.get(transition.alarm)
        if number is None:
            continue
        table.state[number] = STATES.index(transition.after)
        if transition.what is not AlarmEvent.ACKNOWLEDGE:
            active = is_active(transition.after)
            table.active[number] = table.condition[number] = table.latch[number] = active
            table.pending[number] = NEVER
        if transition.what is AlarmEvent.ACTIVATE:
            table.annunciation[number], table.since[number] = transition.event, transition.time
        table.last_event[number] = transition.event
        table.changed[number] = transition.time
        table.changed_value[number], table.changed_status[number] = transition.value, transition.status
    table.frame(np.flatnonzero(table.has_alarm))


def tags_to_review(columns: Columns, table: AlarmTable) -> Index:
    """Tags whose alarms must be looked at although no sample comes: their limits may have been edited."""
    unknown = (columns.status == Status.BAD_WAITING_FOR_INITIAL_DATA) | (
        columns.status == Status.UNCERTAIN_INITIAL_VALUE
    )
    return np.flatnonzero(table.has_alarm & ~unknown)


def packed(column: NDArray[Any]) -> str:
    """A column as text."""
    return b64encode(column.astype(column.dtype.newbyteorder("<"), copy=False).tobytes()).decode("ascii")


def unpacked(text: str, kind: DTypeLike) -> NDArray[Any]:
    """The column that `packed` made a text of."""
    return np.frombuffer(b64decode(text), np.dtype(kind).newbyteorder("<")).astype(kind)


def _take(target: NDArray[_T], at: Index, values: NDArray[_T], which: BoolArray) -> None:
    target[at[which]] = values[which]
