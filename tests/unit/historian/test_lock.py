"""One process writes a folder; whoever comes second is told who is first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hmi.historian.api import StoreLockedError
from hmi.historian.lock import LOCK_NAME, FolderLock

NOON = 1_767_268_800_000_000_000
HOLD = """
import sys
from pathlib import Path
from hmi.historian.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]), 0)
print("held", flush=True)
sys.stdin.read()
"""


def test_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path, NOON)
    with pytest.raises(StoreLockedError, match=f"process {os.getpid()} since 2026-01-01 12:00:00 UTC"):
        FolderLock(tmp_path, NOON)
    lock.release()
    lock.release()
    FolderLock(tmp_path, NOON).release()


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"held"
        with pytest.raises(StoreLockedError, match=f"process {child.pid}"):
            FolderLock(tmp_path, NOON)
        child.kill()
    FolderLock(tmp_path, NOON).release()


def test_an_unreadable_lock_file_is_no_obstacle(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path, NOON)
    (tmp_path / LOCK_NAME).write_text("?")
    with pytest.raises(StoreLockedError, match="another process"):
        FolderLock(tmp_path, NOON)
    lock.release()
