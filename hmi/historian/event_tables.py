"""events.db: its tables, and how their rows become records."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from math import isnan, nan
from typing import Any, Final

from sqlite_utils import Database

from hmi.core.alarm import Priority
from hmi.core.alarm_state import AlarmEvent, AlarmState
from hmi.core.effects import Transition
from hmi.historian.audit import AuditRecord, Head
from hmi.historian.schema import Schema
from hmi.historian.sqlite import Connection

EVENTS_NAME: Final = "events.db"
ENGINE: Final = "engine"
"""The key of the engine's retained state."""


@dataclass(frozen=True, slots=True)
class AlarmName:
    """What an alarm was called when it happened: the journal must read the same after a rename."""

    path: str
    """Of its tag."""
    message: str = ""


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """A line of the alarm journal."""

    id: int
    transition: Transition
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class EventLine:
    """A line of the event journal."""

    time: int
    """ns UTC."""
    kind: str
    """Stable short name."""
    source: str
    """What it is about: a tag path, a connection, a user."""
    text: str


_TRANSITION: Final = tuple(f.name for f in fields(Transition))
_AUDIT: Final = tuple(f.name for f in fields(AuditRecord))
_AUDIT_TYPES: Final = {"seq": int, "utc": int, "mono": int}
ALARM_COLUMNS: Final = ", ".join(f'"{name}"' for name in ("id", *_TRANSITION, "path", "message"))
AUDIT_COLUMNS: Final = ", ".join(f'"{name}"' for name in _AUDIT)
_INTEGERS: Final = {"event", "tag", "time", "received", "status", "priority", "seen_at_start"}


def _create(db: Database) -> None:
    types: dict[str, Any] = {name: int if name in _INTEGERS else str for name in _TRANSITION}
    types |= {"value": float, "limit": float}
    alarms = db.create_table("alarm_journal", {"id": int, **types, "path": str, "message": str}, pk="id")
    # A line handed in again after a commit whose outcome nobody knew must not stand there twice.
    alarms.create_index(["event", "alarm", "what", "time"], unique=True)
    alarms.create_index(["time"])
    alarms.create_index(["tag", "time"])
    events = db.create_table("events", {"id": int, "time": int, "kind": str, "source": str, "text": str}, pk="id")
    events.create_index(["time"])
    audit = db.create_table("audit", {name: _AUDIT_TYPES.get(name, str) for name in _AUDIT}, pk="seq")
    audit.create_index(["utc"])
    # Against accidents; whoever drops the triggers is found by the chain.
    for what in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER audit_no_{what.lower()} BEFORE {what} ON audit"
            " BEGIN SELECT RAISE(ABORT, 'the audit trail cannot be changed'); END"
        )
    db.create_table("audit_head", {"id": int, "seq": int, "hash": str}, pk="id")
    db.create_table("commands", {"id": str, "utc": int}, pk="id").create_index(["utc"])
    db.create_table("state", {"key": str, "value": bytes}, pk="key")


def migrate(connection: Connection) -> None:
    """Brings the schema up to date."""
    Schema("events", (("0001-create", _create),)).migrate(connection)


def add_alarm(connection: Connection, transition: Transition, name: AlarmName) -> None:
    """Writes a line of the alarm journal, inside the caller's transaction."""
    values = [None if isinstance(v, float) and isnan(v) else v for v in astuple(transition)]
    marks = ", ".join("?" * (len(values) + 2))
    columns = ALARM_COLUMNS.removeprefix('"id", ')
    connection.execute(
        f"INSERT OR IGNORE INTO alarm_journal ({columns}) VALUES ({marks})",  # noqa: S608 - our own column names
        (*values, name.path, name.message),
    )


def alarm_line(row: tuple[Any, ...]) -> AlarmLine:
    """The record of a row selected by `ALARM_COLUMNS`."""
    named = dict(zip(_TRANSITION, row[1:], strict=False))
    named |= {
        "what": AlarmEvent(named["what"]),
        "before": AlarmState(named["before"]),
        "after": AlarmState(named["after"]),
        "priority": Priority(named["priority"]),
        "seen_at_start": bool(named["seen_at_start"]),
        "value": nan if named["value"] is None else named["value"],
        "limit": nan if named["limit"] is None else named["limit"],
    }
    return AlarmLine(row[0], Transition(**named), row[-2], row[-1])


def add_audit(connection: Connection, record: AuditRecord) -> None:
    """Writes a line of the audit trail and its head, inside the caller's transaction."""
    marks = ", ".join("?" * len(_AUDIT))
    connection.execute(
        f"INSERT INTO audit ({AUDIT_COLUMNS}) VALUES ({marks})",  # noqa: S608 - our own column names
        astuple(record),
    )
    connection.execute("INSERT OR REPLACE INTO audit_head (id, seq, hash) VALUES (1, ?, ?)", (record.seq, record.hash))


def audit_head(connection: Connection) -> Head:
    """The end of the chain as the table beside it names it."""
    found = connection.execute("SELECT seq, hash FROM audit_head WHERE id = 1").fetchone()
    return Head(*found) if found else Head()


def has_audit(connection: Connection, head: Head) -> bool:
    """Whether the trail holds this very record (the beginning of the trail is always there)."""
    if head == Head():
        return True
    found = connection.execute("SELECT hash FROM audit WHERE seq = ?", (head.seq,)).fetchone()
    return found is not None and found[0] == head.hash


def audit_record(row: tuple[Any, ...]) -> AuditRecord:
    """The record of a row selected by `AUDIT_COLUMNS`."""
    return AuditRecord(*row)


def put_state(connection: Connection, key: str, value: bytes) -> None:
    """Keeps bytes under a name, inside the caller's transaction."""
    connection.execute("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)", (key, value))


def get_state(connection: Connection, key: str) -> bytes | None:
    """The bytes under a name."""
    found = connection.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
    return None if found is None else bytes(found[0])
