"""Types and their instances in a project: tags as if each stood there, errors where an engineer can mend them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hmi.core.display import decode_display, paths
from hmi.station.loading import check_project, load_project

MOTOR: dict[str, Any] = {
    "parameters": {"base": None, "high": 80},
    "members": {
        "speed": {
            "type": "float",
            "unit": "rpm",
            "range": [0, 100],
            "source": {"kind": "connection", "connection": "plc", "address": "holding:{base}"},
            "alarms": [{"id": "H", "kind": "H", "limit": "{high}"}],
            "history": {"deadband": 0.5},
        },
        "load": {"type": "float", "source": {"kind": "expression", "expression": "{./speed} / 2"}},
    },
    "display": [
        {"kind": "value", "id": "v", "x": 0, "y": 0, "w": 80, "h": 20, "path": "{instance}/speed"},
    ],
}
ONE = {"uid": "m1", "path": "a/motor1", "of": "Motor", "parameters": {"base": "1"}}
TWO = {
    "uid": "m2",
    "path": "a/motor2",
    "of": "Motor",
    "parameters": {"base": "2", "high": 70},
    "overrides": {"speed": {"unit": "1/min", "alarms": {"H": {"priority": 1}}}},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("tags", "types", "displays"):
        (tmp_path / name).mkdir()
    (tmp_path / "project.toml").write_text('name = "Line"\n')
    (tmp_path / "connections.toml").write_text('[plc]\ndriver = "modbus"\nendpoint = "modbus://127.0.0.1:5020"\n')
    (tmp_path / "types" / "Motor.json").write_text(json.dumps(MOTOR))
    write(tmp_path, ONE, TWO)
    return tmp_path


def write(folder: Path, *lines: Any) -> None:
    (folder / "tags" / "motors.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def problems(folder: Path) -> list[str]:
    return [str(problem) for problem in check_project(folder)[1]]


def test_instances_are_tags_with_alarms_and_history(folder):
    project, _, flaws = load_project(folder)
    assert flaws == []
    tags = {tag.path: tag for tag in project.tags}
    assert list(tags) == ["a/motor1/speed", "a/motor1/load", "a/motor2/speed", "a/motor2/load"]
    assert tags["a/motor1/speed"].alarms[0].limit == 80
    assert (tags["a/motor2/speed"].alarms[0].limit, tags["a/motor2/speed"].alarms[0].priority) == (70, 1)
    assert tags["a/motor2/speed"].unit == "1/min"
    assert tags["a/motor1/speed"].history.deadband == 0.5
    assert tags["a/motor1/speed"].uid == "m1.speed"
    assert project.instances["a/motor2"].of == "Motor"


def test_changing_the_type_changes_every_instance(folder):
    changed = json.loads(json.dumps(MOTOR))
    changed["members"]["speed"]["scan"] = 0.1
    (folder / "types" / "Motor.json").write_text(json.dumps(changed))
    project = load_project(folder)[0]
    assert [tag.scan for tag in project.tags if tag.path.endswith("speed")] == [0.1, 0.1]


def test_a_type_is_part_of_the_revision(folder):
    before = load_project(folder)[0].revision
    (folder / "types" / "Motor.json").write_text(json.dumps({**MOTOR, "description": "x"}))
    assert load_project(folder)[0].revision != before


def test_a_display_shows_instances_with_the_type_s_picture(folder):
    element = {"kind": "instance", "id": "m1", "x": 100, "y": 40, "instance": "a/motor1"}
    display = {"schema": 1, "name": "d", "title": "D", "level": 1, "size": [800, 600], "elements": [element]}
    (folder / "displays" / "d.json").write_text(json.dumps(display))
    project, _, flaws = load_project(folder)
    assert flaws == []
    made = decode_display(project.displays["d"], "d")
    assert [(part.id, part.x, part.y) for part in made.elements] == [("m1.v", 100, 40)]
    assert paths(made) == {"a/motor1/speed"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({**ONE, "of": "Pump"}, "tags/motors.jsonl:1: of: there is no type 'Pump'"),
        ({**ONE, "parameters": {}}, "tags/motors.jsonl:1: parameters.base: is missing: the type has no default for it"),
        ({**ONE, "parameters": {"base": "x"}}, "tags/motors.jsonl:1: source.address: "),
        ({**ONE, "overrides": {"sped": {}}}, "tags/motors.jsonl:1: overrides.sped: the type has no such member"),
        ({**ONE, "overrides": {"speed": {"range": [9, 1]}}}, "tags/motors.jsonl:1: speed.range: the low end 9"),
        (
            {**ONE, "overrides": {"speed": {"scan": "x"}}},
            "tags/motors.jsonl:1: speed.scan: Input should be a valid number",
        ),
        ({**ONE, "parameter": {}}, "tags/motors.jsonl:1: parameter: is not known here: perhaps parameters is meant"),
    ],
)
def test_what_is_wrong_stands_at_the_instance(folder, line, problem):
    write(folder, line)
    assert any(found.startswith(problem) for found in problems(folder)), problems(folder)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"members": {"x": {"of": "Drive"}}}', "types/Motor.json: members.x.of: there is no type 'Drive'"),
        ('{"extends": "Motor"}', "types/Motor.json: extends: goes round in a circle"),
        ("{", "types/Motor.json: is no valid JSON"),
        ('{"member": {}}', "types/Motor.json: member: is not known here: perhaps members is meant"),
    ],
)
def test_what_is_wrong_with_a_type_stands_there(folder, text, problem):
    (folder / "types" / "Motor.json").write_text(text)
    assert any(found.startswith(problem) for found in problems(folder)), problems(folder)


def test_two_instances_at_one_path(folder):
    write(folder, ONE, {**TWO, "path": "a/motor1"})
    assert "tags/motors.jsonl:2: path: 'a/motor1' is already the path of another instance" in problems(folder)


def test_an_instance_that_is_missing_from_a_display(folder):
    element = {"kind": "instance", "id": "m1", "x": 0, "y": 0, "instance": "a/motor9"}
    display = {"schema": 1, "name": "d", "title": "D", "level": 1, "size": [800, 600], "elements": [element]}
    (folder / "displays" / "d.json").write_text(json.dumps(display))
    assert "displays/d.json: element m1: there is no instance 'a/motor9'" in problems(folder)
