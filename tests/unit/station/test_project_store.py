import json
from pathlib import Path

import pytest

from hmi.core.errors import LinesideError, ProjectError
from hmi.station.loading import check_project, load_project
from hmi.station.project_store import read

TAG = {"uid": "u1", "path": "a/b", "type": "float", "source": {"kind": "memory"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tags").mkdir()
    (tmp_path / "displays").mkdir()
    (tmp_path / "project.toml").write_text('name = "Line"\n')
    (tmp_path / "connections.toml").write_text('[plc]\ndriver = "modbus"\nendpoint = "modbus://127.0.0.1:5020"\n')
    (tmp_path / "users.toml").write_text('ann = "operator"\n')
    write_tags(tmp_path, TAG)
    return tmp_path


def write_tags(folder: Path, *tags: object) -> None:
    lines = [tag if isinstance(tag, str) else json.dumps(tag) for tag in tags]
    (folder / "tags" / "all.jsonl").write_text("\n".join(lines) + "\n")


def problems(folder: Path) -> list[str]:
    return [str(p) for p in check_project(folder)[1]]


def test_a_right_project_loads(folder: Path) -> None:
    project, drivers, flaws = load_project(folder)
    assert flaws == []
    assert project.file.name == "Line"
    assert [tag.path for tag in project.tags] == ["a/b"]
    assert project.users == {"ann": "operator"}
    assert list(drivers) == ["modbus"]


def test_no_project_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LinesideError, match=r"no project in .*`project.toml` is missing"):
        read(tmp_path)


def test_the_revision_follows_the_content(folder: Path) -> None:
    before = load_project(folder)[0].revision
    assert load_project(folder)[0].revision == before
    write_tags(folder, {**TAG, "unit": "bar"})
    assert load_project(folder)[0].revision != before


def test_every_error_of_every_file_is_listed_with_its_line(folder: Path) -> None:
    (folder / "project.toml").write_text('name = "Line"\nhome = "nowhere"\n[listen]\nport = 1\n')
    (folder / "users.toml").write_text('bob = "boss"\n')
    (folder / "displays" / "broken.json").write_text('{\n "schema": 1,\n')
    write_tags(
        folder,
        TAG,
        {**TAG, "uid": "u2"},
        "{not json",
        {**TAG, "uid": "u3", "path": "a/c", "range": [5, 1]},
        {**TAG, "uid": "u4", "path": "a/d", "source": {"kind": "connection", "connection": "plc", "address": "what"}},
        {**TAG, "uid": "u5", "path": "a/e", "source": {"kind": "expression", "expression": "{a/zz} + 1"}},
        {**TAG, "uid": "u6", "path": "a/f", "source": {"kind": "expression", "expression": "{a/g}"}},
        {**TAG, "uid": "u7", "path": "a/g", "source": {"kind": "expression", "expression": "{a/f}"}},
    )
    found = problems(folder)
    for start in (
        "displays/broken.json:3:",
        "project.toml:2: home: there is no display 'nowhere'",
        "tags/all.jsonl:2: path: 'a/b' is already used",
        "tags/all.jsonl:3: is no valid JSON",
        "tags/all.jsonl:4: range:",
        "tags/all.jsonl:5: source.address:",
        "tags/all.jsonl:6: source.expression:",
        "users.toml:1: bob: 'boss' is no role",
    ):
        assert any(line.startswith(start) for line in found), start
    assert any("circle" in line for line in found)
    with pytest.raises(ProjectError) as caught:
        load_project(folder)
    assert len(caught.value.problems) == len(found)


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("project.toml", 'name = "x', "project.toml:1: is no valid TOML"),
        ("project.toml", "name = 3\n", "project.toml:1: name:"),
        ("project.toml", 'name = "x"\n[listen]\nport = 99999\n', "project.toml:3: listen.port: must be 0"),
        ("project.toml", 'name = "x"\n[listen]\nport = -1\n', "project.toml:3: listen.port: must be 0"),
        ("project.toml", 'name = "x"\n[listen]\nhost = ""\n', "project.toml:3: listen.host: must not be empty"),
        ("project.toml", 'name = "x"\ntime_zone = "Mars/Base"\n', "project.toml:2: time_zone: this PC knows no time"),
        ("project.toml", 'name = "x"\ntime_zone = ""\n', "project.toml:2: time_zone: this PC knows no time"),
        ("connections.toml", "[plc]\ndriver = 1\n", "connections.toml:2: plc.driver:"),
        ("connections.toml", '[plc]\ndriver = "nix"\nendpoint = "x"\n', "connections.toml:2: plc.driver:"),
        (
            "connections.toml",
            '[plc]\ndriver = "modbus"\nendpoint = "modbus://127.0.0.1:5020"\nheartbeat = "x"\n',
            "connections.toml:4: plc.heartbeat: tag 'x' does not exist",
        ),
        ("connections.toml", '[plc]\ndriver = "modbus"\nendpoint = "opc.tcp://x:1"\n', "connections.toml:1: plc:"),
        ("displays/d.json", '{"schema": 1}', "displays/d.json:"),
    ],
)
def test_single_mistakes(folder: Path, file: str, text: str, words: str) -> None:
    (folder / file).write_text(text)
    assert any(line.startswith(words) for line in problems(folder)), problems(folder)


@pytest.mark.parametrize(
    ("history", "words"),
    [
        ({"min_interval": 60, "max_interval": 5}, "history.min_interval: 60 s is longer"),
        ({"group": "slow"}, "history.group: group 'slow' does not exist in project.toml (known: default, energy)"),
        ({"dead_band": 5}, "history.dead_band: is not known here: perhaps deadband is meant"),
        ({"swinging_door": 1}, "history.swinging_door: draws lines between samples"),
    ],
)
def test_history_policies_are_explained(folder: Path, history: dict[str, object], words: str) -> None:
    (folder / "project.toml").write_text('name = "Line"\n\n[history.groups.energy]\nmax_bytes = 1_000_000\n')
    write_tags(folder, {**TAG, "history": {"deadband": 0.5, "group": "energy"}})
    assert problems(folder) == []
    write_tags(folder, {**TAG, "history": history})
    [problem] = problems(folder)
    assert problem.startswith(f"tags/all.jsonl:1: {words}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[history.groups.Slow]\n", "project.toml:2: history.groups.Slow: 'Slow' is no group name"),
        ("[history.groups.slow]\nmax_age_days = 0\n", "project.toml:3: history.groups.slow.max_age_days: must be more"),
        ("[history.groups.slow]\nmax_age_days = nan\n", "project.toml:3: history.groups.slow.max_age_days: must be"),
        ("[history.groups.slow]\nmax_age = 5\n", "project.toml:3: history.groups.slow.max_age: is not known here"),
        ("[history]\nkeep_days = 5\n", "project.toml:3: history.keep_days: is not known here"),
    ],
)
def test_retention_groups_are_explained(folder: Path, text: str, words: str) -> None:
    (folder / "project.toml").write_text(f'name = "Line"\n{text}')
    [problem] = problems(folder)
    assert problem.startswith(words)


@pytest.mark.parametrize(
    ("interlock", "words"),
    [("{a/b}", "write a condition"), ("timer({a/b} > 0, 5)", "must not remember"), ("{a/zz} > 0", "a/zz")],
)
def test_an_interlock_must_be_a_plain_condition(folder: Path, interlock: str, words: str) -> None:
    write_tags(folder, {**TAG, "write": {"interlock": interlock}})
    [problem] = problems(folder)
    assert problem.startswith("tags/all.jsonl:1: write.interlock:")
    assert words in problem


def test_bytes_that_are_no_text_are_named(folder: Path) -> None:
    (folder / "tags" / "all.jsonl").write_bytes(b'{"uid": "x"}\n\xff\xfe\n')
    assert "tags/all.jsonl:2: is not UTF-8 text" in problems(folder)


def test_a_display_with_an_unknown_tag_is_found(folder: Path) -> None:
    element = {"kind": "value", "id": "v", "x": 0, "y": 0, "w": 50, "h": 20, "path": "a/missing"}
    display = {"schema": 1, "name": "d", "title": "D", "level": 1, "size": [100, 100], "elements": [element]}
    (folder / "displays" / "d.json").write_text(json.dumps(display))
    [problem] = problems(folder)
    assert problem.startswith("displays/d.json: a/missing: no tag has this path")
    _, _, flaws = load_project(folder)  # the station runs all the same
    assert [str(flaw) for flaw in flaws] == [problem]


@pytest.mark.parametrize("name", ['"a/b"', '"x{y}"', '"a\\"b"'])
def test_a_connection_needs_a_name_that_fits_into_a_path(folder: Path, name: str) -> None:
    (folder / "connections.toml").write_text(f'[{name}]\ndriver = "modbus"\nendpoint = "modbus://127.0.0.1:5020"\n')
    assert any("is no connection name" in problem for problem in problems(folder))


def display_of(folder: Path, *shown: str) -> None:
    elements = [
        {"kind": "value", "id": f"v{at}", "x": 0, "y": 0, "w": 50, "h": 20, "path": path}
        for at, path in enumerate(shown)
    ]
    display = {"schema": 1, "name": "d", "title": "D", "level": 1, "size": [100, 100], "elements": elements}
    (folder / "displays" / "d.json").write_text(json.dumps(display))


def test_causes_come_first_and_what_follows_from_them_is_left_out(folder: Path) -> None:
    display_of(folder, "a/b", "a/c", "a/d")
    write_tags(folder, {**TAG, "unit": "bar", "range": [5, 1]}, '{"uid": "u2" "path": "a/c"}', {**TAG, "tpye": "float"})
    assert problems(folder) == [
        "tags/all.jsonl:2: is no valid JSON: Expecting ',' delimiter (column 14)",
        "tags/all.jsonl:3: tpye: is not known here: perhaps type is meant",
        problems(folder)[2],
        "displays: were not checked against tags because 2 tags could not be read",
    ]
    assert problems(folder)[2].startswith("tags/all.jsonl:1: range: ")
    with pytest.raises(ProjectError) as caught:
        load_project(folder)
    assert [str(p) for p in caught.value.problems] == problems(folder)


def test_a_broken_connection_is_told_once_and_not_for_each_tag(folder: Path) -> None:
    (folder / "connections.toml").write_text('# one\n[plc]\ndriver = "modbus"\n')
    write_tags(folder, {**TAG, "source": {"kind": "connection", "connection": "plc", "address": "hr:1"}})
    assert problems(folder) == ["connections.toml:2: plc.endpoint: is missing"]
