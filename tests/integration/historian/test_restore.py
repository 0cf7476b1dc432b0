"""A restore puts everything back and keeps what was there; what is not as it was made is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hmi.historian import backup as module
from hmi.historian.annotations import Annotations, Span
from hmi.historian.api import StoreError, StoreLockedError
from hmi.historian.audit import AuditEntry
from hmi.historian.catalogue import Catalogue
from hmi.historian.event_reader import EventReader, Query
from hmi.historian.events import open_events
from hmi.historian.files import present
from hmi.historian.lock import FolderLock
from hmi.historian.soundness import faults
from hmi.historian.sqlite import close, connect_writer
from hmi.historian.store import open_store
from tests.helpers_historian.copies import (
    NOW,
    SMALL,
    clock,
    contents,
    piece,
    put_back,
    quiet,
    samples_of,
)


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
