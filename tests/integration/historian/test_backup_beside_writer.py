"""A backup of a store at full speed has all that was confirmed before it, and holds up nobody."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hmi.core.batch import batch_of
from hmi.historian import backup as module
from hmi.historian.api import StoreLockedError
from hmi.historian.audit import AuditEntry
from hmi.historian.backup import back_up
from hmi.historian.catalogue import Catalogue
from hmi.historian.event_reader import EventReader, Query
from hmi.historian.events import open_events
from hmi.historian.files import present
from hmi.historian.pruning import prune
from hmi.historian.shelf import Shelf
from hmi.historian.store import StoreOptions, open_store
from tests.helpers_historian.copies import BASE, MONTH, NOW, SMALL, clock, piece, put_back, quiet, samples_of


@pytest.mark.parametrize("run", range(3))
def test_a_backup_of_a_writer_at_full_speed_has_all_that_was_confirmed(tmp_path: Path, run: int) -> None:
    writer = open_store(tmp_path / "history", clock=clock, options=SMALL, on_health=quiet)
    events = open_events(tmp_path / "history", clock=clock)
    with Catalogue(tmp_path / "history") as catalogue:
        catalogue.ids_for([("a", "line/a", False, False)], 1)
    ended = threading.Event()
    confirmed = audited = -1

    def feed() -> None:
        nonlocal confirmed, audited
        number = 0
        while not ended.is_set():
            # Every fifth batch lies in another month.
            writer.append(piece(number, start=BASE + (number % 5 == 0) * MONTH))
            if number % 3 == 0:
                writer.flush()
                confirmed = number
            if number % 7 == 0:
                events.audit(AuditEntry("anna", "operator", "pc1", "write", "x", new=number)).result(30)
                audited = number
            number += 1

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        while confirmed < 40 + 20 * run or audited < 0:
            pass
        before, trail = confirmed, audited
        back_up(tmp_path / "history", tmp_path / "copy", utc=NOW.utc)
    finally:
        ended.set()
        feeder.join()
        writer.close()
        events.close()
    put_back(tmp_path / "copy", tmp_path / "history")
    check_stream(tmp_path / "history", before)
    reader = EventReader(tmp_path / "history")
    assert reader.verify_audit() == []
    kept = [record for record in reader.audit(Query(limit=100_000)).lines if record.action == "write"]
    assert max(int(record.new) for record in kept) >= trail
    reader.close()
    # What the journal and the data files both have is filed once, and the numbering goes on.
    goes_on(tmp_path / "history")


def check_stream(folder: Path, confirmed: int) -> None:
    """Every batch up to the last confirmed one, whole and each sample once; later ones may be there in part."""
    for tag in (1, 2, 3):
        found = samples_of(folder, tag)
        assert len({time for time, _ in found}) == len(found)
        counts = np.bincount([int(value) for _, value in found], minlength=confirmed + 1)
        assert (counts[: confirmed + 1] == 50).all()
        assert counts.max() == 50


def goes_on(folder: Path) -> None:
    before = {tag: samples_of(folder, tag) for tag in (1, 2, 3)}
    writer = open_store(folder, clock=clock, options=SMALL, on_health=quiet)
    fresh = piece(10_000_000, rows=1, start=BASE + 5 * MONTH)
    writer.append(fresh)
    writer.tidy()
    reader = writer.reader()
    assert reader.verify() == []
    assert reader.info().samples == sum(map(len, before.values())) + 3
    reader.close()
    writer.close()
    for tag, was in before.items():
        assert samples_of(folder, tag) == [*was, (int(fresh.time[0]), 10_000_000.0)]


WRITER = """
import sys
from pathlib import Path
from hmi.core.instants import Instants
from hmi.historian.store import open_store
from tests.helpers_historian.copies import SMALL, clock, piece, quiet
writer = open_store(Path(sys.argv[1]), clock=clock, options=SMALL, on_health=quiet)
number = 0
while True:
    writer.append(piece(number))
    if number % 5 == 0:
        writer.flush()
        print("{%s: %d}" % ('"confirmed"', number), flush=True)
    number += 1
"""


def test_a_backup_from_another_process_holds_up_nothing(tmp_path: Path, spawn: Callable[..., "object"]) -> None:
    folder = tmp_path / "history"
    folder.mkdir()
    with Catalogue(folder) as catalogue:
        catalogue.ids_for([("a", "line/a", False, False)], 1)
    child = spawn(sys.executable, "-c", WRITER, folder, env={"PYTHONPATH": str(Path(__file__).parents[3])})
    while (confirmed := child.read_json_line()["confirmed"]) < 50:
        pass
    back_up(folder, tmp_path / "copy", utc=NOW.utc)
    later = child.read_json_line()["confirmed"]
    with pytest.raises(StoreLockedError, match="is written by process"):
        put_back(tmp_path / "copy", folder)
    child.kill()
    check_stream(tmp_path / "copy", confirmed)
    check_stream(folder, later)
    assert [p.name for p in tmp_path.iterdir() if p.is_dir() and p.name.startswith("history")] == ["history"]
    restored = put_back(tmp_path / "copy", folder)
    check_stream(folder, confirmed)
    assert restored.aside is not None
    check_stream(restored.aside, later)


def test_an_overwritten_sample_stays_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = StoreOptions(flush_seconds=3600)
    writer = open_store(tmp_path / "history", clock=clock, options=options, on_health=quiet)
    writer.append(batch_of([1], [BASE], [0], [1.0], [0]))
    writer.flush()
    real = module._vacuum

    def then_more(path: Path, copy: Path) -> bool:
        done = real(path, copy)
        if path.name == "journal.db":
            # After the journal was copied, another value of that time comes and both are filed.
            writer.append(batch_of([1, 1], [BASE, BASE + 1], [0, 0], [2.0, 3.0], [0, 0]))
            writer.tidy()
        return done

    monkeypatch.setattr(module, "_vacuum", then_more)
    back_up(tmp_path / "history", tmp_path / "copy", utc=NOW.utc)
    writer.close()
    put_back(tmp_path / "copy", tmp_path / "history")
    assert [time for time, _ in samples_of(tmp_path / "history")] == [BASE, BASE + 1]
    writer = open_store(tmp_path / "history", clock=clock, options=options, on_health=quiet)
    writer.append(batch_of([1], [BASE + 2], [0], [4.0], [0]))
    writer.tidy()
    writer.close()
    assert samples_of(tmp_path / "history") == [(BASE, 2.0), (BASE + 1, 3.0), (BASE + 2, 4.0)]


def test_a_month_that_retention_deletes_during_the_backup_leaves_its_last_values(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    oldest, *_ = present(store)
    real = module._vacuum
    shelf = Shelf(store, None)

    def then_prune(path: Path, copy: Path) -> bool:
        if path == oldest.path(store):
            prune(shelf, [oldest])
        return real(path, copy)

    monkeypatch.setattr(module, "_vacuum", then_prune)
    manifest = back_up(store, tmp_path / "copy", utc=NOW.utc)
    shelf.close()
    names = [file.path for file in manifest.files]
    assert f"data/{oldest}" not in names
    assert "data/default/carry.db" in names
    assert samples_of(tmp_path / "copy") == samples_of(store)
