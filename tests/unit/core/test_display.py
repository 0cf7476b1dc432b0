import json

import msgspec
import pytest

from hmi.core.display import DisplayError, decode_display, paths
from hmi.core.element import AnyElement, Tank, Unknown, Value

BOX = {"x": 10, "y": 20, "w": 100, "h": 50}


def document(*elements, **changes):
    whole = {"schema": 1, "name": "d", "title": "D", "level": 2, "size": [1600, 800], "elements": list(elements)}
    return json.dumps(whole | changes).encode()


def problems(data):
    with pytest.raises(DisplayError) as caught:
        decode_display(data, "displays/d.json")
    return [str(problem) for problem in caught.value.problems], str(caught.value)


def test_elements_become_structs_in_their_order():
    display = decode_display(
        document(
            {"kind": "tank", "id": "t", "level": "a/b/c/level", "setpoint": "a/b/c/level_sp", **BOX},
            {"kind": "value", "id": "v", "path": "a/b/c/flow", "decimals": 1, **BOX},
        ),
        "displays/d.json",
    )
    tank, value = display.elements
    assert isinstance(tank, Tank)
    assert isinstance(value, Value)
    assert value.decimals == 1
    assert paths(display) == {"a/b/c/level", "a/b/c/level_sp", "a/b/c/flow"}


def test_an_unknown_kind_stays_visible():
    display = decode_display(document({"kind": "cyclone", "id": "c1", "speed": 3, **BOX}), "displays/d.json")
    (box,) = display.elements
    assert isinstance(box, Unknown)
    assert (box.x, box.y, box.w, box.h) == (10, 20, 100, 50)
    assert box.sentence == "Element c1 has the unknown kind cyclone."


def test_a_missing_kind_stays_visible():
    (box,) = decode_display(document({"id": "c1"}), "d.json").elements
    assert isinstance(box, Unknown)
    assert box.w > 0


def test_a_wrong_field_is_named_with_file_element_and_field():
    found, sentence = problems(document({"kind": "tank", "id": "t1", "level": 5, **BOX}))
    assert found == ["displays/d.json: element t1, field level: expected `str`, got `int`"]
    assert sentence == (
        "displays/d.json: element t1, field level: expected `str`, got `int`. "
        "Correct displays/d.json and load it again."
    )


def test_every_problem_is_listed():
    found, sentence = problems(
        document(
            {"kind": "tank", "id": "t1", "level": 5, **BOX},
            {"kind": "bar", **BOX},
            {"kind": "value", "id": "v", "path": "p", "colour": "red", **BOX},
        )
    )
    assert len(found) == 3
    assert "elements[1]" in found[1]
    assert "colour" in found[2]
    assert "(and 2 more)" in sentence


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"size": [0, 800]}, "size"),
        ({"schema": 9}, "schema"),
        ({"level": 7}, "level"),
        ({"title": 1}, "title"),
    ],
)
def test_a_wrong_document_names_its_field(change, where):
    found, _ = problems(document(**change))
    assert where in found[0]


def test_two_elements_of_one_id_are_refused():
    value = {"kind": "value", "id": "v", "path": "p", **BOX}
    assert "another element has the same id" in problems(document(value, value))[0][0]


def test_a_trend_of_too_many_pens_is_refused():
    found, _ = problems(document({"kind": "trend", "id": "t", "pens": list("abcde"), **BOX}))
    assert found[0].endswith("a trend needs 1 to 4 pens")


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'"x"', b'{"schema": 1}'])
def test_what_is_no_document_is_refused_in_one_sentence(data):
    _, sentence = problems(data)
    assert "\n" not in sentence


def test_every_kind_survives_a_round_trip():
    for kind in AnyElement.__args__:
        fields = {f.name for f in msgspec.structs.fields(kind)}
        needed = {f.name for f in msgspec.structs.fields(kind) if f.required}
        given = {name: {"points": [[0, 0], [1, 1]], "pens": ["a"]}.get(name, "a") for name in needed if name not in BOX}
        (element,) = decode_display(document({"kind": kind.__struct_config__.tag, **given, **BOX}), "d").elements
        assert isinstance(element, kind)
        assert {"id", "x", "y", "w", "h", "label"} <= fields
        assert all(isinstance(path, str) for path in element.paths())
