"""A tag table that went through a spreadsheet is the same table, and what is wrong in it is named by row and column."""

from __future__ import annotations

from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.alarm import Alarm
from hmi.core.errors import LinesideError
from hmi.core.project import ConnectionConfig
from hmi.core.sheet import compare, read_csv, read_table, read_xlsx, table_of, write_csv, write_xlsx
from hmi.core.sheet.columns import alarm_columns, tag_columns
from hmi.core.tag import Tag

CONNECTIONS = {"mixer": ConnectionConfig("opcua", "opc.tcp://127.0.0.1:4840")}
LEVEL: dict[str, Any] = {
    "uid": "a1",
    "path": "plant/mixer/level",
    "type": "float",
    "source": {"kind": "connection", "connection": "mixer", "address": "ns=2;s=Mixer.Level"},
    "range": [0, 100],
    "states": {},
    "alarms": [
        {"id": "HH", "kind": "HH", "limit": 95, "priority": 1, "message": "=2+3"},
        {"id": "L", "kind": "L", "limit": -5.5, "priority": 3},
    ],
    "write": {},
    "driver": {"deadband": 0.5},
}
RECIPE: dict[str, Any] = {
    "uid": "b2",
    "path": "plant/mixer/recipe",
    "type": "string",
    "source": {"kind": "memory", "default": "1"},
    "description": "+49 is no formula; nor = this",
}


def read(rows: list[list[Any]], present: list[dict[str, Any]] | None = None) -> Any:
    new = (f"new{at}" for at in count())
    return read_table(rows, present or [], CONNECTIONS, lambda: next(new))


def faults(rows: list[list[Any]], present: list[dict[str, Any]] | None = None) -> list[str]:
    return [str(fault) for fault in read(rows, present).faults]


FORMS = pytest.mark.parametrize(
    ("write", "load"), [(write_csv, read_csv), (write_xlsx, read_xlsx)], ids=["csv", "xlsx"]
)


@FORMS
def test_a_table_comes_back_as_it_was(write, load):
    reading = read(load(write(table_of([LEVEL, RECIPE]))))
    assert reading.faults == []
    wanted = [{key: value for key, value in LEVEL.items() if key != "states"}, RECIPE]  # no states is the default
    assert reading.documents == wanted
    assert reading.rows == [2, 3]


def test_every_field_has_a_column():
    names = set(tag_columns()) | {f"alarms.{name}" for name in alarm_columns()} | {"alarms", "alarms.id"}
    for struct, above in ((Tag, ""), (Alarm, "alarms.")):
        for field in msgspec.structs.fields(struct):
            assert any(name.startswith(above + field.encode_name) for name in names), field.name


text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
number = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False, width=32))
pair = st.tuples(st.integers(-100, 0), st.floats(1, 100)).map(list)
alarm = st.fixed_dictionaries(
    {"id": st.sampled_from(["HH", "H", "jam", "a.b"]), "kind": st.sampled_from(["HH", "H", "L", "off_normal"])},
    optional={"limit": number, "priority": st.integers(1, 4), "message": text.filter(bool), "cause": text.filter(bool)},
)
source = st.one_of(
    st.fixed_dictionaries({"kind": st.just("memory"), "default": number}),
    st.fixed_dictionaries({"kind": st.just("manual")}),
    st.fixed_dictionaries({"kind": st.just("expression"), "expression": text.filter(bool)}),
    st.fixed_dictionaries(
        {"kind": st.just("connection"), "connection": st.just("mixer"), "address": text.filter(bool)}
    ),
)
tag = st.fixed_dictionaries(
    {"type": st.sampled_from(["float", "int", "bool", "enum"]), "source": source},
    optional={
        "unit": text.filter(bool),
        "description": text.filter(bool),
        "range": pair,
        "decimals": st.integers(0, 6),
        "states": st.dictionaries(st.integers(-9, 9).map(str), text, min_size=1, max_size=3),
        "scaling": st.fixed_dictionaries({"raw": pair, "eu": pair}),
        "write": st.fixed_dictionaries({}, optional={"low": number, "to_safe": st.booleans(), "interlock": text}),
        "stepped": st.booleans(),
        "driver": st.dictionaries(text, st.one_of(number, text, st.booleans()), min_size=1, max_size=2),
        "history": st.fixed_dictionaries({"store": st.booleans(), "group": st.sampled_from(["", "quick"])}),
    },
)


def decoded(documents: list[dict[str, Any]]) -> list[Tag]:
    return [msgspec.convert(document, Tag) for document in documents]


TABLES = given(st.lists(tag, max_size=4), st.lists(alarm, max_size=3, unique_by=lambda each: each["id"]))


@TABLES
def test_any_table_comes_back_from_csv(tags, alarms):
    comes_back(write_csv, read_csv, tags, alarms)


@TABLES
@settings(max_examples=20)
def test_any_table_comes_back_from_a_workbook(tags, alarms):
    comes_back(write_xlsx, read_xlsx, tags, alarms)


def comes_back(write, load, tags, alarms):
    documents = [{**each, "uid": f"u{at}", "path": f"p/{at}"} for at, each in enumerate(tags)]
    if documents and alarms:
        documents[0]["alarms"] = alarms
    rows = load(write(table_of(documents)))
    reading = read(rows)
    sound = {number - 2 for number in reading.rows}
    assert decoded(reading.documents) == decoded([each for at, each in enumerate(documents) if at in sound])
    cells = {fault.what for fault in reading.faults}
    assert not any("is no number" in what or "does not read" in what for what in cells)


@given(text)
def test_no_text_is_run_as_a_formula(words):
    rows = read_csv(write_csv(table_of([{**RECIPE, "description": words}])))
    for cell in rows[1]:
        assert not str(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_negative_number_stays_a_number():
    rows = read_csv(write_csv(table_of([LEVEL])))
    assert "-5.5" in rows[1]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_of_all_countries(separator):
    text = (
        separator.join(["path", "type", "source.kind"]) + "\r\n" + separator.join(["a/b", "float", "manual"]) + "\r\n"
    )
    assert read_csv(text.encode())[1] == ["a/b", "float", "manual"]


def test_a_row_without_uid_is_the_tag_with_its_path():
    reading = read([["path", "unit"], ["plant/mixer/level", "%"]], [LEVEL])
    assert reading.documents == [{**LEVEL, "unit": "%"}]


def test_a_row_with_uid_is_renamed():
    reading = read([["uid", "path"], ["a1", "plant/mixer/height"]], [LEVEL])
    assert reading.documents == [{**LEVEL, "path": "plant/mixer/height"}]


def test_a_new_row_gets_a_uid():
    [made] = read([["path", "type", "source.kind"], ["a/b", "float", "manual"]]).documents
    assert made == {"uid": "new0", "path": "a/b", "type": "float", "source": {"kind": "manual"}}


def test_an_empty_cell_takes_a_field_back_and_a_missing_column_leaves_it():
    [made] = read([["uid", "driver", "range.low", "range.high"], ["a1", "", "", ""]], [LEVEL]).documents
    assert made == {key: value for key, value in LEVEL.items() if key not in ("driver", "range")}


def test_the_column_of_alarms_adds_and_removes():
    rows = [["uid", "alarms", "alarms.H.kind", "alarms.H.limit"], ["a1", "L; H", "H", 80]]
    [made] = read(rows, [LEVEL]).documents
    assert made["alarms"] == [LEVEL["alarms"][1], {"id": "H", "kind": "H", "limit": 80}]
    [bare] = read([["uid", "alarms"], ["a1", ""]], [LEVEL]).documents
    assert "alarms" not in bare


HEADS = ["uid", "path", "type", "source.kind", "range.low", "range.high", "scan", "write.to_safe", "states", "driver"]
SOUND = ["c", "a/b", "float", "manual", 0, 10, 1, "no", "0=Off", "{}"]


@pytest.mark.parametrize(
    ("column", "cell", "what"),
    [
        ("scan", "fast", "row 2, scan: 'fast' is no number"),
        ("scan", "1,5", "row 2, scan: '1,5' is no number: write the fraction with a point"),
        ("scan", "1e999", "row 2, scan: '1e999' is no number that can be used"),
        ("scan", 0, "row 2, scan: must be more than 0 seconds"),
        ("write.to_safe", "maybe", "row 2, write.to_safe: 'maybe' is neither yes nor no"),
        ("states", "0", "row 2, states: '0' does not read as 0=Stopped; 1=Running"),
        ("states", "0=a; 0=b", "row 2, states: '0=a; 0=b' names 0 twice"),
        ("driver", "{", "row 2, driver: '{' is no valid JSON"),
        ("range.high", "", "row 2, range.high: Expected `float`, got `null`"),
        ("range.low", 10, "row 2, range: the low end 10 must be below the high end 10"),
        ("path", "a//b", "row 2, path: 'a//b' is no tag path"),
        ("type", "double", "row 2, type: Invalid enum value 'double'"),
        ("source.kind", "", "row 2: Object missing required field `source`"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(column, cell, what):
    cells = [cell if head == column else value for head, value in zip(HEADS, SOUND, strict=True)]
    assert any(fault.startswith(what) for fault in faults([HEADS, cells])), faults([HEADS, cells])


def test_all_rows_are_looked_at():
    rows = [["path", "type", "source.kind"], ["a/b", "x", "manual"], ["a/c", "float", "manual"], ["a/c", "y", "manual"]]
    assert [fault.split(":")[0] for fault in faults(rows)] == ["row 2, type", "row 4, type", "row 4, path"]


def test_doubles_in_the_table():
    rows = [["uid", "path", "type", "source.kind"], ["u", "a/b", "float", "manual"], ["u", "a/b", "float", "manual"]]
    assert faults(rows) == [
        "row 3, uid: 'u' stands in row 2 already: clear the cell of the copy",
        "row 3, path: 'a/b' stands in row 2 already: a path names one tag",
    ]


@pytest.mark.parametrize(
    ("heads", "what"),
    [
        (["path", "limit"], "row 1, limit: there is no such column"),
        (["path", "alarms.HH.limt"], "row 1, alarms.HH.limt: there is no such column"),
        (["path", "path"], "row 1, path: stands there twice"),
        (["unit"], "row 1: neither path nor uid is among the headings"),
    ],
)
def test_headings(heads, what):
    assert what in faults([heads, ["x"] * len(heads)])


def test_an_alarm_beside_the_list_of_alarms_is_refused():
    rows = [["uid", "alarms", "alarms.H.limit"], ["a1", "HH", 80]]
    assert "does not list: write H there too" in faults(rows, [LEVEL])[0]


def test_faults_within_alarms_are_named_by_the_alarm():
    rows = [["uid", "alarms.L.limit"], ["a1", 96]]
    assert faults(rows, [LEVEL]) == ["row 2, alarms.HH.limit: HH 95 must be above L 96"]


def test_nothing_is_an_empty_table():
    assert faults([]) == ["row 1: the table is empty"]


def test_what_would_change_is_shown_field_by_field():
    wanted = [{**LEVEL, "unit": "%", "range": [0, 120]}, {**RECIPE, "uid": "c3", "path": "plant/x"}]
    found = compare([LEVEL, RECIPE], wanted, whole=True)
    assert [document["uid"] for document in found.added] == ["c3"]
    assert [document["uid"] for document in found.removed] == ["b2"]
    assert [change.fields() for change in found.changed] == [[("unit", "nothing", "%"), ("range.high", "100", "120")]]
    assert compare([LEVEL, RECIPE], wanted, whole=False).removed == ()
    assert compare([LEVEL], [LEVEL], whole=True).is_empty


def test_a_file_of_another_encoding_is_refused_with_the_way_out():
    with pytest.raises(LinesideError, match=r"line 2.*CSV UTF-8"):
        read_csv("path\r\n°C".encode("latin-1"))


def test_a_broken_csv_file_is_refused():
    with pytest.raises(LinesideError, match="no CSV file"):
        read_csv(b'path\r\n"a')


@pytest.mark.parametrize("data", [b"", b"path,type", b"PK\x03\x04 and no more"])
def test_what_is_no_workbook_is_refused(data):
    with pytest.raises(LinesideError, match="no XLSX workbook"):
        read_xlsx(data)
