"""Reading events.db: the alarm journal, the event journal and the audit trail by pages, newest first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from hmi.core.effects import Transition
from hmi.historian import event_tables as tables
from hmi.historian.audit import AuditRecord, Head, verify
from hmi.historian.event_tables import ENGINE, AlarmLine, EventLine
from hmi.historian.head_file import read_head
from hmi.historian.sqlite import Connection, Error, close, connect_reader, explain

T = TypeVar("T")
Cursor = tuple[int, int]
"""Where the next page begins: (time, number) of the last line of the page before."""
_EARLIEST: Final = -(1 << 63)
_LATEST: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Lines, newest first."""

    lines: tuple[T, ...]
    next: Cursor | None
    """Give it as `after` for the older ones; None = these were the last."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which lines are wanted."""

    start: int = _EARLIEST
    """ns UTC, included."""
    end: int = _LATEST
    """ns UTC, excluded."""
    text: str = ""
    """Must occur somewhere in the line; large and small letters are the same."""
    tag: int | None = None
    """Only of this tag (alarm journal)."""
    limit: int = 200
    after: Cursor | None = None
    """Only lines older than this."""


class EventReader:
    """Reads events.db, running or not. Threads may share one; their calls wait for each other."""

    def __init__(self, folder: Path) -> None:
        """
        Raises:
            StoreError: there is no events.db in the folder, or it cannot be read.
        """
        self._folder, self._path = folder, folder / tables.EVENTS_NAME
        self._lock = threading.Lock()
        self._connection = connect_reader(self._path)
        # SQLite's own lower() knows only ASCII.
        self._connection.create_function("casefold", 1, str.casefold, deterministic=True)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._lock:
            try:
                yield self._connection
            except Error as error:
                raise explain(error, self._path) from error

    def alarms(self, query: Query) -> Page[AlarmLine]:
        """The alarm journal by the time of the transition."""
        search = "path || char(10) || message || char(10) || alarm || char(10) || user || char(10) || comment"
        return self._page("alarm_journal", tables.ALARM_COLUMNS, "id", "time", search, query, tables.alarm_line)

    def alarms_below(self, event: int | None, limit: int, text: str = "") -> tuple[list[AlarmLine], bool]:
        """The alarm journal by event number, newest first, below one (None: from the newest); True = there are more."""
        search = "path || char(10) || message || char(10) || user || char(10) || comment"
        wanted = f" AND instr(casefold({search}), :text)" if text else ""
        sql = (
            f"SELECT {tables.ALARM_COLUMNS} FROM alarm_journal"  # noqa: S608 - our own column names
            f" WHERE event < :event{wanted} ORDER BY event DESC LIMIT :limit"
        )
        values = {"event": _LATEST if event is None else event, "text": text.casefold(), "limit": limit + 1}
        with self._reading() as connection:
            rows = connection.execute(sql, values).fetchall()
        return [tables.alarm_line(row) for row in rows[:limit]], len(rows) > limit

    def transitions_from(self, event: int) -> list[Transition]:
        """Every transition from an event number on, in order: what a state saved before it does not know yet."""
        sql = f"SELECT {tables.ALARM_COLUMNS} FROM alarm_journal WHERE event >= ? ORDER BY event"  # noqa: S608
        with self._reading() as connection:
            rows = connection.execute(sql, (event,)).fetchall()
        return [tables.alarm_line(row).transition for row in rows]

    def events(self, query: Query) -> Page[EventLine]:
        """The event journal."""
        search = "kind || char(10) || source || char(10) || text"
        return self._page("events", "time, kind, source, text", "id", "time", search, query, lambda r: EventLine(*r))

    def audit(self, query: Query) -> Page[AuditRecord]:
        """The audit trail by the time it was written."""
        search = " || char(10) || ".join(
            f'"{name}"' for name in ("user", "role", "station", "action", "object", "old", "new", "reason", "result")
        )
        search += " || char(10) || correlation"
        return self._page("audit", tables.AUDIT_COLUMNS, "seq", "utc", search, query, tables.audit_record)

    def _page(
        self,
        table: str,
        columns: str,
        key: str,
        time: str,
        search: str,
        query: Query,
        make: Callable[[tuple[Any, ...]], T],
    ) -> Page[T]:
        # Names come from this module; whatever a caller gives is bound as a value.
        tag = " AND tag = :tag" if query.tag is not None else ""
        text = f" AND instr(casefold({search}), :text)" if query.text else ""
        after = f" AND ({time}, {key}) < (:after_time, :after_key)" if query.after is not None else ""
        sql = (
            f"SELECT {time}, {key}, {columns} FROM {table}"  # noqa: S608
            f" WHERE {time} >= :start AND {time} < :end{tag}{text}{after} ORDER BY {time} DESC, {key} DESC LIMIT :limit"
        )
        after_time, after_key = query.after or (0, 0)
        values = {
            "start": query.start,
            "end": query.end,
            "tag": query.tag,
            "text": query.text.casefold(),
            "after_time": after_time,
            "after_key": after_key,
            "limit": query.limit + 1,
        }
        with self._reading() as connection:
            rows = connection.execute(sql, values).fetchall()
        shown = rows[: query.limit]
        following = (int(shown[-1][0]), int(shown[-1][1])) if len(rows) > query.limit else None
        return Page(tuple(make(row[2:]) for row in shown), following)

    def retained(self) -> bytes | None:
        """The engine's state after the last scan that was recorded."""
        return self.state(ENGINE)

    def state(self, key: str) -> bytes | None:
        """Bytes kept under a name."""
        with self._reading() as connection:
            return tables.get_state(connection, key)

    def last_event(self) -> int:
        """The highest transition number recorded; 0 = none. The engine goes on with the next."""
        with self._reading() as connection:
            return int(connection.execute("SELECT coalesce(max(event), 0) FROM alarm_journal").fetchone()[0])

    def audit_head(self) -> Head:
        """The end of the audit trail; exported daily to another machine it makes a forged chain detectable."""
        with self._reading() as connection:
            return tables.audit_head(connection)

    def verify_audit(self) -> list[str]:
        """What is wrong with the audit trail, a sentence each; empty = whole, nothing edited, deleted, inserted,
        moved or cut off."""
        filed = read_head(self._folder)  # before the trail: it may be behind, never ahead
        with self._reading() as connection:
            connection.execute("BEGIN")
            try:
                table = tables.audit_head(connection)
                sql = f"SELECT {tables.AUDIT_COLUMNS} FROM audit ORDER BY seq"  # noqa: S608 - our own column names
                return list(verify(map(tables.audit_record, connection.execute(sql)), table, filed))
            finally:
                connection.execute("COMMIT")

    def close(self) -> None:
        """Gives the file back; harmless when repeated."""
        with self._lock:
            close(self._connection)
