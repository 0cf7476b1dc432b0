"""Connections are durable, readers cannot write, and a SQLite that corrupts stores is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hmi.historian.api import StoreError
from hmi.historian.sqlite import Connection, Error, check_version, close, connect_reader, connect_writer, transaction


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
