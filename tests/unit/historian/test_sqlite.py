"""Connections are durable, readers cannot write, and a SQLite that corrupts stores is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hmi.historian.api import StoreError
from hmi.historian.sqlite import (
    Connection,
    Error,
    check_version,
    close,
    connect_reader,
    connect_writer,
    create,
    transaction,
)


def test_an_old_sqlite_is_refused() -> None:
    check_version((3, 51, 3), "3.51.3")
    check_version()
    with pytest.raises(StoreError, match=r"SQLite 3\.40\.1 can corrupt a store"):
        check_version((3, 40, 1), "3.40.1")


def test_a_writer_waits_for_the_disk_and_a_reader_only_reads(tmp_path: Path) -> None:
    path = tmp_path / "with space#and?signs.db"
    writer = connect_writer(path)
    assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert writer.execute("PRAGMA synchronous").fetchone() == (2,)
    writer.execute("CREATE TABLE t (x)")
    reader = connect_reader(path)
    assert reader.execute("SELECT count(*) FROM t").fetchone() == (0,)
    with pytest.raises(Error, match="readonly"):
        reader.execute("INSERT INTO t VALUES (1)")
    close(reader)
    close(writer)


def test_what_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"this is a text file, not a database" * 100)
    for connect in (connect_reader, connect_writer):
        with pytest.raises(StoreError, match="is not a database"):
            connect(path)
    with pytest.raises(StoreError, match="cannot be opened"):
        connect_writer(tmp_path / "nowhere" / "x.db")


def _insert_and(writer: Connection, fail: Callable[[], object]) -> None:
    with transaction(writer):
        writer.execute("INSERT INTO t VALUES (2)")
        fail()


def test_a_transaction_is_whole_or_undone(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    writer = connect_writer(path)
    writer.execute("CREATE TABLE t (x UNIQUE)")
    reader = connect_reader(path)
    with transaction(writer) as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (0,)
    for statement in ("SELECT x FROM nowhere", "INSERT INTO t VALUES (1)"):
        with pytest.raises(Error):
            _insert_and(writer, lambda again=statement: writer.execute(again))
    with pytest.raises(ZeroDivisionError):
        _insert_and(writer, lambda: 1 / 0)
    assert not writer.in_transaction
    assert reader.execute("SELECT x FROM t").fetchall() == [(1,)]
    close(reader)
    close(writer)


def _make_table(connection: Connection) -> None:
    connection.execute("CREATE TABLE t (x)")


def test_a_file_that_the_disk_did_not_take_whole_never_gets_its_name(tmp_path: Path) -> None:
    """It is in the log when the disk is full, and closing it does not tell."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    path = tmp_path / "x.db"

    def fill(connection: Connection) -> None:
        _make_table(connection)
        connection.execute("INSERT INTO t VALUES (zeroblob(50000))")
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))

    try:
        with pytest.raises(StoreError):
            create(path, fill)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not path.exists()
    create(path, _make_table)
    reader = connect_reader(path)
    assert reader.execute("SELECT count(*) FROM t").fetchone() == (0,)
    close(reader)
