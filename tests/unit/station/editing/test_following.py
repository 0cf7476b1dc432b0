import json

from hmi.station.editing.following import followed
from hmi.station.editing.records import Key

from .bench import computed, display, lines, memory

SWAP = {"a/x": "a/y", "a/y": "a/x"}


def test_everything_a_tag_says_of_others_follows_at_once() -> None:
    tag = computed("u", "a/z", "{a/x} - {a/y} * 2 & '{a/x}'")
    tag["write"] = {"interlock": "{a/x} > 0", "status_tag": "a/y"}
    after = json.loads(followed(Key("tag", "u"), lines(tag), SWAP))
    assert after["source"]["expression"] == "{a/y} - {a/x} * 2 & '{a/x}'"
    assert after["write"] == {"interlock": "{a/y} > 0", "status_tag": "a/x"}


def test_what_names_no_renamed_tag_keeps_its_bytes() -> None:
    line = b'{"uid":"u",  "path":"a/z","type":"float","source":{"kind":"expression","expression":"{b/x} +"}}'
    assert followed(Key("tag", "u"), line, SWAP) is line
    assert followed(Key("tag", "u"), lines(memory("u", "a/x")).rstrip(), SWAP) == lines(memory("u", "a/x")).rstrip()
    assert followed(Key("type", "T"), b"{}", SWAP) == b"{}"


def test_a_display_stays_laid_out_as_it_was() -> None:
    before = display("a/x", "a/xx", "a/y")
    after = followed(Key("display", "overview"), before, SWAP)
    assert after == before.replace(b'"a/x"', b'"?"').replace(b'"a/y"', b'"a/x"').replace(b'"?"', b'"a/y"')


def test_what_only_looks_like_a_path_stays() -> None:
    before = b'{"elements": [{"id": "a/x", "label" : "a/x", "path": "a/x", "pens": ["a/x", "b"]}]}'
    after = b'{"elements": [{"id": "a/x", "label" : "a/x", "path": "a/y", "pens": ["a/y", "b"]}]}'
    assert followed(Key("display", "d"), before, SWAP) == after


def test_a_connection_and_an_instance_follow() -> None:
    connection = followed(Key("connection", "plc"), b'{"driver": "modbus", "heartbeat": "a/x", "options": {}}', SWAP)
    assert json.loads(connection)["heartbeat"] == "a/y"
    instance = {"uid": "i", "path": "p", "of": "T", "parameters": {"from": "a/x", "n": 1}}
    instance["overrides"] = {"m": {"source": {"expression": "{a/x}"}}, "gone": None}
    after = json.loads(followed(Key("tag", "i"), lines(instance), SWAP))
    assert after["parameters"] == {"from": "a/y", "n": 1}
    assert after["overrides"]["m"] == {"source": {"expression": "{a/y}"}}
