"""Of a file in which SQLite gets lost, everything before and behind the broken place is found, and nothing twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hmi.core.batch import Batch, batch_of
from hmi.historian import block_table, datafile, run_table, whole_rows
from hmi.historian.codec import encode
from hmi.historian.sqlite import Connection, Error, close
from hmi.historian.whole_rows import sound_rows


def block(first: int) -> Batch:
    return batch_of([first % 7] * 3, [first * 10, first * 10 + 1, first * 10 + 2], [0] * 3, [1.0, 2.0, 3.0], [0] * 3)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Connection]:
    connection = datafile.open_data(tmp_path / "2026-11.db")
    block_table.insert(connection, [encode(block(n), by_tag=True) for n in range(10)])
    run_table.insert(connection, [encode(block(n), by_tag=True) for n in range(3)], 0)
    yield connection
    close(connection)


def ids(connection: Connection, table: str) -> list[object]:
    return [row.columns[0] for row in sound_rows(connection, table)]


def test_a_sound_file_is_found_whole_and_reads_the_same_where_it_is_kept(file: Connection, tmp_path: Path) -> None:
    other = datafile.open_data(tmp_path / "other.db")
    for table in ("run", "block"):
        for row in sound_rows(file, table):
            whole_rows.keep(other, row)
        every = f"SELECT * FROM {table} ORDER BY id"  # noqa: S608
        assert other.execute(every).fetchall() == file.execute(every).fetchall()
    assert whole_rows.tags_begun(other, 30) == [3]
    close(other)


def test_rows_that_do_not_pass_their_checksum_or_say_something_else_are_left(file: Connection) -> None:
    file.execute("UPDATE block SET data = x'0102' WHERE id = 2")
    file.execute("UPDATE block SET rows = 4 WHERE id = 3")
    file.execute("UPDATE block SET time_min = 'soon' WHERE id = 4")
    file.execute("UPDATE block SET data = 'text' WHERE id = 5")
    assert ids(file, "block") == [1, 6, 7, 8, 9, 10]


@pytest.mark.parametrize("circle", [False, True], ids=["breaks off", "leads in a circle"])
def test_a_broken_place_is_passed_from_the_other_end(
    file: Connection, monkeypatch: pytest.MonkeyPatch, circle: bool
) -> None:
    whole = whole_rows._from

    def broken(connection: Connection, table: str, after: int, order: str) -> Iterator[tuple[int, ...]]:
        for row in whole(connection, table, after, order):
            if row[0] in (5, 6):
                if not circle:
                    raise Error("malformed")
                yield from whole(connection, table, after, order)
            yield row

    monkeypatch.setattr(whole_rows, "_from", broken)
    assert ids(file, "block") == [1, 2, 3, 4, 10, 9, 8, 7]
