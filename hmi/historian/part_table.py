"""What a later part of a month knows about the ruined one before it: from which time on nothing of a tag is lost.

Table `since` names a tag's last sample that had been filed; the next one was still in the journal. For any other tag
there is only `lost_until` in `meta`: what was lost is not later than that (before everything: nothing was).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlite_utils import Database

from hmi.historian import meta_table
from hmi.historian.schema import Schema
from hmi.historian.sqlite import Connection

_LOST_UNTIL: Final = "lost_until"
_FOLLOWS: Final = "follows"


def _create(db: Database) -> None:
    db.execute("CREATE TABLE since (tag INTEGER PRIMARY KEY, time INTEGER NOT NULL)")


_SCHEMA: Final = Schema("part", (("0001-create", _create),))


def create(connection: Connection, lost_until: int, follows: int) -> None:
    """Makes the table in a data file that has its own already.

    `lost_until` (ns UTC) is the last time that a lost sample may have, `follows` the append number up to which the
    part before had the journal.
    """
    _SCHEMA.migrate(connection)
    meta_table.put(connection, {_LOST_UNTIL: lost_until, _FOLLOWS: follows})


def put(connection: Connection, since: Iterable[tuple[int, int]]) -> None:
    """Notes tags with the time (ns UTC) of their last filed sample, inside the caller's transaction."""
    connection.executemany("INSERT INTO since (tag, time) VALUES (?, ?)", since)


def lost_until(connection: Connection, tag: int) -> int | None:
    """The last time (ns UTC) at which a sample of a tag may be lost.

    Raises:
        Error: it cannot be read.
    """
    found = connection.execute("SELECT time FROM since WHERE tag = ?", (tag,)).fetchone()
    return meta_table.get(connection, _LOST_UNTIL) if found is None else int(found[0]) - 1


def follows(connection: Connection) -> int:
    """The append number up to which the part before had the journal.

    Raises:
        Error: it cannot be read.
    """
    return meta_table.get(connection, _FOLLOWS) or 0
