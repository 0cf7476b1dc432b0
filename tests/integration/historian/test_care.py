"""The care of a store beside real other processes, and history that follows a tag through everything done to it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from hmi.cli import history_care, history_notes
from hmi.core.batch import batch_of
from hmi.core.instants import Instants
from hmi.historian import months
from hmi.historian.annotations import Annotations, Span
from hmi.historian.backup import back_up
from hmi.historian.catalogue import Catalogue
from hmi.historian.files import present
from hmi.historian.offline import delete_months
from hmi.historian.restore import restore
from hmi.historian.store import open_reader, open_store
from tests.helpers.children import Child

ROOT = Path(__file__).parents[3]
Spawn = Callable[..., Child]
JANUARY = (2026 - 1970) * 12
WRITER = """
import sys
from pathlib import Path
from hmi.core.batch import batch_of
from hmi.core.instants import Instants
from hmi.historian.catalogue import Catalogue
from hmi.historian.store import StoreOptions, open_store
folder = Path(sys.argv[1])
options = StoreOptions(flush_seconds=0.001, compact_rows=2000, compact_flushes=10)
writer = open_store(folder, clock=lambda: Instants(0, 1), options=options)
with Catalogue(folder) as catalogue:
    catalogue.ids_for([("a", "line/a", False, False)], 1)
number = 0
while True:
    writer.append(batch_of([1] * 100, range(100 * number, 100 * number + 100), [0] * 100, [1.0] * 100, [0] * 100))
    if number % 10 == 0:
        writer.flush()
        print('{"confirmed": %d}' % (100 * number + 100), flush=True)
    number += 1
"""


def at(month: int, day: int = 1) -> int:
    return months.start_of(JANUARY + month - 1) + (day - 1) * months.DAY


@pytest.fixture
def station(tmp_path: Path, spawn: Spawn) -> Child:
    """A process that writes the store in `history`."""
    child = spawn(sys.executable, "-c", WRITER, tmp_path / "history", env={"PYTHONPATH": str(ROOT)})
    while not present(tmp_path / "history"):
        child.read_json_line()
    return child


def test_what_changes_a_store_is_refused_while_another_process_writes_it(station: Child, tmp_path: Path) -> None:
    folder = tmp_path / "history"
    back_up(folder, tmp_path / "copy", utc=1)
    for command, words in (
        (history_care.prune, ["--older-than", "1d"]),
        (history_care.restore, [str(tmp_path / "copy")]),
        (history_notes.annotate, ["--start", "1", "--text", "x"]),
    ):
        done = CliRunner().invoke(command, ["--store", str(folder), *words])
        assert done.exit_code == 1
        assert f"is written by process {station.pid} since" in done.stderr
    for command in (history_care.info, history_care.verify):
        assert CliRunner().invoke(command, ["--store", str(folder)]).exit_code == 0
    assert station.process.poll() is None
    assert len(present(folder)) == 1
    station.kill()
    done = CliRunner().invoke(history_care.prune, ["--store", str(folder), "--older-than", "1d"])
    assert (done.exit_code, present(folder)) == (0, [])


def test_the_backup_command_runs_beside_a_station(station: Child, tmp_path: Path, spawn: Spawn) -> None:
    confirmed = station.read_json_line()["confirmed"]
    program = "from hmi.cli.history_care import backup; backup()"
    words = ["--store", tmp_path / "history", tmp_path / "copy"]
    command = spawn(sys.executable, "-c", program, *words, env={"PYTHONPATH": str(ROOT)})
    assert command.wait() == 0, command.stderr
    later = station.read_json_line()["confirmed"]
    assert later >= confirmed
    station.kill()
    reader = open_reader(tmp_path / "copy")
    times = reader.read_raw(1, 0, 1 << 60).time.tolist()
    reader.close()
    assert len(times) >= confirmed
    assert times == list(range(len(times)))
    assert CliRunner().invoke(history_care.verify, ["--store", str(tmp_path / "copy")]).exit_code == 0


def test_a_renamed_tag_keeps_its_history_through_pruning_backup_and_restore(tmp_path: Path) -> None:
    folder = tmp_path / "history"
    now = Instants(0, at(6))

    def name(path: str, utc: int) -> int:
        with Catalogue(folder) as catalogue:
            return catalogue.ids_for([("u1", path, False, False), ("u2", "line/other", False, False)], utc)["u1"]

    def append(time: int, value: float) -> None:
        writer = open_store(folder, clock=lambda: now)
        writer.append(batch_of([number], [time], [0], [value], [0]))
        writer.tidy()
        writer.close()

    folder.mkdir()
    number = name("line/old", at(1))
    append(at(1, 5), 1.0)
    with Catalogue(folder) as catalogue:
        Annotations(catalogue).annotate("New sensor.", "anna", at(1, 6), at(1, 6), at(1, 6), number)
    assert name("line/new", at(2)) == number
    append(at(2, 5), 2.0)
    assert name("hall/new", at(3)) == number
    append(at(3, 5), 3.0)
    assert [p.key for p in delete_months(folder, [present(folder)[0]], by="eve", now=now)]
    back_up(folder, tmp_path / "copy", utc=now.utc)
    restore(tmp_path / "copy", folder, now=now, by="eve")
    with Catalogue(folder, readonly=True) as catalogue:
        assert catalogue.id_of("hall/new") == catalogue.id_of("line/old") == number
        assert catalogue.id_of("line/old", at=at(1, 5)) == number
        assert catalogue.id_of("line/old", at=at(2)) is None
        assert catalogue.id_of("line/new", at=at(2)) == catalogue.id_of("hall/new", at=at(3)) == number
        assert [note.now.text for note in Annotations(catalogue).find(Span(tags=[number]))] == ["New sensor."]
    reader = open_reader(folder)
    page = reader.read_raw(number, 0, at(6))
    reader.close()
    assert (page.time.tolist(), page.value.tolist()) == ([at(1, 5), at(2, 5), at(3, 5)], [1.0, 2.0, 3.0])
    shown = CliRunner().invoke(history_care.info, ["--store", str(folder), "--tags"]).stdout.splitlines()[-1]
    assert shown.startswith("hall/new: 2 samples")
