import json

from hmi.station.editing.records import Key
from hmi.station.editing.wording import change_line

from .bench import memory

TAG = Key("tag", "u")


def said(before: dict[str, object] | None, after: dict[str, object] | None) -> str:
    old, new = (b"" if d is None else json.dumps(d).encode() for d in (before, after))
    return change_line(TAG, old, new)


def test_what_changed_is_named_by_its_place() -> None:
    one = memory("u", "a/x", alarms=[{"id": "H", "kind": "H", "limit": 80}, {"id": "L", "kind": "L", "limit": 1}])
    two = memory("u", "a/x", unit="bar", alarms=[{"id": "H", "kind": "H", "limit": 85}])
    limits = 'alarms.H.limit 80 -> 85, alarms.L {"id": "L", "kind": "L", "limit": 1} -> none'
    assert said(one, two) == f'tag a/x: {limits}, unit none -> "bar"'


def test_coming_going_and_names() -> None:
    assert said(None, memory("u", "a/x")) == "tag a/x: new"
    assert said(memory("u", "a/x"), None) == "tag a/x: deleted"
    assert said(memory("u", "a/x"), memory("u", "a/y")) == "tag a/x becomes a/y"
    assert change_line(Key("type", "Pump"), b"", b"{}") == "type Pump: new"


def test_much_is_cut_short() -> None:
    before = {f"f{n}": 0 for n in range(9)}
    line = said(memory("u", "p", **before), memory("u", "p", **dict.fromkeys(before, "x" * 500)))
    assert line.endswith("and 4 more")
    assert len(line) < 600
