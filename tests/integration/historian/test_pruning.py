"""Months go whoever reads meanwhile, wherever the work is cut off, and whatever state their files are in."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hmi.core.batch import Batch
from hmi.core.quality import Status
from hmi.historian import carry, files, pruning
from hmi.historian.api import StoreError
from hmi.historian.carry import Carry
from hmi.historian.files import Key
from hmi.historian.pieces import Window
from hmi.historian.pruning import prune
from hmi.historian.shelf import Shelf
from hmi.historian.sqlite import close, connect_reader, connect_writer
from hmi.historian.store import open_reader
from tests.helpers_historian.bench import END, Bench, at, key
from tests.helpers_historian.columns import rows


def test_a_reader_in_use_reads_on_and_sees_a_month_that_begins_anew(bench: Bench) -> None:
    bench.file(rows(*[(1, at(1, 2, i), float(i)) for i in range(2000)]), blocks=True)
    bench.file(rows((1, at(2), 0.0)))
    pieces = bench.reader._library.pieces(Window(1, 0, END))
    first = next(pieces)
    prune(bench.shelf, [key(1)])
    assert len(first.load()) + sum(len(piece.load()) for piece in pieces) >= 2001
    assert bench.raw(1) == [(at(1, 2, 1999), 1999.0), (at(2), 0.0)]
    bench.file(rows((1, at(1, 5), 5.0)))
    assert bench.raw(1) == [(at(1, 2, 1999), 1999.0), (at(1, 5), 5.0), (at(2), 0.0)]


def test_a_file_deleted_between_listing_and_opening_makes_the_read_look_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.file(rows((1, at(1, 2), 1.0), (1, at(1, 3), 2.0)))
    bench.file(rows((1, at(2), 3.0)))
    listed = bench.reader._library.files
    cut = [lambda: prune(bench.shelf, [key(1)])]

    def files_then_prune() -> list[Key]:
        found = listed()
        if cut:
            cut.pop()()
        return found

    monkeypatch.setattr(bench.reader._library, "files", files_then_prune)
    assert bench.raw(1) == [(at(1, 3), 2.0), (at(2), 3.0)]


def test_readers_beside_pruning_miss_nothing(bench: Bench) -> None:
    for month in range(1, 6):
        bench.file(rows(*[(tag, at(month, 2), float(month)) for tag in range(1, 40)], (50, at(1), 5.0)))
    wrong: list[object] = []
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            if bench.before(50, at(6)) != (at(1), 5.0) or bench.before(7, at(6)) != (at(5, 2), 5.0):
                wrong.append("a value is gone")

    reading = threading.Thread(target=read)
    reading.start()
    try:
        for month in range(1, 5):
            prune(bench.shelf, [key(month)])
    finally:
        ended.set()
        reading.join()
    assert not wrong


CUTS: list[tuple[object, str]] = [
    (Carry, "put"),
    (pruning, "size_of"),
    (files, "remove_log"),
    (Shelf, "delete"),
]


@pytest.mark.parametrize(("owner", "name"), CUTS, ids=[name for _, name in CUTS])
@pytest.mark.parametrize("when", ["before", "after"])
def test_whatever_was_cut_off_is_done_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, when: str
) -> None:
    class Cut(BaseException):
        pass

    bench.file(rows((1, at(1, 3), 7.0), (2, at(1, 4), 8.0)))
    bench.file(rows((2, at(2, 4), 9.0)))
    real: Callable[..., object] = getattr(owner, name)

    def cut(*arguments: object) -> object:
        if when == "after":
            real(*arguments)
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, cut)
        with pytest.raises(Cut):
            prune(bench.shelf, [key(1)])
    assert bench.before(1, at(3)) == (at(1, 3), 7.0)
    prune(bench.shelf, [key(1)])
    assert bench.before(1, at(3)) == (at(1, 3), 7.0)
    assert bench.raw(2) == [(at(1, 4), 8.0), (at(2, 4), 9.0)] or bench.raw(2) == [(at(2, 4), 9.0)]
    assert [str(k) for k in files.present(bench.folder)] == ["default/2026-02.db"]
    assert not list(bench.folder.glob("data/*/2026-01*"))


KILLED = """
import os, sys
from pathlib import Path
from hmi.historian.files import Key
from hmi.historian.pruning import prune_steps
from hmi.historian.shelf import Shelf
steps = int(sys.argv[2])
def die(event, _):
    global steps
    if event in ("os.remove", "sqlite3.connect/handle"):
        steps -= 1
        if not steps:
            os._exit(9)
sys.addaudithook(die)
left = int(sys.argv[3])
for _ in prune_steps(Shelf(Path(sys.argv[1]), None), [Key(672, "default")]):
    left -= 1
    if not left:
        os._exit(9)
"""


@pytest.mark.parametrize(("removals", "steps"), [(0, 1), (0, 2), (1, 0), (2, 0), (3, 0)])
def test_a_process_killed_while_pruning_leaves_nothing_half(tmp_path: Path, removals: int, steps: int) -> None:
    bench = Bench(tmp_path)
    bench.file(rows((1, at(1, 3), 7.0)))
    bench.file(rows((2, at(1, 4), 8.0)), blocks=True)
    bench.file(rows((2, at(2, 4), 9.0)))
    bench.shelf.close()
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(removals), str(steps)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    assert subprocess.run(command, env=environment, timeout=50, check=False).returncode == 9
    assert bench.before(1, at(3)) == (at(1, 3), 7.0)
    prune(bench.shelf, [key(1)])
    assert bench.before(1, at(3)) == (at(1, 3), 7.0)
    assert not list(tmp_path.glob("data/*/2026-01*"))
    bench.close()


def test_the_log_of_a_deleted_month_is_not_played_into_its_successor(bench: Bench, tmp_path: Path) -> None:
    bench.file(rows((1, at(1, 3), 7.0)))
    path = key(1).path(bench.folder)
    log = path.with_name("2026-01.db-wal")
    kept = tmp_path / "log"
    kept.write_bytes(log.read_bytes())
    assert kept.stat().st_size
    prune(bench.shelf, [key(1)])
    log.write_bytes(kept.read_bytes())  # the deletion was cut off
    bench.file(rows((1, at(1, 9), 8.0)))
    assert bench.raw(1) == [(at(1, 3), 7.0), (at(1, 9), 8.0)]
    assert bench.reader.verify() == []


@pytest.mark.parametrize("how", ["not a database", "torn", "no tables"])
def test_a_file_that_cannot_be_read_is_deleted_and_leaves_a_hole(bench: Bench, how: str) -> None:
    bench.file(rows((1, at(1, 3), 7.0)))
    prune(bench.shelf, [key(1)])
    bench.file(rows(*[(tag, at(2, 3), float(tag)) for tag in range(2, 300)]), blocks=True)
    bench.shelf.close()
    bench.reader.close()
    path = key(2).path(bench.folder)
    if how == "no tables":
        path.unlink()
        close(connect_writer(path))
    elif how == "torn":
        os.truncate(path, path.stat().st_size // 2)
    else:
        path.write_bytes(b"x" * 10_000)
    bench.reader = open_reader(bench.folder)
    bench.file(rows((4, at(3), 4.0)))
    (found,) = prune(bench.shelf, [key(2)])
    assert found.samples is None
    assert "unknown number" in str(found)
    # Whether the setpoint changed in that month is not known any more.
    page = bench.reader.read_raw(1, at(2), at(5), bounds=True)
    assert (page.time.tolist()[1], page.status.tolist()[1]) == (at(3) - 1, Status.BAD_DATA_LOST)
    assert bench.before(4, at(4)) == (at(3), 4.0)
    assert not path.exists()


def test_a_full_disk_keeps_the_month(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.file(rows((1, at(1, 3), 7.0)))
    real = carry.connect_writer

    def full(path: Path) -> object:
        connection = real(path)
        connection.execute("PRAGMA max_page_count=1").fetchone()
        return connection

    bench.file(rows(*[(tag, at(1, 3), 7.0) for tag in range(300)]))
    with monkeypatch.context() as patch:
        patch.setattr(carry, "connect_writer", full)
        with pytest.raises(StoreError, match="is full"):
            prune(bench.shelf, [key(1)])
    assert key(1).path(bench.folder).exists()
    prune(bench.shelf, [key(1)])
    assert bench.before(1, at(3)) == (at(1, 3), 7.0)


def test_pruning_needs_no_whole_column_of_a_tag(bench: Bench) -> None:
    times = at(1, 2) + np.arange(20_000)
    n = len(times)
    batch = Batch(np.full(n, 1, np.int32), times, np.zeros(n, np.int64), times.astype(float), np.zeros(n, np.uint32))
    bench.file(batch, blocks=True)
    reader = connect_reader(key(1).path(bench.folder))
    assert reader.execute("SELECT count(*) FROM block").fetchone()[0] == 3
    close(reader)
    prune(bench.shelf, [key(1)])
    assert bench.raw(1) == [(int(times[-1]), float(times[-1]))]
