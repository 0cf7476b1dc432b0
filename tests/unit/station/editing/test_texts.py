import json
import tomllib

import pytest

from hmi.station.editing.records import Key
from hmi.station.editing.texts import ProjectTexts, digests_of

from .bench import CONNECTIONS, PROJECT, display, lines, memory

TEXTS = {
    "project.toml": PROJECT,
    "connections.toml": CONNECTIONS,
    "tags/a.jsonl": lines(memory("u1", "mix/level"), memory("u2", "mix/speed")),
    "tags/sub/b.jsonl": lines(memory("u3", "pack/count")),
    "displays/overview.json": display("mix/level"),
}


@pytest.fixture
def texts() -> ProjectTexts:
    return ProjectTexts(TEXTS)


def nobody(_: str) -> None:
    return None


def test_records_are_what_the_files_hold_with_their_places(texts: ProjectTexts) -> None:
    keys = [Key("tag", "u2"), Key("tag", "u9"), Key("connection", "plc"), Key("display", "overview")]
    found = texts.records(keys)
    assert set(found) == {keys[0], keys[2], keys[3]}
    assert found[keys[0]].place == "tags/a.jsonl:2"
    assert json.loads(found[keys[2]].document) == {"driver": "modbus", "endpoint": "modbus://127.0.0.1:5020"}
    assert found[keys[2]].place == "connections.toml:2"
    assert found[keys[3]].document == TEXTS["displays/overview.json"]


def test_one_file_changes_and_a_new_tag_goes_to_its_siblings(texts: ProjectTexts) -> None:
    document = lines(memory("u4", "pack/speed")).rstrip()
    changed, homes = texts.with_records({Key("tag", "u4"): document}, lambda _: ("pack/count", "u3"))
    assert changed == {"tags/sub/b.jsonl": TEXTS["tags/sub/b.jsonl"] + document + b"\n"}
    assert homes == {"u4": "tags/sub/b.jsonl"}


def test_a_tag_without_siblings_gets_a_file_of_its_area(texts: ProjectTexts) -> None:
    document = lines(memory("u4", "Utilities 2/air")).rstrip()
    changed, _ = texts.with_records({Key("tag", "u4"): document}, lambda _: ("pack/count", "u3"))
    assert changed == {"tags/Utilities_2.jsonl": document + b"\n"}


def test_connections_keep_comments_order_and_what_is_not_said(texts: ProjectTexts) -> None:
    wanted = {"driver": "modbus", "endpoint": "modbus://10.0.0.1:502", "options": {"unit": 3}, "process": None}
    other = {"driver": "modbus", "endpoint": "modbus://10.0.0.2:502"}
    named = {"plc": wanted, "b": other}
    documents = {Key("connection", name): json.dumps(document).encode() for name, document in named.items()}
    changed, _ = texts.with_records(documents, nobody)
    [data] = changed.values()
    assert data is not None
    assert data.startswith(b'# The line\'s PLC.\n[plc]\ndriver = "modbus" # do not change\n')
    assert tomllib.loads(data.decode()) == {
        "plc": {"driver": "modbus", "endpoint": "modbus://10.0.0.1:502", "options": {"unit": 3}},
        "b": other,
    }
    texts.take(changed, digests_of(changed), {})
    gone, _ = texts.with_records({Key("connection", "b"): b"", Key("connection", "plc"): b""}, nobody)
    assert tomllib.loads((gone["connections.toml"] or b"").decode()) == {}


def test_the_same_document_changes_nothing(texts: ProjectTexts) -> None:
    record = texts.records([Key("connection", "plc")])[Key("connection", "plc")]
    assert texts.with_records({Key("connection", "plc"): record.document}, nobody) == ({}, {})


def test_the_revision_follows_the_files(texts: ProjectTexts) -> None:
    before = texts.revision
    changed = {"tags/a.jsonl": None, "displays/overview.json": b"{}"}
    assert texts.revision_with({}) == before
    after = texts.revision_with(changed)
    texts.take(changed, digests_of(changed), {"u1": None, "u2": None})
    assert texts.revision == after != before
    assert not texts.has_tag("u1")
    assert texts.has_tag("u3")
