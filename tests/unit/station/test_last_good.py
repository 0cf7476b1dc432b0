import os
import sys
from pathlib import Path

import pytest

from hmi.station.last_good import FOLDER, keep, kept_in
from hmi.station.project_texts import read_texts


def project(folder: Path, name: str) -> Path:
    (folder / "tags").mkdir(parents=True, exist_ok=True)
    (folder / "project.toml").write_text(f'name = "{name}"\n')
    (folder / "tags" / "a.jsonl").write_text("{}\n")
    (folder / "secret.txt").write_text("not part of a project")
    return folder


def texts(folder: Path, name: str) -> dict[str, bytes]:
    return read_texts(project(folder, name))[0]


def test_a_project_is_kept_whole_and_replaced(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert kept_in(data) is None
    keep(texts(tmp_path / "p", "one"), data)
    keep(texts(tmp_path / "p", "two"), data)
    kept = kept_in(data)
    assert kept is not None
    assert (kept / "project.toml").read_text() == 'name = "two"\n'
    assert (kept / "tags" / "a.jsonl").exists()
    assert not (kept / "secret.txt").exists()


def test_an_interrupted_replacement_leaves_the_one_before(tmp_path: Path) -> None:
    data = tmp_path / "data"
    keep(texts(tmp_path / "p", "one"), data)
    (data / FOLDER).rename(data / f"{FOLDER}.old")
    kept = kept_in(data)
    assert kept is not None
    assert (kept / "project.toml").read_text() == 'name = "one"\n'


@pytest.mark.skipif(sys.platform == "win32", reason="a folder cannot be opened there")
def test_a_copy_takes_the_place_of_the_one_before_only_when_it_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def settled(file: int) -> None:
        fsync(file)
        for place in (*tmp_path.rglob("*"), tmp_path):
            if os.path.samestat(place.stat(), os.fstat(file)):
                done.append(str(place.relative_to(tmp_path)))

    def renamed(old: Path, new: Path) -> Path:
        done.append(f"{old.name} -> {new.name}")
        return rename(old, new)

    monkeypatch.setattr(os, "fsync", settled)
    monkeypatch.setattr(Path, "rename", renamed)
    source, data = project(tmp_path / "p", "one"), tmp_path / "data"
    keep(read_texts(source)[0], data)
    before = done.index(f"{FOLDER}.new -> {FOLDER}")
    fresh = f"data/{FOLDER}.new"
    assert set(done[:before]) == {fresh, f"{fresh}/project.toml", f"{fresh}/tags", f"{fresh}/tags/a.jsonl"}
    assert done[before + 1 :] == ["data"]
