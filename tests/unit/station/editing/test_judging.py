"""What is said of an edit, and that it is what the check of the whole project would say."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.station.editing.judging import judge
from hmi.station.editing.model import Candidate
from hmi.station.editing.records import Key

from .bench import Bench, computed, connected, display, lines, memory

TAGS = (
    memory("u1", "a/x", write={"confirm": 1}),
    computed("u2", "a/y", "{a/x} * 2"),
    computed("u3", "a/z", "{a/y} + {a/x}"),
    connected("u4", "b/raw"),
    connected("u5", "b/run", "coil:3", write={"interlock": "{a/z} > 1", "status_tag": "b/raw", "feedback": "status"}),
)
TEXTS = {"tags/all.jsonl": lines(*TAGS), "displays/overview.json": display("a/x", "b/raw")}


@pytest.fixture
def bench() -> Bench:
    return Bench(TEXTS)


def said(bench: Bench, *edits: Any) -> list[str]:
    return [f"{fault.key.name} {fault.where}: {fault.what}" for fault in bench.faults(*edits)]


@pytest.mark.parametrize(
    ("kind", "key", "document", "words"),
    [
        ("tag", "u9", memory("u9", "a/x"), "u9 path: 'a/x' is already used by another tag"),
        ("tag", "u9", memory("u8", "a/new"), "u9 uid: cannot change: a tag is told by it; make a copy instead"),
        ("tag", "u9", memory("u9", "system/x"), "u9 path: must not begin with 'system/'"),
        ("tag", "u9", {"uid": "u9", "path": "a/new"}, "u9 type: is missing"),
        ("tag", "u9", memory("u9", "a/new", colour=1), "u9 colour: is not known here"),
        ("tag", "u9", b"[]", "u9 : must be a JSON object"),
        ("tag", "u9", b"{", "u9 : is no valid JSON"),
        ("tag", "u4", connected("u4", "b/raw", "ns=2;s=x"), "u4 source.address: 'ns=2;s=x' is not a Modbus address"),
        ("tag", "u2", computed("u2", "a/y", "{a/q}"), "u2 source.expression: Column 1: there is no tag a/q"),
        ("tag", "u1", computed("u1", "a/x", "{a/z}"), "u1 source.expression:"),
        ("tag", "u1", None, "u1 : a/x is used by tag a/y (source.expression)"),
        ("tag", "u4", None, "u4 : b/raw is used by tag b/run (write.status_tag)"),
        ("tag", "u4", None, "u4 : b/raw is used by display overview (element e1)"),
        ("tag", "u1", memory("u1", "a/x", type="string"), "u2 source.expression: "),
        ("connection", "plc", None, "plc : 2 tags are still on this connection: b/raw, b/run"),
        ("connection", "new", {"driver": "nix", "endpoint": "x"}, "new driver: There is no driver 'nix'"),
        ("connection", "new", {"driver": "modbus"}, "new endpoint: is missing"),
        ("connection", "a/b", {"driver": "modbus", "endpoint": "x"}, "a/b : 'a/b' is no name"),
        ("connection", "plc", {"driver": "opcua", "endpoint": "opc.tcp://h:1"}, "u4 source.address: "),
        ("display", "new", b'{"schema": 1}', "new "),
        ("display", "new", display("a/x", name="new", parent="nowhere"), "new parent: there is no display 'nowhere'"),
        ("type", "Pump", {"members": {"m": {"of": "Motor"}}}, "Pump members.m.of: there is no type 'Motor'"),
        ("picture", "x", {}, "x : 'picture' is no kind of record"),
    ],
)
def test_what_cannot_be_made_says_why(bench: Bench, kind: Any, key: str, document: Any, words: str) -> None:
    found = said(bench, bench.edit(kind, key, document) if kind != "picture" else edit_of_nothing())
    assert any(line.startswith(words) for line in found), found


def edit_of_nothing() -> Any:
    from hmi.link.messages import Edit

    return Edit("picture", "x", "", b"{}")


def test_an_unknown_tag_on_a_display_is_only_a_warning(bench: Bench) -> None:
    [fault] = bench.faults(bench.edit("display", "new", display("a/q", name="new")))
    assert fault.warns


def test_users_may_go_in_the_same_edit(bench: Bench) -> None:
    whole = [bench.edit("tag", f"u{n}", None) for n in (1, 2, 3, 5)]
    picture = bench.edit("display", "overview", display("b/raw"))
    assert said(bench, *whole, picture) == []
    assert any("display overview" in line for line in said(bench, *whole))


def test_deleting_many_looks_at_each_record_once(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [memory(f"m{n}", f"bulk/{n}") for n in range(100)]
    users = [computed(f"c{n}", f"bulk/twice{n}", f"{{bulk/{n}}} * 2") for n in range(100)]
    bench = Bench({"tags/bulk.jsonl": lines(*many, *users)})
    edits = [bench.edit("tag", f"m{n}", None) for n in range(100)] + [bench.edit("tag", "c7", None)]
    made = bench.propose(*edits)
    looked = Counter[Key]()
    plain = Candidate.uses_of

    def counted(candidate: Candidate, key: Key) -> Any:
        looked[key] += 1
        return plain(candidate, key)

    monkeypatch.setattr(Candidate, "uses_of", counted)
    told = [fault.what for fault in judge(made.candidate)]
    wanted = (f"bulk/{n} is used by tag bulk/twice{n} (source.expression)" for n in range(100) if n != 7)
    assert sorted(told) == sorted(wanted)
    assert set(looked.values()) == {1}


def test_a_rename_is_followed_by_all_that_reads_it(bench: Bench) -> None:
    change = bench.change(bench.edit("tag", "u1", memory("u1", "c/level", write={"confirm": 1})))
    after = bench.after(change)
    assert b'"{c/level} * 2"' in after["tags/all.jsonl"]
    assert b'"path": "c/level"' in after["displays/overview.json"]
    assert Bench.check(after).problems == []
    assert set(change.files) == {"tags/all.jsonl", "displays/overview.json"}
    assert sorted(uid for uid in change.put if not uid.startswith("system")) == ["u1", "u2", "u3"]


def test_names_can_be_exchanged(bench: Bench) -> None:
    one = bench.edit("tag", "u1", memory("u1", "b/raw", write={"confirm": 1}))
    other = bench.edit("tag", "u4", connected("u4", "a/x"))
    after = bench.after(bench.change(one, other))
    assert Bench.check(after).problems == []
    assert b'"{b/raw} * 2"' in after["tags/all.jsonl"]
    assert b'"status_tag": "a/x"' in after["tags/all.jsonl"]


def test_what_somebody_else_has_changed_is_a_conflict(bench: Bench) -> None:
    seen = bench.edit("tag", "u1", memory("u1", "a/x", unit="bar"), before="0123456789abcdef")
    twice = bench.edit("tag", "u2", computed("u2", "a/y", "{a/x} * 3"))
    made = bench.propose(seen, twice)
    assert [key.name for key in made.conflicts] == ["u1"]
    gone = bench.propose(bench.edit("tag", "u77", memory("u77", "q"), before="0123456789abcdef"))
    assert [(record.document, record.digest) for record in gone.conflicts.values()] == [(b"", "")]


def test_an_edit_that_changes_nothing_is_none(bench: Bench) -> None:
    made = bench.propose(bench.edit("tag", "u1", {**TAGS[0]}))
    assert made.candidate.documents == {}


def test_what_says_nothing_is_left_out_of_the_line(bench: Bench) -> None:
    change = bench.change(bench.edit("tag", "u9", memory("u9", "a/new", unit="", alarms=[], scan=1.0, deadband=0.5)))
    line = bench.after(change)["tags/all.jsonl"].splitlines()[-1]
    assert json.loads(line) == memory("u9", "a/new", deadband=0.5)


def test_the_drivers_of_new_connections_come_along(bench: Bench) -> None:
    new = bench.edit("connection", "opc", {"driver": "opcua", "endpoint": "opc.tcp://h:1"})
    tag = connected("u9", "c/opc", "ns=2;s=x")
    tag["source"] = {"kind": "connection", "connection": "opc", "address": "ns=2;s=x"}
    change = bench.change(new, bench.edit("tag", "u9", tag))
    assert set(change.drivers) == {"modbus", "opcua"}
    assert {uid for uid in change.put if uid.startswith("system")} == {"system.connection.opc", "system.clock.opc"}


PUMP = {
    "parameters": {"at": None, "high": 80},
    "members": {
        "speed": {
            "type": "float",
            "source": {"kind": "connection", "connection": "plc", "address": "holding:{at}"},
            "alarms": [{"id": "H", "kind": "H", "limit": "{high}"}],
        },
        "twice": {"type": "float", "source": {"kind": "expression", "expression": "{./speed} * 2"}},
    },
    "display": [{"kind": "value", "id": "v", "x": 0, "y": 0, "w": 1, "h": 1, "path": "{instance}/speed"}],
}
P1 = {"uid": "p1", "path": "c/pump1", "of": "Pump", "parameters": {"at": 10}}
P2 = {"uid": "p2", "path": "c/pump2", "of": "Pump", "parameters": {"at": 20}, "overrides": {"twice": None}}


@pytest.fixture
def pumps() -> Bench:
    shown = [{"kind": "instance", "id": "i", "x": 0, "y": 0, "instance": "c/pump1"}]
    document = json.dumps({**json.loads(display(name="pumps")), "elements": shown}).encode()
    tags = lines(P1, P2, computed("s", "c/sum", "{c/pump1/speed} + {c/pump2/speed}"))
    return Bench({"types/Pump.json": json.dumps(PUMP).encode(), "tags/c.jsonl": tags, "displays/pumps.json": document})


def test_a_changed_type_changes_its_instances(pumps: Bench) -> None:
    other = json.loads(json.dumps(PUMP))
    other["members"]["speed"]["unit"] = "rpm"
    change = pumps.change(pumps.edit("type", "Pump", other))
    assert {uid: tag.unit for uid, tag in change.put.items()} == {"p1.speed": "rpm", "p2.speed": "rpm"}
    assert change.gone == frozenset()
    assert Bench.check(pumps.after(change)).problems == []


def test_a_renamed_instance_takes_its_tags_readers_and_pictures_along(pumps: Bench) -> None:
    change = pumps.change(pumps.edit("tag", "p1", {**P1, "path": "d/main_pump"}))
    checked = Bench.check(pumps.after(change))
    assert checked.problems == []
    project = checked.require()
    assert {tag.uid: tag.path for tag in project.tags}["p1.speed"] == "d/main_pump/speed"
    assert project.displays["pumps"] == change.displays["pumps"]
    assert b"d/main_pump/speed" in change.displays["pumps"]
    assert {uid for uid in change.put if not uid.startswith("system")} == {"p1.speed", "p1.twice", "s"}


@pytest.mark.parametrize("other", [{**P2, "path": "c/pump1"}, None])
def test_the_path_of_an_instance_can_be_taken_by_another(pumps: Bench, other: dict[str, object] | None) -> None:
    """Exchanged, or with the other one deleted: in either case nothing of the first may get lost."""
    edits = [pumps.edit("tag", "p1", {**P1, "path": "c/pump2"}), pumps.edit("tag", "p2", other)]
    users = [] if other is not None else [pumps.edit("tag", "s", computed("s", "c/sum", "{c/pump1/speed}"))]
    change = pumps.change(*edits, *users)
    checked = Bench.check(pumps.after(change))
    assert checked.problems == []
    assert checked.require().instances == change.instances
    assert checked.require().displays == change.displays
    assert change.instances["c/pump2"].uid == "p1"


def test_members_that_go_are_deleted_tags(pumps: Bench) -> None:
    change = pumps.change(pumps.edit("tag", "p1", {**P1, "overrides": {"twice": None}}))
    assert change.gone == {"p1.twice"}
    found = said(pumps, pumps.edit("tag", "p2", None))
    assert found == ["p2 speed: c/pump2/speed is used by tag c/sum (source.expression)"]
    flawed = said(pumps, pumps.edit("tag", "p2", {**P2, "parameters": {"at": "x"}}))
    assert flawed[0].startswith("p2 speed.source.address: ")


def test_a_type_that_is_used_cannot_go(pumps: Bench) -> None:
    assert any("there is no type 'Pump'" in line for line in said(pumps, pumps.edit("type", "Pump", None)))


# ---- the property: judging what changes says what the check of everything says

PATHS = ("a/x", "a/y", "a/z", "b/raw", "b/run", "n/1", "n/2")
EXPRESSIONS = ("{a/x}", "{a/y} + 1", "{a/z} > 0", "{n/1} & 'x'", "{n/2} * {a/x}", "{a/x} +")


@st.composite
def tag_documents(draw: st.DrawFn, uid: str) -> dict[str, object]:
    path = draw(st.sampled_from(PATHS))
    type_ = draw(st.sampled_from(("float", "bool", "string")))
    kind = draw(st.sampled_from(("memory", "computed", "connected")))
    document = {
        "memory": lambda: memory(uid, path),
        "computed": lambda: computed(uid, path, draw(st.sampled_from(EXPRESSIONS))),
        "connected": lambda: connected(uid, path, draw(st.sampled_from(("holding:1", "coil:2", "bad")))),
    }[kind]()
    document["type"] = type_
    if draw(st.booleans()):
        document["range"] = draw(st.sampled_from(([0, 1], [1, 0])))
    if draw(st.booleans()):
        document["write"] = {"interlock": draw(st.sampled_from(("", "{a/z} > 0", "{n/1}")))}
    return document


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_judging_an_edit_is_checking_the_whole(data: st.DataObject) -> None:
    bench = Bench({"tags/all.jsonl": lines(*TAGS)})
    uids = data.draw(st.lists(st.sampled_from(("u1", "u2", "u3", "u4", "u5", "u8", "u9")), min_size=1, unique=True))
    edits = []
    for uid in uids:
        goes = uid in {"u1", "u2", "u3", "u4", "u5"} and data.draw(st.booleans())
        edits.append(bench.edit("tag", uid, None if goes else data.draw(tag_documents(uid))))
    made = bench.propose(*edits)
    faults = [fault for fault in bench.faults(*edits) if not fault.warns]
    if made.faults:
        return  # what does not decode is told before anything is compared
    files, _ = bench.model.texts.with_records(made.candidate.documents, bench.model.near)
    texts = {**bench.model.texts.texts, **{n: d for n, d in files.items() if d is not None}}
    problems = [p for p in Bench.check(texts).problems if not p.runs_on]
    assert bool(faults) is bool(problems), (faults, problems)
    if any("already used" in p.what for p in problems):
        return  # which of two tags of one path is meant, nobody can say
    told = {fault.what for fault in faults}
    # Who reads a tag that goes is told at that tag: every other sentence is the same.
    unsaid = {p.what for p in problems if p.what not in told}
    assert all("there is no tag" in what or "does not exist" in what or "circle" in what for what in unsaid), unsaid
