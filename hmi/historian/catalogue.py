"""catalogue.db: which number stands for which tag in every sample ever stored, and what the tag was called when.
People's annotations lie beside it (`hmi.historian.annotations`).

Samples carry an int32; a tag's uid gets one when it is first seen and keeps it for ever, so history follows a tag
through renames and a deleted tag's number never comes back for another one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from hmi.core.closing import Closing
from hmi.historian.api import StoreError
from hmi.historian.schema import Schema
from hmi.historian.sqlite import Connection, Error, close, connect_reader, connect_writer, explain, transaction

CATALOGUE_NAME: Final = "catalogue.db"
_LAST_ID: Final = 2**31 - 1
_MANY: Final = 5000
"""Tags for which it is quicker to read the whole table than to look each of them up."""
_AT_ONCE: Final = 500
"""Values in one question."""

TagEntry = tuple[str, str, bool, bool]
"""uid, path, whether its values are text, whether they are steps (not sloped between samples)."""


@dataclass(frozen=True, slots=True)
class CatalogueTag:
    """A tag as the catalogue knows it now."""

    id: int
    uid: str
    path: str
    """Its present path, or the last one it had before another tag took it."""
    is_text: bool
    stepped: bool


def _create(db: Database) -> None:
    # AUTOINCREMENT: a number is never given twice, not even after rows were deleted by hand.
    db.execute("""CREATE TABLE tag (id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE,
        is_text INTEGER NOT NULL, stepped INTEGER NOT NULL)""")
    db.execute("""CREATE TABLE path (id INTEGER NOT NULL REFERENCES tag (id), path TEXT NOT NULL,
        since INTEGER NOT NULL, until INTEGER)""")
    db.execute("CREATE INDEX path_id ON path (id, since)")
    db.execute("CREATE INDEX path_path ON path (path, since)")


def _annotate(db: Database) -> None:
    db.execute("""CREATE TABLE annotation (id INTEGER PRIMARY KEY AUTOINCREMENT, tag INTEGER REFERENCES tag (id),
        start INTEGER NOT NULL, "end" INTEGER NOT NULL)""")
    db.execute('CREATE INDEX annotation_end ON annotation ("end", start)')
    # What was said is never overwritten: an edit is a new line, and so is a deletion, without a text.
    db.execute("""CREATE TABLE annotation_text (id INTEGER PRIMARY KEY AUTOINCREMENT,
        annotation INTEGER NOT NULL REFERENCES annotation (id), who TEXT NOT NULL, written INTEGER NOT NULL,
        text TEXT)""")
    db.execute("CREATE INDEX annotation_text_of ON annotation_text (annotation, id)")


def _group(db: Database) -> None:
    db.execute("ALTER TABLE tag ADD COLUMN retention TEXT NOT NULL DEFAULT ''")


_SCHEMA: Final = Schema(
    "catalogue", (("0001-create", _create), ("0002-annotations", _annotate), ("0003-groups", _group))
)


class Catalogue(Closing):
    """The tags of a store. Not for several threads at once."""

    def __init__(self, folder: Path, *, readonly: bool = False) -> None:
        """Opens the catalogue in a store's folder; only the process that holds the store's lock may write it.

        Raises:
            StoreError: the file cannot be opened, or must be made and may not.
        """
        self._path = folder / CATALOGUE_NAME
        self._readonly = readonly
        self._connection: Connection = connect_reader(self._path) if readonly else connect_writer(self._path)
        try:
            if not readonly:
                _SCHEMA.migrate(self._connection)
        except Error as error:
            close(self._connection)
            raise explain(error, self._path) from error

    def ids_for(self, tags: Sequence[TagEntry], utc: int) -> dict[str, int]:
        """The number of every tag, new ones made; renames are noted as of `utc` (ns). On the disk on return.

        Raises:
            StoreError: the disk does not take it, or 2^31 numbers are used up.
        """
        with self.writing():
            ids = self._numbers(tags)
            self._rename({ids[uid]: path for uid, path, _, _ in tags}, utc)
        return ids

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: on the disk afterwards, or undone when it is left by an error.

        Raises:
            StoreError: the disk does not take it.
        """
        try:
            with transaction(self._connection):
                yield self._connection
        except Error as error:
            raise explain(error, self._path) from error

    def keep_groups(self, groups: Mapping[int, str]) -> None:
        """Notes the retention group of tags, empty = the default one: an import without a project has to know them.

        Raises:
            StoreError: the disk does not take it.
        """
        with self.writing() as connection:
            few = len(groups) <= _MANY
            known = dict(self._of_ids("SELECT id, retention FROM tag", groups)) if few else self.groups()
            changed = [(name, tag) for tag, name in groups.items() if known.get(tag) != name]
            connection.executemany("UPDATE tag SET retention = ? WHERE id = ?", changed)

    def groups(self) -> dict[int, str]:
        """The retention group of each tag, empty = the default one."""
        return {int(tag): name for tag, name in self.rows("SELECT id, retention FROM tag", {})}

    def _numbers(self, tags: Sequence[TagEntry]) -> dict[str, int]:
        uids = [uid for uid, _, _, _ in tags]
        known = self._known(uids)
        new = [(uid, text, stepped) for uid, _, text, stepped in tags if uid not in known]
        self._connection.executemany("INSERT INTO tag (uid, is_text, stepped) VALUES (?, ?, ?)", new)
        changed = [
            (text, stepped, uid) for uid, _, text, stepped in tags if uid in known and known[uid][1:] != (text, stepped)
        ]
        self._connection.executemany("UPDATE tag SET is_text = ?, stepped = ? WHERE uid = ?", changed)
        if new:
            known = self._known(uids)
        ids = {uid: known[uid][0] for uid, _, _, _ in tags}
        if max(ids.values(), default=0) > _LAST_ID:
            raise StoreError(f"{self._path} has given away all its tag numbers.", "Start a new store.")
        return ids

    def _known(self, uids: Sequence[str]) -> dict[str, tuple[int, bool, bool]]:
        """These tags, as far as they have numbers; perhaps others too."""
        query = "SELECT uid, id, is_text, stepped FROM tag"
        rows = self._connection.execute(query) if len(uids) > _MANY else self._picked(f"{query} WHERE uid", uids)
        return {uid: (number, text, stepped) for uid, number, text, stepped in rows}

    def _picked(self, query: str, values: Collection[object]) -> Iterator[tuple[Any, ...]]:
        """The rows whose column, with which the query ends, is one of some values."""
        listed = list(values)
        for at in range(0, len(listed), _AT_ONCE):
            some = listed[at : at + _AT_ONCE]
            yield from self._connection.execute(f"{query} IN ({', '.join('?' * len(some))})", some)

    def _of_ids(self, query: str, ids: Collection[int]) -> Iterator[tuple[Any, ...]]:
        return self._picked(f"{query} WHERE id", ids)

    def _rename(self, paths: dict[int, str], utc: int) -> None:
        now = self._named(paths)
        changed = {number: path for number, path in paths.items() if now.get(number) != path}
        taken = set(changed.values())
        # A path stands for one tag at a time: whoever else had it loses it.
        ended = [number for number, path in now.items() if number in changed or path in taken]
        self._connection.executemany(
            "UPDATE path SET until = max(?, since) WHERE id = ? AND until IS NULL", [(utc, number) for number in ended]
        )
        self._connection.executemany(
            "INSERT INTO path (id, path, since) VALUES (?, ?, ?)",
            [(number, path, utc) for number, path in changed.items()],
        )

    def _named(self, paths: Mapping[int, str]) -> dict[int, str]:
        """Present names by number: of these tags and of those that have these names; perhaps of others too."""
        query = "SELECT id, path FROM path WHERE until IS NULL"
        if len(paths) > _MANY:
            return dict(self._connection.execute(query).fetchall())
        return dict([*self._picked(f"{query} AND id", paths), *self._picked(f"{query} AND path", paths.values())])

    def id_of(self, path: str, at: int | None = None) -> int | None:
        """The number of the tag that has this path now, or had it last; with `at` (ns UTC) the one that had it then."""
        found = self.rows(
            "SELECT id FROM path WHERE path = :path"
            " AND (:at IS NULL OR (since <= :at AND (until IS NULL OR until > :at)))"
            " ORDER BY until IS NULL DESC, since DESC, rowid DESC LIMIT 1",
            {"path": path, "at": at},
        )
        return int(found[0][0]) if found else None

    def tags(self) -> list[CatalogueTag]:
        """Every tag that ever was, by number."""
        rows = self.rows(
            "SELECT tag.id, uid, coalesce((SELECT path FROM path WHERE path.id = tag.id"
            " ORDER BY until IS NULL DESC, since DESC, rowid DESC LIMIT 1), ''), is_text, stepped"
            " FROM tag ORDER BY tag.id",
            {},
        )
        return [CatalogueTag(int(n), u, p, bool(t), bool(s)) for n, u, p, t, s in rows]

    def rows(self, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """What a query finds.

        Raises:
            StoreError: the file cannot be read.
        """
        try:
            return self._connection.execute(query, values).fetchall()
        except Error as error:
            raise explain(error, self._path) from error

    def close(self) -> None:
        """Gives the file back; harmless when repeated."""
        close(self._connection)
