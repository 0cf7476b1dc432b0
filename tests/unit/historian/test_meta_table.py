"""Numbers kept beside the samples: put, changed, widened, and undone with the caller's transaction."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from hmi.historian import meta_table
from hmi.historian.sqlite import Connection, close, connect_writer


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    made = connect_writer(tmp_path / "x.db")
    meta_table.create(Database(made))
    yield made
    close(made)


def test_what_was_put_last_counts(connection: Connection) -> None:
    assert meta_table.get(connection, "applied") is None
    meta_table.put(connection, {"applied": 3, "sealed": 1})
    meta_table.put(connection, {"sealed": 0})
    assert (meta_table.get(connection, "applied"), meta_table.get(connection, "sealed")) == (3, 0)


def test_a_change_begins_at_nothing(connection: Connection) -> None:
    meta_table.add(connection, "samples", 5)
    meta_table.add(connection, "samples", -2)
    assert meta_table.get(connection, "samples") == 3


def test_a_span_only_grows(connection: Connection) -> None:
    for low, high in ((10, 20), (12, 15), (5, 30)):
        meta_table.widen_span(connection, low, high)
    assert (meta_table.get(connection, "time_min"), meta_table.get(connection, "time_max")) == (5, 30)


def test_a_transaction_that_is_undone_leaves_the_numbers(connection: Connection) -> None:
    meta_table.put(connection, {"applied": 1})
    connection.execute("BEGIN IMMEDIATE")
    meta_table.put(connection, {"applied": 2})
    connection.execute("ROLLBACK")
    assert meta_table.get(connection, "applied") == 1
