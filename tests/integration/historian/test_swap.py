"""Wherever a restore is cut off or refused, the old or the new store stands there whole."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from hmi.core.instants import Instants
from hmi.historian import restore as module
from hmi.historian import swap
from hmi.historian.api import StoreError, StoreLockedError
from hmi.historian.audit import AuditEntry
from hmi.historian.soundness import faults
from hmi.historian.store import StoreWriter, open_store
from tests.helpers_historian.copies import SMALL, clock, contents, piece, put_back, quiet, samples_of

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


def test_a_crash_before_an_empty_folder_is_put_aside_leaves_what_can_be_opened(saved: Path, tmp_path: Path) -> None:
    """The folder holds nothing but the lock of the restore."""
    store = tmp_path / "new" / "history"
    store.mkdir(parents=True)
    command = [sys.executable, "-c", DYING, str(saved), str(store), "2", "os.rename"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    died = subprocess.run(command, env=environment, timeout=50, check=False, capture_output=True, text=True)
    assert died.returncode == 9, died.stderr
    assert sorted(path.name for path in store.parent.iterdir()) == ["history", "history.complete"]
    open_store(store, clock=clock, options=SMALL, on_health=quiet).close()
    assert samples_of(store) == samples_of(saved)
    assert [path.name for path in store.parent.iterdir()] == ["history"]


def test_a_station_that_starts_on_a_new_folder_while_it_is_restored_keeps_its_store(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "new" / "history"
    real = module.record

    def meanwhile(part: Path, entries: Sequence[AuditEntry], now: Instants) -> None:
        real(part, entries, now)
        monkeypatch.undo()
        stations.append(open_store(store, clock=clock, options=SMALL, on_health=quiet))

    stations: list[StoreWriter] = []
    monkeypatch.setattr(module, "record", meanwhile)
    with pytest.raises(StoreLockedError):
        put_back(saved, store)
    (station,) = stations
    station.append(piece(1))
    station.close()
    assert len(samples_of(store)) == 50
    assert [path.name for path in store.parent.iterdir()] == ["history"]
