"""A file takes each step once, in order, and one that another version has begun goes on where that stopped."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database

from hmi.historian.schema import Schema
from hmi.historian.sqlite import Error, close, connect_writer


def step(taken: list[str], name: str) -> tuple[str, Callable[[Database], None]]:
    def take(db: Database) -> None:
        db.execute(f"CREATE TABLE {name} (x)")
        taken.append(name)

    return name, take


def test_each_step_is_taken_once_also_by_a_later_version(tmp_path: Path) -> None:
    taken: list[str] = []
    steps = tuple(step(taken, name) for name in ("first", "second", "third"))
    connection = connect_writer(tmp_path / "x.db")
    for known in (steps[:1], steps[:1], steps, steps):
        Schema("x", known).migrate(connection)
    close(connection)
    assert taken == ["first", "second", "third"]


def test_a_step_that_fails_is_tried_again(tmp_path: Path) -> None:
    taken: list[str] = []
    schema = Schema("x", (step(taken, "first"), step(taken, "second")))
    connection = connect_writer(tmp_path / "x.db")
    connection.execute("CREATE TABLE second (y)")
    with pytest.raises(Error, match="already exists"):
        schema.migrate(connection)
    connection.execute("DROP TABLE second")
    schema.migrate(connection)
    close(connection)
    assert taken == ["first", "second"]
