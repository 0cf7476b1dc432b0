"""The tag table goes out to a spreadsheet and comes back: the same, or with every error said and nothing changed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hmi.cli.main import main
from hmi.core.sheet import read_xlsx, write_csv

LEVEL: dict[str, Any] = {
    "uid": "u1",
    "path": "a/level",
    "type": "float",
    "source": {"kind": "memory"},
    "description": "=1+1",
    "alarms": [{"id": "H", "kind": "H", "limit": 90}],
}
TARGET: dict[str, Any] = {"uid": "u2", "path": "a/target", "type": "int", "source": {"kind": "memory", "default": 5}}
USER: dict[str, Any] = {
    "uid": "u3",
    "path": "b/twice",
    "type": "float",
    "source": {"kind": "expression", "expression": "{a/level} * 2"},
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "line"
    (folder / "tags").mkdir(parents=True)
    (folder / "project.toml").write_text('name = "Line"\n')
    for name, documents in (("a", (LEVEL, TARGET)), ("b", (USER,))):
        (folder / "tags" / f"{name}.jsonl").write_text("".join(f"{json.dumps(d, sort_keys=True)}\n" for d in documents))
    return folder


def hmi(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["tags", *map(str, arguments)])


def table(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(result.stdout)))


def written(folder: Path, *rows: list[Any]) -> Path:
    file = folder.parent / "table.csv"
    file.write_bytes(write_csv(list(rows)))
    return file


def texts(project: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in sorted((project / "tags").iterdir())}


def test_a_table_is_harmless_in_a_spreadsheet(project):
    rows = table(hmi("export", project))
    assert [row["path"] for row in rows] == ["a/level", "a/target", "b/twice"]
    assert rows[0]["description"] == "'=1+1"
    assert rows[0]["alarms.H.limit"] == "90"


@pytest.mark.parametrize("name", ["table.csv", "table.xlsx"])
def test_there_and_back_changes_nothing(project, tmp_path, name):
    before = texts(project)
    out = tmp_path / name
    assert hmi("export", project, "--out", out).stdout == f"3 tags are in {out}.\n"
    result = hmi("import", out, "--project", project, "--whole")
    assert (result.exit_code, result.stdout) == (0, "0 added, 0 changed, 0 removed.\n")
    assert texts(project) == before
    if name.endswith("xlsx"):
        assert read_xlsx(out.read_bytes())[1][1] == "a/level"


def test_only_the_lines_that_differ_change(project):
    before = texts(project)
    new = ["", "a/pressure", "float", "memory", ""]
    file = written(
        project, ["uid", "path", "type", "source.kind", "unit"], ["u2", "a/goal", "int", "memory", "pcs"], new
    )
    dry = hmi("import", file, "--project", project, "--dry-run")
    assert dry.stdout.splitlines() == [
        "added    a/pressure",
        "changed  a/target  path: a/target -> a/goal, unit: nothing -> pcs",
        "1 added, 1 changed, 0 removed.",
    ]
    assert texts(project) == before
    assert hmi("import", file, "--project", project).exit_code == 0
    after = texts(project)
    assert after["b.jsonl"] == before["b.jsonl"]
    first, second, third = after["a.jsonl"].splitlines()
    assert first == before["a.jsonl"].splitlines()[0]
    assert json.loads(second) == {**TARGET, "path": "a/goal", "unit": "pcs"}
    assert json.loads(third)["path"] == "a/pressure"


def test_errors_are_listed_by_row_and_column_and_nothing_changes(project):
    before = texts(project)
    rows = [["u1", "a/level", "fast"], ["u2", "a//b", 1]]
    result = hmi("import", written(project, ["uid", "path", "scan"], *rows), "--project", project)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == "table.csv: row 2, scan: 'fast' is no number"
    assert result.stdout.splitlines()[1].startswith("table.csv: row 3, path: 'a//b' is no tag path")
    assert texts(project) == before


def test_a_tag_that_others_read_is_not_removed(project):
    before = texts(project)
    file = written(project, ["uid", "path"], ["u2", "a/target"], ["u3", "b/twice"])
    result = hmi("import", file, "--project", project, "--whole")
    assert result.exit_code == 1
    assert "removed  a/level" in result.stdout
    assert "source.expression" in result.stdout
    assert texts(project) == before


def test_instances_of_types_are_left_alone(project):
    line = {"uid": "m1", "path": "c/motor", "of": "Motor"}
    (project / "types").mkdir()
    member = {"type": "float", "source": {"kind": "memory"}}
    (project / "types" / "Motor.json").write_text(json.dumps({"members": {"speed": member}}))
    (project / "tags" / "c.jsonl").write_text(json.dumps(line) + "\n")
    rows = table(hmi("export", project))
    assert "c/motor/speed" not in [row["path"] for row in rows]
    file = written(project, ["uid", "path"], ["u1", "a/level"], ["u3", "b/twice"])
    assert hmi("import", file, "--project", project, "--whole").exit_code == 0
    assert json.loads(texts(project)["c.jsonl"]) == line
    assert "a/target" not in texts(project)["a.jsonl"]
