"""Several files, all or nothing: whatever stops the station, and wherever."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hmi.core.errors import LinesideError
from hmi.historian import durable
from hmi.station.editing.saving import FOLDER, Entry, Saving

BEFORE = {"tags/a.jsonl": b"a1\n", "tags/b.jsonl": b"b1\n", "displays/d.json": b"{}", "tags/new.jsonl": None}
AFTER = {"tags/a.jsonl": b"a2\n", "tags/b.jsonl": b"b2\n", "displays/d.json": None, "tags/new.jsonl": b"n\n"}
ENTRY = Entry.between("eva", 7, "a limit", BEFORE, AFTER)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for name, data in BEFORE.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if data is not None:
            file.write_bytes(data)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def contents(project: Path) -> dict[str, bytes | None]:
    return {name: (project / name).read_bytes() if (project / name).exists() else None for name in BEFORE}


def strays(project: Path) -> list[str]:
    return [file.name for file in project.rglob("*") if file.is_file() and file.name.startswith(".")]


def test_files_are_written_and_can_be_taken_back(project: Path, data: Path) -> None:
    saving = Saving(project, data)
    (project / "tags" / "a.jsonl").chmod(0o640)
    saving.save(ENTRY, BEFORE, AFTER)
    assert contents(project) == AFTER
    assert strays(project) == []
    assert saving.last() == ENTRY
    if os.name == "posix":
        assert (project / "tags" / "a.jsonl").stat().st_mode & 0o777 == 0o640
    texts = {name: content for name, content in AFTER.items() if content is not None}
    assert ENTRY.reversed("max", 8).applied(texts) == BEFORE
    saving.take_back(BEFORE, None)
    assert contents(project) == BEFORE
    assert saving.last() is None


def test_a_file_that_somebody_changed_meanwhile_is_not_overwritten(project: Path, data: Path) -> None:
    (project / "tags" / "b.jsonl").write_bytes(b"pulled\n")
    with pytest.raises(LinesideError, match=r"tags/b.jsonl was changed on the disk"):
        Saving(project, data).save(ENTRY, BEFORE, AFTER)
    assert contents(project) == {**BEFORE, "tags/b.jsonl": b"pulled\n"}


def test_a_full_disk_leaves_everything_as_it_was(project: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = durable.write
    written = 0

    def full(path: Path, content: bytes) -> None:
        nonlocal written
        written += 1
        if written == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        plain(path, content)

    monkeypatch.setattr(durable, "write", full)
    with pytest.raises(LinesideError, match="No space left"):
        Saving(project, data).save(ENTRY, BEFORE, AFTER)
    assert contents(project) == BEFORE
    assert strays(project) == []
    assert Saving(project, data).finish() is None


class Disk:
    """Fails at the n-th step of writing, once or from then on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int, *, for_good: bool) -> None:
        self.steps, self._at, self._for_good = 0, at, for_good
        monkeypatch.setattr(durable, "write", self._failing(durable.write))
        monkeypatch.setattr(durable, "settle_names", self._failing(durable.settle_names))

    def _failing(self, step: Callable[..., None]) -> Callable[..., None]:
        def failing(*arguments: Any) -> None:
            self.steps += 1
            if self.steps == self._at or (self._for_good and self.steps > self._at):
                raise OSError(errno.EIO, "Input/output error")
            step(*arguments)

        return failing


@pytest.mark.parametrize("former", [None, Entry.between("max", 3, "before", {}, {})])
def test_a_disk_that_fails_at_any_step_leaves_everything_as_it_was(
    project: Path, data: Path, monkeypatch: pytest.MonkeyPatch, former: Entry | None
) -> None:
    saving = Saving(project, data)
    if former is not None:
        saving.remember(former)
    for at in range(1, 100):
        with monkeypatch.context() as patches:
            disk = Disk(patches, at, for_good=False)
            try:
                saving.save(ENTRY, BEFORE, AFTER)
            except LinesideError as error:
                said = str(error)
            if disk.steps < at:
                break
        assert said.endswith("nothing was changed.")
        assert contents(project) == BEFORE, f"failed at step {at}"
        assert strays(project) == []
        assert saving.finish() is None, "the next start would complete what was refused"
        assert saving.last() == former
    assert at > 8
    assert contents(project) == AFTER


def test_a_disk_that_stays_broken_is_not_said_to_hold_what_it_held(
    project: Path, data: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Any
) -> None:
    expect_log("file not put back", "an engineer must hear of it")
    with monkeypatch.context() as patches:
        Disk(patches, 7, for_good=True)
        with pytest.raises(LinesideError, match="not every file could be put back"):
            Saving(project, data).save(ENTRY, BEFORE, AFTER)
    assert Saving(project, data).finish() is None
    assert strays(project) == []


DYING = """
import os, signal, sys
from pathlib import Path
from hmi.historian import durable
from hmi.station.editing import saving as module
from tests.unit.station.editing import test_saving as case
left = int(sys.argv[3])
def dying(function):
    def wrapped(*arguments, **named):
        global left
        result = function(*arguments, **named)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return wrapped
durable.write = dying(durable.write)
durable.settle_names = dying(durable.settle_names)
module.Saving(Path(sys.argv[1]), Path(sys.argv[2])).save(case.ENTRY, case.BEFORE, case.AFTER)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.timeout(180)
def test_a_crash_between_any_two_writes_leaves_all_or_nothing(project: Path, data: Path) -> None:
    """The station is killed after the first, the second, ... write, and what the next start finds is whole."""
    steps, seen = 0, set[str]()
    while True:
        steps += 1
        for name, content in BEFORE.items():
            (project / name).unlink(missing_ok=True)
            if content is not None:
                (project / name).write_bytes(content)
        for file in (data / FOLDER).glob("*") if data.exists() else ():
            file.unlink()
        program = [sys.executable, "-c", DYING, str(project), str(data), str(steps)]
        code = subprocess.run(program, check=False, cwd=Path.cwd()).returncode
        Saving(project, data).finish()
        found = contents(project)
        assert found in (BEFORE, AFTER), f"killed after step {steps}"
        seen.add("before" if found == BEFORE else "after")
        assert strays(project) == [] or found == BEFORE
        if code == 0:
            break
    assert steps > 6
    assert seen == {"before", "after"}


def test_what_was_changed_after_a_crash_is_not_overwritten(project: Path, data: Path) -> None:
    (data / FOLDER).mkdir(parents=True)
    saving = Saving(project, data)
    saving._keep("doing", ENTRY)
    (project / "tags" / "a.jsonl").write_bytes(b"by hand\n")
    assert saving.finish() == ENTRY
    assert contents(project) == {**AFTER, "tags/a.jsonl": b"by hand\n"}


def test_a_torn_note_of_an_edit_is_no_edit(project: Path, data: Path, expect_log) -> None:
    expect_log("edit not read", "an engineer must hear of it")
    (data / FOLDER).mkdir(parents=True)
    (data / FOLDER / "doing").write_bytes(b"\xc1")
    assert Saving(project, data).finish() is None
    assert contents(project) == BEFORE


def test_differences_are_those_of_the_projects_files(project: Path, data: Path) -> None:
    (project / "project.toml").write_bytes(b"")
    (project / "notes.txt").write_bytes(b"none of a project's")
    (project / "displays" / "d.json").unlink()
    texts = {name: content for name, content in BEFORE.items() if content is not None}
    assert Saving(project, data).differences(texts) == {"project.toml": b"", "displays/d.json": None}


def test_what_is_thrown_away_is_kept_in_the_data_folder(project: Path, data: Path) -> None:
    (project / "tags" / "a.jsonl").write_bytes(b"pulled\n")
    entry = Entry.between("eva", 1, "thrown away", {"tags/a.jsonl": b"pulled\n"}, {"tags/a.jsonl": b"a1\n"})
    Saving(project, data).discard(entry, {"tags/a.jsonl": b"a1\n"})
    assert contents(project) == BEFORE
    assert b"pulled" in (data / FOLDER / "discarded").read_bytes()
