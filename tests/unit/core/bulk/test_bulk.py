"""Edits of many tags: what is set, filled, found, copied, split into bits and taken back."""

from __future__ import annotations

from itertools import count
from typing import Any

import msgspec
import pytest

from hmi.core.bulk import Pattern, Search, Step, UndoStack, alarm_word, copies, filled_down, replaced, with_cell
from hmi.core.bulk.undo import KEPT, Changed
from hmi.core.errors import LinesideError
from hmi.core.expression import check, parse
from hmi.core.sheet.cells import CellError
from hmi.core.tag import Tag, TagType


def pump(number: int, **more: Any) -> dict[str, Any]:
    plain = {
        "uid": f"p{number}",
        "path": f"plant/pump{number}/speed",
        "type": "float",
        "description": f"Speed of pump{number}",
        "source": {"kind": "connection", "connection": "plc", "address": f"holding:{number}"},
    }
    return {**plain, **more}


def uids() -> Any:
    numbers = count()
    return lambda: f"new{next(numbers)}"


def test_a_cell_is_set_and_taken_back_to_its_default():
    made = with_cell(pump(1), "range.low", 0)
    made = with_cell(made, "range.high", "90")
    assert made["range"] == [0, 90]
    assert with_cell(with_cell(made, "scan", "0.5"), "scan", "") == made
    assert with_cell(pump(1), "alarms.H.limit", 5)["alarms"] == [{"id": "H", "limit": 5}]
    assert with_cell(pump(1, alarms=[{"id": "H"}]), "alarms", "") == pump(1)


def test_an_unknown_field_is_refused():
    with pytest.raises(CellError, match="no field limit"):
        with_cell(pump(1), "limit", 5)


def test_fill_down_takes_the_first():
    first = pump(1, unit="rpm", alarms=[{"id": "H", "kind": "H", "limit": 5}])
    made = filled_down([first, pump(2), pump(3, unit="Hz")], "unit")
    assert [document["unit"] for document in made] == ["rpm"] * 3
    assert [d["alarms"] for d in filled_down([first, pump(2)], "alarms")] == [first["alarms"]] * 2
    assert filled_down([pump(1), pump(2, unit="Hz")], "unit") == [pump(1), pump(2)]
    assert filled_down([], "unit") == []


@pytest.mark.parametrize("heading", ["uid", "path"])
def test_identity_is_not_filled_down(heading):
    with pytest.raises(CellError, match="another one in each tag"):
        filled_down([pump(1), pump(2)], heading)


def test_find_and_replace_shows_only_what_changes():
    found = replaced([pump(1), pump(2)], Search("pump1", "mixer"))
    assert [(before["uid"], after["path"], after["description"]) for before, after in found] == [
        ("p1", "plant/mixer/speed", "Speed of mixer")
    ]


def test_replacement_is_a_text_unless_it_is_a_pattern():
    [(_, after)] = replaced([pump(1)], Search("pump1", r"\1", headings=("path",)))
    assert after["path"] == r"plant/\1/speed"
    [(_, after)] = replaced([pump(1)], Search(r"PUMP(\d)", r"p-\1", pattern=True, match_case=False))
    assert after["path"] == "plant/p-1/speed"


def test_numbers_are_not_searched():
    assert replaced([pump(1, scan=1.5)], Search("1.5", "2", headings=("scan",))) == []


def test_a_text_that_looks_like_a_formula_is_found_as_it_is():
    [(_, after)] = replaced([pump(1, description="=A1")], Search("=A", "=B", headings=("description",)))
    assert after["description"] == "=B1"


@pytest.mark.parametrize(
    ("search", "why"),
    [
        (Search("", "x"), "nothing to find"),
        (Search("(", "x", pattern=True), "is no pattern"),
        (Search("pump", r"\1", pattern=True), "cannot stand in its place"),
    ],
)
def test_a_search_that_cannot_be_made(search, why):
    with pytest.raises(LinesideError, match=why):
        replaced([pump(1)], search)


def test_copies_count():
    made = copies([pump(1)], Pattern("pump1", "pump{n:2}", first=2, count=3), uids())
    assert [document["path"] for document in made] == [f"plant/pump0{n}/speed" for n in (2, 3, 4)]
    assert [document["uid"] for document in made] == ["new0", "new1", "new2"]
    assert made[0]["description"] == "Speed of pump02"
    assert pump(1) == pump(1)


def test_copies_follow_in_addresses_expressions_and_interlocks():
    original = pump(1, write={"interlock": "{plant/pump1/ready}", "status_tag": "plant/pump1/on"})
    original["source"] = {"kind": "connection", "connection": "plc", "address": "ns=2;s=pump1.speed"}
    [made] = copies([original], Pattern("pump1", "pump{n}", first=7), uids())
    assert made["source"]["address"] == "ns=2;s=pump7.speed"
    assert made["write"] == {"interlock": "{plant/pump7/ready}", "status_tag": "plant/pump7/on"}


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (Pattern("pump1", "pump9", count=2), "More than one tag would be plant/pump9/speed"),
        (Pattern("pump1", "pump{n}", first=1, count=2), "More than one tag would be plant/pump1/speed"),
        (Pattern("", "x"), "nothing to replace"),
        (Pattern("pump1", "{n}", count=0), "0 copies"),
        (Pattern("pump1", "{n}", count=10_001), "10,001 copies"),
    ],
)
def test_copies_that_cannot_be_made(pattern, why):
    with pytest.raises(LinesideError, match=why):
        copies([pump(1)], pattern, uids())


WORD = {"uid": "w", "path": "plant/mixer/faults", "type": "int", "source": {"kind": "memory"}}


def test_an_alarm_word_becomes_discrete_alarms():
    texts = [f"Fault {bit}" for bit in range(16)]
    texts[3] = ""
    made = alarm_word(WORD, texts, uids(), priority=2)
    assert len(made) == 15
    assert made[0]["path"] == "plant/mixer/faults/bit00"
    assert made[-1]["source"]["expression"] == "bit({plant/mixer/faults}, 15)"
    for document in made:
        tag = msgspec.convert(document, Tag)
        assert check(parse(document["source"]["expression"]), {WORD["path"]: TagType.INT}).value == "bool"
        assert (tag.alarms[0].message, tag.alarms[0].priority, tag.alarms[0].normal) == (tag.description, 2, 0)


def test_bits_may_be_alarms_when_they_are_off():
    assert alarm_word(WORD, ["Away"], uids(), active=False)[0]["alarms"][0]["normal"] == 1


@pytest.mark.parametrize(
    ("word", "texts", "why"),
    [
        ({**WORD, "type": "float"}, ["x"], "type int"),
        (WORD, ["", " "], "No bit has a text"),
        (WORD, ["x"] * 54, "more than a word has bits"),
    ],
)
def test_words_that_are_none(word, texts, why):
    with pytest.raises(LinesideError, match=why):
        alarm_word(word, texts, uids())


def step(title: str) -> Step:
    return Step(title, (Changed("tag", "a", b"1", b"2"), Changed("tag", "b", b"", b"3")))


def test_a_step_is_taken_back_and_made_again():
    stack = UndoStack()
    assert (stack.to_undo(), stack.to_redo(), stack.undo_title, stack.redo_title) == (None, None, "", "")
    stack.did(step("Rename"))
    assert stack.to_undo() == Step("Rename", (Changed("tag", "b", b"3", b""), Changed("tag", "a", b"2", b"1")))
    stack.undone()
    assert (stack.undo_title, stack.redo_title) == ("", "Rename")
    assert stack.to_redo() == step("Rename")
    stack.redone()
    assert (stack.undo_title, stack.redo_title) == ("Rename", "")


def test_a_new_step_ends_what_could_be_made_again():
    stack = UndoStack()
    stack.did(step("one"))
    stack.undone()
    stack.did(step("two"))
    assert (stack.undo_title, stack.redo_title) == ("two", "")
    stack.forget()
    assert (stack.undo_title, stack.redo_title) == ("", "")


def test_only_so_many_steps_are_kept():
    stack = UndoStack()
    for number in range(KEPT + 5):
        stack.did(step(str(number)))
    titles = []
    while stack.undo_title:
        titles.append(stack.undo_title)
        stack.undone()
    assert len(titles) == KEPT
    assert titles[-1] == "5"
