"""The one module that knows which SQLite is used: connections with the durability and the waits history needs.

SQLite before 3.51.3 can lose committed pages when its write-ahead log is reset; Debian 12's own is 3.40.1. Hence the
library comes from the `pysqlite3` wheel, and a store refuses to open with anything older. Two SQLite libraries must
never open the same file in one process: closing a file in one of them drops the locks of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hmi.historian.api import StoreError
from hmi.historian.files import remove

if TYPE_CHECKING:
    # The wheel has no types; its interface is the standard library's.
    from sqlite3 import (
        Connection,
        DataError,
        Error,
        IntegrityError,
        InterfaceError,
        OperationalError,
        ProgrammingError,
        connect,
        sqlite_version,
        sqlite_version_info,
    )
else:
    from pysqlite3.dbapi2 import (
        Connection,
        DataError,
        Error,
        IntegrityError,
        InterfaceError,
        OperationalError,
        ProgrammingError,
        connect,
        sqlite_version,
        sqlite_version_info,
    )

__all__ = [
    "OWN_FAULT",
    "Connection",
    "Error",
    "close",
    "connect_reader",
    "connect_writer",
    "create",
    "explain",
    "is_damage",
    "transaction",
]

OWN_FAULT: Final = (IntegrityError, DataError, ProgrammingError, InterfaceError, ValueError, OverflowError)
"""What a statement raises because of its own values, not because of the disk."""

OLDEST: Final = (3, 51, 3)
"""The first SQLite without the write-ahead-log reset bug."""
BUSY_SECONDS: Final = 5.0
"""How long a statement waits for another connection's lock."""
WAL_LIMIT: Final = 64 * 1024 * 1024
"""Bytes to which a grown write-ahead log is cut back after a checkpoint."""


def check_version(version: tuple[int, ...] = sqlite_version_info, name: str = sqlite_version) -> None:
    """Refuses a SQLite that can corrupt the store.

    Raises:
        StoreError: the library is older than 3.51.3.
    """
    if version < OLDEST:
        raise StoreError(
            f"SQLite {name} can corrupt a store (write-ahead-log reset bug, fixed in 3.51.3).",
            "Install pysqlite3 0.6.1 or newer.",
        )


def connect_writer(path: Path, *, shrinks: bool = False) -> Connection:
    """The connection of a file's one writer thread; a commit returns when the data are on the disk.

    A new file that `shrinks` can give pages back that hold nothing any more.

    Raises:
        StoreError: the file cannot be opened or created.
    """
    check_version()
    connection: Connection | None = None
    try:
        connection = connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        if shrinks:
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA journal_size_limit={WAL_LIMIT}").fetchone()
    except Error as error:
        if connection is not None:
            close(connection)
        raise explain(error, path) from error
    return connection


def create(path: Path, migrate: Callable[[Connection], None]) -> None:
    """Makes a file with its tables: under another name first, because a reader must never meet one without them.

    Raises:
        StoreError: the disk does not take it.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        remove(part)  # of an attempt that was cut off
    except OSError as error:
        raise StoreError(f"{part} cannot be deleted: {error.strerror}.", "Check its rights.") from error
    connection = connect_writer(part)
    try:
        migrate(connection)
        _complete(connection)
    except Error as error:
        raise explain(error, path) from error
    finally:
        close(connection)
    try:
        part.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be made: {error.strerror}.", "Check the disk and its rights.") from error


def _complete(connection: Connection) -> None:
    """Takes everything from the log into the file: what a full disk leaves in the log when the connection is closed
    would not be renamed with it, and the file would look ruined.

    Raises:
        Error: the disk does not take it, or another program reads the file.
    """
    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise OperationalError("database is locked")


def connect_reader(path: Path) -> Connection:
    """A connection that can only read, beside a running writer or on read-only media.

    Raises:
        StoreError: there is no such file, or it is not a readable database.
    """
    check_version()
    if not path.is_file():
        raise StoreError(f"There is no history in {path.parent}: {path.name} is missing.", "Check the folder.")
    last: Error | None = None
    # Without write access SQLite cannot make the shared-memory file; nobody can then be writing either: `immutable`.
    for options in ("mode=ro", "mode=ro&immutable=1"):
        if "immutable" in options and path.with_name(path.name + "-wal").exists():
            break
        connection = connect(
            f"{path.absolute().as_uri()}?{options}",
            timeout=BUSY_SECONDS,
            isolation_level=None,
            uri=True,
            check_same_thread=False,
        )
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except Error as error:
            close(connection)
            last = error
            continue
        return connection
    assert last is not None  # noqa: S101 - the loop ends without a connection only after an error
    raise explain(last, path) from last


def close(connection: Connection) -> None:
    """Gives the file back; a broken connection must not hide the error that broke it."""
    with suppress(Error):
        if connection.in_transaction:
            connection.rollback()
    with suppress(Error):
        connection.close()


@contextmanager
def transaction(connection: Connection) -> Iterator[Connection]:
    """What is done in it is on the disk afterwards, or undone when it is left by an error.

    Raises:
        Error: the disk does not take it.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        with suppress(Error):  # it must not hide why
            if connection.in_transaction:
                connection.rollback()
        raise


def is_damage(error: BaseException | None) -> bool:
    """Whether an error means that a file's content is broken, not that it is busy or cannot be reached now."""
    if isinstance(error, StoreError):
        error = error.__cause__
    return isinstance(error, Error) and any(part in str(error) for part in ("malformed", "not a database", "no such"))


_SENTENCES: Final = (
    ("full", "The disk of {path} is full.", "Free space; writing goes on by itself."),
    ("readonly", "{path} cannot be written: the file or its disk is read-only.", "Check the rights and the mount."),
    ("malformed", "{path} is damaged.", "Run `hmi history verify`; restore the file from a backup."),
    ("not a database", "{path} is not a database.", "Check the folder; restore the file from a backup."),
    ("locked", "{path} is locked by another program.", "Close the program that holds it."),
    ("no such", "{path} is not a file of this program's store.", "Check the folder and the program's version."),
    ("unable to open", "{path} cannot be opened.", "Check that the folder exists and its rights."),
    ("I/O", "The disk of {path} reports an error.", "Check the disk and the system log."),
)


def explain(error: Error, path: Path) -> StoreError:
    """The sentence for a person that belongs to SQLite's error."""
    message = str(error)
    for part, what, do in _SENTENCES:
        if part in message:
            return StoreError(what.format(path=path), do)
    return StoreError(f"{path} cannot be used: {message}.", "Run `hmi history verify`.")
