"""A backup of a store at rest holds all of it and says what, or leaves nothing."""

import json
import shutil
from pathlib import Path

import pytest

from hmi.core.batch import batch_of
from hmi.core.quality import Status
from hmi.historian import backup as module
from hmi.historian.api import StoreError
from hmi.historian.backup import back_up
from hmi.historian.carry import Carry
from hmi.historian.files import Key, carry_path, present
from hmi.historian.pruning import prune
from hmi.historian.shelf import Shelf
from hmi.historian.soundness import faults
from hmi.historian.sqlite import close, connect_writer
from hmi.historian.store import open_store
from tests.helpers_historian.copies import (
    NOW,
    SMALL,
    clock,
    contents,
    put_back,
    quiet,
    samples_of,
)


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
