from pathlib import Path

from hmi.station.last_good import FOLDER, keep, kept_in


def project(folder: Path, name: str) -> Path:
    (folder / "tags").mkdir(parents=True, exist_ok=True)
    (folder / "project.toml").write_text(f'name = "{name}"\n')
    (folder / "tags" / "a.jsonl").write_text("{}\n")
    (folder / "secret.txt").write_text("not part of a project")
    return folder


def test_a_project_is_kept_whole_and_replaced(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert kept_in(data) is None
    keep(project(tmp_path / "p", "one"), data)
    keep(project(tmp_path / "p", "two"), data)
    kept = kept_in(data)
    assert kept is not None
    assert (kept / "project.toml").read_text() == 'name = "two"\n'
    assert (kept / "tags" / "a.jsonl").exists()
    assert not (kept / "secret.txt").exists()


def test_an_interrupted_replacement_leaves_the_one_before(tmp_path: Path) -> None:
    data = tmp_path / "data"
    keep(project(tmp_path / "p", "one"), data)
    (data / FOLDER).rename(data / f"{FOLDER}.old")
    kept = kept_in(data)
    assert kept is not None
    assert (kept / "project.toml").read_text() == 'name = "one"\n'
