"""A backup of a store at full speed has all that was confirmed before it, and a restore is all of it or nothing."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hmi.core.batch import Batch, batch_of
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.historian import backup as module
from hmi.historian import swap
from hmi.historian.annotations import Annotations, Span
from hmi.historian.api import StoreError, StoreLockedError
from hmi.historian.audit import AuditEntry
from hmi.historian.backup import back_up
from hmi.historian.carry import Carry
from hmi.historian.catalogue import Catalogue
from hmi.historian.event_reader import EventReader, Query
from hmi.historian.events import open_events
from hmi.historian.files import Key, carry_path, present
from hmi.historian.lock import FolderLock
from hmi.historian.pruning import prune
from hmi.historian.restore import Restored, restore
from hmi.historian.shelf import Shelf
from hmi.historian.soundness import faults
from hmi.historian.sqlite import close, connect_writer
from hmi.historian.store import StoreOptions, open_reader, open_store

SMALL = StoreOptions(
    flush_seconds=0.001,
    compact_rows=3000,
    compact_flushes=20,
    run_rows=300,
    fresh_runs=2,
    block_from=100,
    block_rows=500,
)
LATEST = 1 << 62
NOW = Instants(0, 1_800_000_000 * SECOND)
MONTH = 31 * 86_400 * SECOND
BASE = 1_780_000_000 * SECOND


def clock() -> Instants:
    return NOW


def quiet(_event: object) -> None:
    """Nobody listens."""


def piece(number: int, tags: int = 3, rows: int = 50, start: int = BASE, step: int = 1) -> Batch:
    """Batch n of a stream: its values say which one it is, and no time comes twice."""
    times = start + (number * rows + np.arange(rows)) * step
    return batch_of(
        np.repeat(np.arange(1, tags + 1), rows).astype(np.int32),
        np.tile(times, tags),
        np.zeros(tags * rows, np.int64),
        np.full(tags * rows, float(number)),
        np.zeros(tags * rows, np.uint32),
    )


def whole_store(folder: Path, batches: int = 60) -> None:
    """A store with three months, names, annotations, events and an audit trail."""
    writer = open_store(folder, clock=clock, options=SMALL, on_health=quiet)
    step = 2 * MONTH // (50 * batches)
    for n in range(batches - 1):
        writer.append(piece(n, step=step))
    writer.tidy()
    writer.append(piece(batches - 1, step=step))
    writer.close()
    events = open_events(folder, clock=clock)
    for n in range(5):
        events.audit(AuditEntry("anna", "operator", "pc1", "write", "line/speed", new=n)).result(30)
    events.close()
    with Catalogue(folder) as catalogue:
        catalogue.ids_for([(f"u{n}", f"line/t{n}", False, False) for n in (1, 2, 3)], 1)
        Annotations(catalogue).annotate("Filter changed.", "anna", 5, BASE, BASE, 1)


def samples_of(folder: Path, tag: int = 1) -> list[tuple[int, float]]:
    reader = open_reader(folder)
    page = reader.read_raw(tag, 0, LATEST)
    reader.close()
    return list(zip(page.time.tolist(), page.value.tolist(), strict=True))


def contents(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def put_back(source: Path, folder: Path) -> Restored:
    return restore(source, folder, now=NOW, by="eve")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store and its backup, copied for each test."""
    folder = tmp_path_factory.mktemp("made")
    whole_store(folder / "history")
    back_up(folder / "history", folder / "one", utc=NOW.utc)
    return folder


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "history", tmp_path / "history"))


@pytest.fixture
def saved(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "one", tmp_path / "backups" / "one"))


def test_a_backup_holds_everything_and_says_what(store: Path, tmp_path: Path) -> None:
    heard: list[float] = []
    target = tmp_path / "copy"
    target.mkdir()
    manifest = back_up(store, target, utc=NOW.utc, tell=heard.append)
    assert contents(target) == {"manifest.json", *(file.path for file in manifest.files)}
    assert [file.path for file in manifest.files] == [
        "journal.db",
        *(f"data/{key}" for key in present(store)),
        "catalogue.db",
        "audit.head",
        "events.db",
    ]
    assert manifest.samples == sum(file.samples for file in manifest.files) == 60 * 150
    assert all((target / file.path).stat().st_size == file.bytes for file in manifest.files)
    assert (manifest.faults, manifest.left_out, manifest.made) == ((), (), NOW.utc)
    assert json.loads((target / "manifest.json").read_text())["made_utc"] == "2027-01-15T08:00:00Z"
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    # A backup is a store like any other.
    assert samples_of(target) == samples_of(store)
    assert list(faults(target)) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy", "history"]


@pytest.mark.parametrize("where", ["full", "file", "inside", "missing"])
def test_a_backup_refuses_what_would_go_wrong(store: Path, tmp_path: Path, where: str) -> None:
    target = tmp_path / "copy"
    source = store
    if where == "full":
        target.mkdir()
        (target / "something").touch()
    elif where == "file":
        target.touch()
    elif where == "inside":
        target = store / "data" / "copy"
    else:
        source = tmp_path / "nowhere"
    before = contents(tmp_path)
    words = {"full": "is not empty", "file": "is not empty", "inside": "lies inside", "missing": "no history"}
    with pytest.raises(StoreError, match=words[where]):
        back_up(source, target, utc=NOW.utc)
    assert contents(tmp_path) == before


def test_too_little_room_is_told_before_anything_is_written(
    store: Path, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _path: usage._replace(free=1_000_000))
    before = contents(tmp_path)
    with pytest.raises(StoreError, match=r"too little room: 6\d MB are needed and 1 MB are free"):
        back_up(store, tmp_path / "copy", utc=NOW.utc)
    with pytest.raises(StoreError, match="too little room"):
        put_back(saved, store)
    assert contents(tmp_path) == before


def test_a_backup_that_fails_leaves_nothing(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "settled", full)
    with pytest.raises(StoreError, match="No space left"):
        back_up(store, tmp_path / "copy", utc=NOW.utc)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["history"]


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
from tests.integration.historian.test_backup import SMALL, clock, piece, quiet
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


def test_a_damaged_month_is_left_out_and_named(store: Path, tmp_path: Path) -> None:
    first, second, *_ = present(store)
    first.path(store).write_bytes(b"x" * 10_000)
    Carry(carry_path(store, "default")).close()
    manifest = back_up(store, tmp_path / "copy", utc=NOW.utc)
    assert len(manifest.left_out) == 1
    assert f"data/{first} is not in the backup." in manifest.left_out[0]
    assert second.path(tmp_path / "copy").is_file()
    assert not first.path(tmp_path / "copy").exists()


def test_a_backup_of_a_damaged_row_is_restored_as_it_is_and_says_so(store: Path, tmp_path: Path) -> None:
    file = present(store)[0].path(store)
    connection = connect_writer(file)
    connection.execute("UPDATE block SET data = zeroblob(length(data)) WHERE id = (SELECT min(id) FROM block)")
    close(connection)
    manifest = back_up(store, tmp_path / "copy", utc=NOW.utc)
    assert len(manifest.faults) == 1
    assert "is damaged in one place" in manifest.faults[0]
    put_back(tmp_path / "copy", store)
    assert list(faults(store)) == list(manifest.faults)


def test_a_restore_puts_everything_back_and_keeps_what_was_there(saved: Path, store: Path) -> None:
    was = samples_of(store)
    writer = open_store(store, clock=clock, options=SMALL, on_health=quiet)
    writer.append(piece(500))
    writer.close()
    restored = put_back(saved, store)
    assert samples_of(store) == was
    assert restored.aside == store.with_name("history.before-20270115T080000Z")
    assert len(samples_of(restored.aside)) == len(was) + 50
    with Catalogue(store, readonly=True) as catalogue:
        assert catalogue.id_of("line/t2") == 2
        assert [note.now.text for note in Annotations(catalogue).find(Span())] == ["Filter changed."]
    assert sorted(p.name for p in store.parent.iterdir()) == ["backups", "history", restored.aside.name]
    assert list(faults(store)) == []
    again = put_back(saved, store)
    assert again.aside == store.with_name("history.before-20270115T080000Z-1")


def test_the_audit_trail_tells_of_the_restore_and_of_what_it_replaced(saved: Path, store: Path) -> None:
    events = open_events(store, clock=clock)
    events.audit(AuditEntry("anna", "operator", "pc1", "write", "line/speed", new=99)).result(30)
    events.close()
    put_back(saved, store)
    reader = EventReader(store)
    newest, *older = reader.audit(Query()).lines
    assert (newest.user, newest.action, len(older)) == ("eve", "history-restore", 5)
    assert "up to record 6 " in newest.old
    assert reader.verify_audit() == []
    reader.close()


def test_a_restore_makes_a_store_where_there_is_none(saved: Path, store: Path, tmp_path: Path) -> None:
    for folder in (tmp_path / "new" / "place", tmp_path / "empty"):
        if folder.name == "empty":
            folder.mkdir()
        assert put_back(saved, folder).aside is None
        assert samples_of(folder) == samples_of(store)
        assert [p.name for p in folder.parent.iterdir() if p.name.startswith(folder.name)] == [folder.name]


def test_a_restore_refuses_a_folder_of_something_else(saved: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "letter.txt").touch()
    with pytest.raises(StoreError, match="no history folder"):
        put_back(saved, home)
    assert contents(home) == {"letter.txt"}


@pytest.mark.parametrize("how", ["flipped", "cut", "missing", "torn", "unlisted", "newer", "outside", "no manifest"])
def test_a_backup_that_is_not_as_it_was_made_is_refused(saved: Path, store: Path, how: str) -> None:
    manifest = saved / "manifest.json"
    month = next((saved / "data" / "default").iterdir())
    data = bytearray(month.read_bytes())
    if how == "flipped":
        data[len(data) // 2] ^= 1
        month.write_bytes(data)
    elif how == "cut":
        month.write_bytes(data[:-4096])
    elif how == "missing":
        month.unlink()
    elif how == "torn":
        manifest.write_text(manifest.read_text()[:200])
    elif how == "unlisted":
        _change(manifest, lambda found: found["files"].pop(0))
    elif how == "newer":
        _change(manifest, lambda found: found.update(store_version=99))
    elif how == "outside":
        _change(manifest, lambda found: found["files"][0].update(path="../../journal.db"))
    else:
        manifest.unlink()
    before, was = contents(store.parent), samples_of(store)
    words = {
        "flipped": "checksum does not match",
        "cut": "checksum does not match",
        "missing": "is missing",
        "torn": "is damaged",
        "unlisted": "journal.db is missing",
        "newer": "newer version",
        "outside": "outside the backup",
        "no manifest": "no complete backup",
    }
    with pytest.raises(StoreError, match=words[how]):
        put_back(saved, store)
    assert contents(store.parent) == before
    assert samples_of(store) == was


def _change(manifest: Path, change: Callable[[dict[str, object]], object]) -> None:
    found = json.loads(manifest.read_text())
    change(found)
    manifest.write_text(json.dumps(found))


def test_a_changed_backup_with_a_new_checksum_is_found_by_its_rows(saved: Path, store: Path) -> None:
    """Somebody may make the manifest fit; the rows have checksums of their own."""
    month = present(saved)[0].path(saved)
    connection = connect_writer(month)
    connection.execute("UPDATE block SET data = zeroblob(length(data)) WHERE id = (SELECT min(id) FROM block)")
    connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    close(connection)

    def fit(found: dict[str, object]) -> None:
        files = found["files"]
        assert isinstance(files, list)
        for file in files:
            if (saved / file["path"]) == month:
                file |= {"sha256": module.settled(month), "bytes": month.stat().st_size}

    _change(saved / "manifest.json", fit)
    with pytest.raises(StoreError, match=r"The restored copy is not sound: .*damaged in one place"):
        put_back(saved, store)


def test_a_restore_refuses_a_store_that_is_written(saved: Path, store: Path) -> None:
    lock = FolderLock(store, NOW.utc)
    with pytest.raises(StoreLockedError, match="is written by process"):
        put_back(saved, store)
    lock.release()


DYING = """
import os, sys
from pathlib import Path
from hmi.core.instants import Instants
from hmi.historian.restore import restore
left, event_name = int(sys.argv[3]), sys.argv[4]
def die(event, arguments):
    global left
    if event == event_name and (event != "os.rename" or Path(arguments[0]).parent == Path(sys.argv[2]).parent):
        left -= 1
        if not left:
            os._exit(9)
sys.addaudithook(die)
restore(Path(sys.argv[1]), Path(sys.argv[2]), now=Instants(0, 1), by="eve")
print("done")
"""


@pytest.mark.parametrize(
    ("event", "number", "is_new"),
    [("shutil.copyfile", 3, False), ("os.rename", 1, False), ("os.rename", 2, False), ("os.rename", 3, True)],
)
def test_a_crash_during_a_restore_leaves_the_old_or_the_new_store_whole(
    saved: Path, store: Path, event: str, number: int, is_new: bool
) -> None:
    old = samples_of(saved)
    writer = open_store(store, clock=clock, options=SMALL, on_health=quiet)
    writer.append(piece(500))
    writer.close()
    new = samples_of(store)
    command = [sys.executable, "-c", DYING, str(saved), str(store), str(number), event]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    died = subprocess.run(command, env=environment, timeout=50, check=False, capture_output=True, text=True)
    assert died.returncode == 9, died.stderr
    open_store(store, clock=clock, options=SMALL, on_health=quiet).close()
    assert list(faults(store)) == []
    assert samples_of(store) == (old if is_new else new)
    assert not store.with_name("history.complete").exists()
    # And it can be done again, and leaves nothing of the one that died.
    put_back(saved, store)
    assert samples_of(store) == old
    assert not list(store.parent.glob("history.part-*"))


DYING_BACKUP = """
import os, sys
from pathlib import Path
from hmi.historian.backup import back_up
def tell(done):
    if done > 0.3:
        os._exit(9)
back_up(Path(sys.argv[1]), Path(sys.argv[2]), utc=1, tell=tell)
"""


def test_a_backup_deletes_what_a_killed_one_left_and_nothing_else(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "there" / "monday"
    command = [sys.executable, "-c", DYING_BACKUP, str(store), str(target)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    died = subprocess.run(command, env=environment, timeout=50, check=False, capture_output=True, text=True)
    assert died.returncode == 9, died.stderr
    (left,) = target.parent.iterdir()
    assert left.name.startswith("monday.part-")
    under_way = target.with_name("monday.part-0123abcd")
    others = [
        target.with_name(name) for name in ("monday.part-notes", "tuesday.part-0123abcd", "monday.part-0123456789")
    ]
    for folder in (under_way, *others):
        folder.mkdir()
    somebodys = target.with_name("monday.part-00000000")
    somebodys.mkdir()
    (somebodys / "thesis.txt").write_text("mine")
    link = target.with_name("monday.part-11111111")
    link.symlink_to(others[0], target_is_directory=True)
    lock = FolderLock(under_way, 1)
    back_up(store, target, utc=NOW.utc)
    lock.release()
    assert contents(target) == contents(target) - {"writer.lock"}
    assert sorted(target.parent.iterdir()) == sorted([target, under_way, *others, somebodys, link])
    assert (somebodys / "thesis.txt").exists()


def test_a_station_that_starts_during_the_last_step_is_refused(
    saved: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    real = swap._last_step

    def meanwhile(ready: Path, folder: Path, aside: Path) -> None:
        assert not folder.exists()
        with pytest.raises(StoreLockedError) as refused:
            open_store(folder, clock=clock, on_health=quiet)
        tried.append(str(refused.value))
        real(ready, folder, aside)

    monkeypatch.setattr(swap, "_last_step", meanwhile)
    put_back(saved, store)
    assert len(tried) == 1
    assert list(faults(store)) == []


def test_a_store_that_cannot_be_put_aside_stays(saved: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    was = samples_of(store)
    real = Path.rename

    def refused(self: Path, target: Path) -> Path:
        if self.name == "history.complete":
            raise OSError(16, "Device or resource busy")
        return real(self, target)

    before = contents(store.parent)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refused)
        with pytest.raises(StoreError, match="cannot be replaced: Device or resource busy"):
            put_back(saved, store)
    assert contents(store.parent) == before
    assert samples_of(store) == was


def test_a_setpoint_of_a_deleted_month_is_in_the_backup(store: Path, tmp_path: Path) -> None:
    shelf = Shelf(store, None)
    writer = open_store(store, clock=clock, options=SMALL, on_health=quiet)
    writer.append(batch_of([3], [5], [0], [7.5], [Status.GOOD]))
    writer.tidy()
    writer.close()
    prune(shelf, [Key(0, "default")])
    shelf.close()
    back_up(store, tmp_path / "copy", utc=NOW.utc)
    put_back(tmp_path / "copy", store)
    assert samples_of(store, 3)[0] == (5, 7.5)
