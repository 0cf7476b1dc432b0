"""What a killed backup has left goes with the next one, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hmi.historian import backup
from hmi.historian.backup import back_up
from hmi.historian.leftovers import clear_leftovers
from hmi.historian.lock import FolderLock
from tests.helpers_historian.copies import NOW, contents

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


def test_a_backup_is_nobodys_leftover_until_it_has_its_name(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another backup of the same name sweeps at any moment, also just before the last step."""
    target = tmp_path / "monday"
    real = backup.settle_names
    swept: list[str] = []

    def sweep_first(folder: Path) -> None:
        real(folder)
        clear_leftovers(target, NOW.utc)
        swept.append(folder.name)

    monkeypatch.setattr(backup, "settle_names", sweep_first)
    back_up(store, target, utc=NOW.utc)
    assert any(name.startswith("monday.part-") for name in swept)
    assert contents(target) == contents(target) - {"writer.lock"}
    FolderLock(target, 1).release()  # nobody holds it any more
