"""A type's members become an instance's tags; what an instance changes is as small as it can be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.template import (
    Expander,
    Flaw,
    Instance,
    Template,
    difference,
    is_instance_line,
    merged,
    resolve,
    symbol_elements,
)

DRIVE = Template(
    parameters={"base": None, "rated": 10.0},
    members={
        "current": {
            "type": "float",
            "source": {"kind": "connection", "connection": "plc", "address": "{base}.I"},
            "alarms": [{"id": "H", "kind": "H", "limit": "{rated}"}, {"id": "HH", "kind": "HH", "limit": 99}],
        },
        "power": {"type": "float", "source": {"kind": "expression", "expression": "{./current} * {plant/net/voltage}"}},
    },
)
MOTOR = Template(
    parameters={"base": None, "high": 80},
    members={
        "speed": {"type": "float", "scan": 0.5, "description": "Speed of {name} at {instance}, {high} at most"},
        "drive": {"of": "Drive", "parameters": {"base": "{base}.Drv", "rated": "{high}"}},
    },
    display=({"kind": "bar", "id": "speed", "x": 10, "y": 5, "w": 40, "h": 20, "path": "{instance}/speed"},),
)
FAN = Template(
    extends="Motor",
    parameters={"high": 70},
    members={"speed": {"scan": None, "unit": "rpm"}, "drive": None, "filter": {"type": "bool"}},
)
TYPES = {"Drive": DRIVE, "Motor": MOTOR, "Fan": FAN}


def tags_of(instance: Instance, types: dict[str, Template] | None = None) -> dict[str, dict[str, Any]]:
    members, flaws = Expander(resolve(types or TYPES)).tags(instance)
    assert flaws == []
    return {member.name: member.document for member in members}


def flaws_of(instance: Instance, types: dict[str, Template] | None = None) -> list[Flaw]:
    members, flaws = Expander(resolve(types or TYPES)).tags(instance)
    assert members == []
    return flaws


def motor(**more: Any) -> Instance:
    return Instance(**{"uid": "m1", "path": "plant/a/motor1", "of": "Motor", "parameters": {"base": "DB1"}, **more})


def test_members_become_tags_with_identity_and_path_of_the_instance():
    tags = tags_of(motor())
    assert list(tags) == ["speed", "drive/current", "drive/power"]
    assert tags["drive/current"]["uid"] == "m1.drive/current"
    assert tags["drive/current"]["path"] == "plant/a/motor1/drive/current"


def test_parameters_reach_texts_through_every_level():
    tags = tags_of(motor())
    assert tags["drive/current"]["source"]["address"] == "DB1.Drv.I"
    assert tags["speed"]["description"] == "Speed of motor1 at plant/a/motor1, 80 at most"


def test_a_text_that_is_only_a_parameter_takes_its_type():
    assert tags_of(motor())["drive/current"]["alarms"][0]["limit"] == 80


def test_expressions_name_siblings_and_tags_elsewhere():
    source = tags_of(motor())["drive/power"]["source"]
    assert source["expression"] == "{plant/a/motor1/drive/current} * {plant/net/voltage}"


def test_a_type_inherits_changes_takes_away_and_adds():
    tags = tags_of(motor(of="Fan"))
    assert list(tags) == ["speed", "filter"]
    assert tags["speed"]["unit"] == "rpm"
    assert "scan" not in tags["speed"]
    assert tags["speed"]["description"].endswith("70 at most")


def test_an_instance_changes_only_what_it_names():
    plain, changed = tags_of(motor()), tags_of(motor(overrides={"drive/current": {"alarms": {"H": {"limit": 5}}}}))
    wanted = merged(plain["drive/current"], {})
    wanted["alarms"][0]["limit"] = 5
    assert changed == {**plain, "drive/current": wanted}


def test_an_instance_may_lack_a_member():
    assert list(tags_of(motor(overrides={"drive/power": None}))) == ["speed", "drive/current"]


def test_changing_a_type_changes_its_instances():
    quicker = merged({"speed": dict(MOTOR.members["speed"] or {})}, {"speed": {"scan": 0.1}})
    types = {**TYPES, "Motor": Template(parameters=MOTOR.parameters, members=quicker)}
    assert tags_of(motor(), types)["speed"]["scan"] == 0.1


def test_what_a_member_would_be_without_overrides():
    changed = motor(overrides={"speed": {"scan": 9}})
    plain = Expander(resolve(TYPES)).plain(changed, "speed")
    assert plain is not None
    assert plain["scan"] == 0.5
    assert Expander(resolve(TYPES)).plain(changed, "nothing") is None


def test_the_picture_comes_along():
    whole = resolve(TYPES).whole["Motor"]
    element = {"kind": "instance", "id": "m", "x": 100, "y": 50, "scale": 2, "instance": "plant/a/motor1"}
    assert symbol_elements(whole, element, {"base": "DB1"}) == [
        {"kind": "bar", "id": "m.speed", "x": 120, "y": 60, "w": 80, "h": 40, "path": "plant/a/motor1/speed"}
    ]


@pytest.mark.parametrize(
    ("instance", "where", "what"),
    [
        (motor(of="Pump"), "of", "there is no type 'Pump'"),
        (motor(parameters={}), "parameters.base", "is missing"),
        (motor(parameters={"base": "x", "bse": 1}), "parameters.bse", "no such parameter (parameters: base, high)"),
        (motor(parameters={"base": ["x"]}), "parameters.base", "must be a text, a number"),
        (motor(overrides={"sped": {}}), "overrides.sped", "no such member (members: speed, drive/current"),
        (motor(overrides={"speed": {"path": "x"}}), "overrides.speed", "without uid and path"),
    ],
)
def test_what_is_wrong_with_an_instance(instance, where, what):
    [flaw] = flaws_of(instance)
    assert flaw.where == where
    assert what in flaw.what


@pytest.mark.parametrize(
    ("types", "where", "what"),
    [
        ({"A": Template(extends="B"), "B": Template(extends="A")}, "extends", "in a circle: A > B > A"),
        ({"A": Template(extends="C")}, "extends", "there is no type 'C' (types: A)"),
        ({"A": Template(members={"x": {"of": "A"}})}, "members.x.of", "lies within itself: A > A"),
        ({"A": Template(members={"x": {"of": "C"}})}, "members.x.of", "there is no type 'C'"),
        ({"A": Template(members={"x": None})}, "members.x", "no type above has it"),
        ({"A": Template(members={"x": {"uid": "1"}})}, "members.x.uid", "has none of its own"),
        ({"A": Template(parameters={"a b": 1})}, "parameters.a b", "no name of a parameter"),
        ({"A": Template(parameters={"name": 1})}, "parameters.name", "no name of a parameter"),
        ({"A": Template(members={"x": {"of": "B", "scan": 1}}), "B": Template()}, "members.x.scan", "not known here"),
    ],
)
def test_what_is_wrong_with_a_type(types, where, what):
    [flaw] = resolve(types).flaws["A"]
    assert flaw.where == where
    assert what in flaw.what
    assert flaws_of(motor(of="A"), types) == [Flaw("of", "the type 'A' has an error")]


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        (b'{"of": "Motor", "path": "a", "uid": "b"}', True),
        (b'{"path":"a","of":"Motor"}', True),
        (b'{"description": "the \\"of\\": no", "path": "a"}', False),
    ],
)
def test_lines_that_are_instances(line, is_one):
    assert is_instance_line(line) is is_one


leaf = st.one_of(st.integers(0, 3), st.text("ab", max_size=2), st.booleans())
part = st.dictionaries(st.sampled_from(["low", "high"]), leaf, max_size=3)
source = st.fixed_dictionaries({"kind": st.sampled_from(["memory", "manual"])}, optional={"low": leaf, "high": leaf})
alarms = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from(["H", "HH", "L"])}, optional={"limit": st.integers(0, 3)}),
    max_size=3,
    unique_by=lambda alarm: alarm["id"],
)
tag = st.fixed_dictionaries(
    {}, optional={"unit": leaf, "range": st.lists(leaf), "write": part, "source": source, "alarms": alarms}
)


@given(tag, tag)
def test_a_difference_leads_from_one_to_the_other(base, wanted):
    assert merged(base, difference(base, wanted)) == wanted


@given(tag)
def test_no_difference_is_nothing(document):
    assert difference(document, document) == {}
    assert merged(document, {}) == document
