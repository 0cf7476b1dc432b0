import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.station.editing.tag_lines import find_lines, line_numbers, uids_in, with_lines

TEXT = b'{"uid": "a", "path": "x"}\n\n{"path": "says \\"b\\"", "uid": "c"}\n{"uid": "b"}'


def test_a_line_is_found_by_its_uid_and_not_by_what_it_says() -> None:
    line = find_lines(TEXT, ["b"])["b"]
    assert TEXT[line.begin : line.end] == b'{"uid": "b"}'
    assert line_numbers(TEXT, {"b": line}) == {"b": 4}


def test_a_uid_with_other_escapes_is_found_too() -> None:
    text = b'{"uid": "gr\\u00fcn"}\n'
    assert find_lines(text, ["grün"])["grün"] == (0, len(text) - 1)


class Counted(bytes):
    """A text that notes how much of it is looked through for line breaks."""

    seen = 0

    def count(self, *arguments: Any) -> int:
        Counted.seen += arguments[2] - arguments[1]
        return super().count(*arguments)


def test_lines_are_numbered_in_one_pass() -> None:
    rows = [json.dumps({"uid": f"u{n}"}).encode() for n in range(200)]
    text = Counted(b"\n".join(rows))
    numbers = line_numbers(text, find_lines(text, [f"u{n}" for n in reversed(range(0, 200, 2))]))
    assert numbers == {f"u{n}": n + 1 for n in range(0, 200, 2)}
    assert Counted.seen <= len(text)


def test_only_the_touched_lines_change() -> None:
    after = with_lines(TEXT, {"a": b'{"uid": "a", "path": "y"}', "b": b""}, [b'{"uid": "d"}'])
    assert after == b'{"uid": "a", "path": "y"}\n\n{"path": "says \\"b\\"", "uid": "c"}\n{"uid": "d"}\n'


def test_a_new_line_begins_a_line_also_when_the_file_does_not_end_one() -> None:
    assert with_lines(b'{"uid": "a"}', {}, [b'{"uid": "b"}']) == b'{"uid": "a"}\n{"uid": "b"}\n'
    assert with_lines(b"", {}, [b'{"uid": "b"}']) == b'{"uid": "b"}\n'


def test_an_unknown_tag_is_no_line() -> None:
    with pytest.raises(KeyError):
        with_lines(TEXT, {"z": b"{}"}, [])


UIDS = st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=30, unique=True)


@given(UIDS, st.data())
def test_changing_lines_is_changing_a_list(uids: list[str], data: st.DataObject) -> None:
    rows = {uid: json.dumps({"uid": uid}, ensure_ascii=data.draw(st.booleans())).encode() for uid in uids}
    text = b"\n".join(rows.values()) + b"\n"
    chosen = data.draw(st.lists(st.sampled_from(uids), unique=True))
    changed = {uid: json.dumps({"uid": uid, "n": 1}).encode() if data.draw(st.booleans()) else b"" for uid in chosen}
    expected = [row for uid, row in ({**rows, **changed}).items() if row]
    after = with_lines(text, changed, [])
    assert after == b"".join(row + b"\n" for row in expected)
    assert [uid for uid, _ in uids_in(after)] == [uid for uid in uids if changed.get(uid, b"x")]
