"""What an engineer's panel asks of the project is answered once, and what changed is asked for anew."""

import pytest

from hmi.core.quality import Status
from hmi.link.codec import encode
from hmi.link.messages import (
    MAX_MESSAGE,
    CommandResult,
    DeviceValue,
    Edit,
    Edited,
    EditProject,
    GetTags,
    NoteRow,
    Pending,
    ProjectChanged,
    Record,
    SetSecret,
    Subscribe,
)
from hmi.panel.stores.project import UNKNOWN_EDIT
from hmi.panel.stores.requests import LOST, NO_STATION
from tests.helpers_panel.fake_project import digest
from tests.helpers_panel.fake_station import FakeStation
from tests.helpers_panel.memory import MemoryPanel

LEVEL, SPEED = "line/tank/level", "line/pump/speed"


@pytest.fixture
def panel() -> MemoryPanel:
    station = FakeStation()
    station.add(LEVEL, 42.0, unit="%")
    station.add(SPEED, 7.0)
    for at, path in enumerate((LEVEL, SPEED)):
        station.project.put("tag", f"u{at}", uid=f"u{at}", path=path, type="float")
    made = MemoryPanel(station)
    made.open()
    return made


def records(panel: MemoryPanel, *names: str) -> list[Record]:
    found: list[tuple[list[Record], str]] = []
    panel.stores.project.records("tag", names, lambda rows, error: found.append((rows, error)))
    panel.answer()
    [(rows, error)] = found
    assert error == ""
    return rows


def edit(panel: MemoryPanel, *edits: Edit, dry: bool = False) -> Edited:
    found: list[Edited] = []
    panel.stores.project.edit(edits, found.append, dry=dry)
    panel.answer()
    [answer] = found
    return answer


def test_records_come_in_parts_and_are_told_once(panel):
    panel.station.project.part = 1
    assert [record.key for record in records(panel)] == ["u0", "u1"]
    assert [record.key for record in records(panel, SPEED)] == ["u1"]


def test_an_edit_changes_what_the_person_saw(panel):
    [record] = records(panel, LEVEL)
    answer = edit(panel, Edit("tag", "u0", record.digest, b'{"path":"line/tank/height"}'))
    assert answer.applied
    assert panel.station.project.document("tag", "u0") == {"path": "line/tank/height"}


def test_an_edit_of_what_another_changed_is_refused_with_what_stands_there(panel):
    [record] = records(panel, LEVEL)
    other = panel.station.project.put("tag", "u0", path=LEVEL, unit="m")
    answer = edit(panel, Edit("tag", "u0", record.digest, b"{}"))
    assert not answer.applied
    assert answer.records == [other]


def test_a_dry_edit_changes_nothing(panel):
    panel.station.project.wrong["u0"] = ("scan", "must be more than 0 seconds")
    [record] = records(panel, LEVEL)
    answer = edit(panel, Edit("tag", "u0", record.digest, b"{}"), dry=True)
    assert [flaw.what for flaw in answer.flaws] == ["must be more than 0 seconds"]
    assert digest(panel.station.project.records["tag", "u0"]) == record.digest


def test_a_lost_edit_is_unknown_and_not_sent_again(panel):
    found: list[Edited] = []
    panel.stores.project.edit([Edit("tag", "u0", "", b"{}")], found.append, dry=False)
    panel.outbox.clear()
    panel.stores.lost("gone")
    assert [(answer.applied, answer.error) for answer in found] == [(False, UNKNOWN_EDIT)]
    panel.open()
    panel.answer()
    assert panel.station.project.edited == []


def test_without_a_station_every_question_ends_with_a_sentence():
    panel = MemoryPanel()
    said: list[str] = []
    project = panel.stores.project
    project.records("tag", [], lambda _rows, error: said.append(error))
    project.where_used([LEVEL], lambda _uses, error: said.append(error))
    project.drivers(lambda _drivers, error: said.append(error))
    project.browse("plc", "", lambda _items, error: said.append(error))
    project.test_read("plc", "a", "float", lambda _value, error: said.append(error))
    project.ask_pending(lambda _pending, error: said.append(error))
    project.certificates("opcua", lambda _rows, error: said.append(error))
    project.notes([1], lambda _rows, error: said.append(error))
    project.roll_back("", lambda answer: said.append(answer.error))
    assert said == [NO_STATION] * 9


def test_devices_are_browsed_and_read(panel):
    project, found = panel.station.project, []
    project.devices["plc", ""] = []
    project.readings["plc", "ns=2;s=a"] = DeviceValue(0, 5.0, 0, 1)
    panel.stores.project.browse("plc", "", lambda items, error: found.append((items, error)))
    panel.stores.project.browse("other", "", lambda items, error: found.append((items, error)))
    panel.stores.project.test_read("plc", "ns=2;s=a", "float", lambda value, error: found.append((value.value, error)))
    panel.stores.project.test_read("plc", "ns=2;s=b", "float", lambda value, error: found.append((value.value, error)))
    panel.answer()
    assert found == [([], ""), ([], "other does not answer."), (5.0, ""), (None, "plc has no ns=2;s=b.")]


def test_what_people_set_is_a_command(panel):
    said: list[CommandResult] = []
    store = panel.stores.project
    store.substitute(1, 5.0, "sensor away", said.append)
    store.set_scan(on=False, tag=1, connection="", reason="", progress=said.append)
    store.set_note(1, "look here", said.append)
    store.set_secret("plc", "password", "hush", said.append)
    store.trust("opcua", "ab12", trust=True, progress=said.append)
    panel.answer()
    assert [result.state for result in said] == ["done"] * 5
    assert len({command.command for command in panel.station.project.commands}) == 5
    assert isinstance(panel.station.project.commands[3], SetSecret)


def test_a_lost_command_is_unknown(panel):
    said: list[CommandResult] = []
    panel.stores.project.set_note(1, "x", said.append)
    panel.stores.lost("gone")
    assert [(result.state, result.text) for result in said] == [("unknown", LOST)]


def test_notes_are_told(panel):
    panel.station.project.notes[1] = NoteRow(1, "look here")
    found: list[list[NoteRow]] = []
    panel.stores.project.notes([1, 2], lambda rows, _error: found.append(rows))
    panel.answer()
    assert found == [[NoteRow(1, "look here")]]


def test_notes_that_come_in_several_messages_are_told_once(panel):
    panel.station.project.notes = {1: NoteRow(1, "look here"), 2: NoteRow(2, "and there")}
    found: list[list[NoteRow]] = []
    panel.stores.project.notes([1, 2], lambda rows, _error: found.append(list(rows)))
    panel.answer()
    assert found == [[NoteRow(1, "look here"), NoteRow(2, "and there")]]


def test_a_large_edit_is_sent_in_messages_that_the_link_takes(panel):
    text = "x" * 2000
    documents = {f"n{at}": f'{{"path":"a/{at}","description":"{text}"}}'.encode() for at in range(500)}
    found: list[Edited] = []
    panel.stores.project.edit([Edit("tag", key, "", data) for key, data in documents.items()], found.append, dry=False)
    sent = [message for message in panel.outbox if isinstance(message, EditProject)]
    assert len(sent) > 1
    assert all(len(encode(message)) < MAX_MESSAGE for message in sent)
    assert len({(message.request, message.command) for message in sent}) == 1
    assert [message.more for message in sent] == [True] * (len(sent) - 1) + [False]
    panel.answer()
    assert [answer.applied for answer in found] == [True]
    assert {key: panel.station.project.records["tag", key] for key in documents} == documents


def test_what_is_rolled_back_is_what_the_person_saw(panel):
    answers: list[Edited] = []
    panel.stores.project.roll_back("r7", answers.append)
    panel.answer()
    assert [command.running for command in panel.station.project.commands] == ["r7"]


def test_files_that_changed_are_told_and_looked_at(panel):
    told: list[Pending | None] = []
    store = panel.stores.project
    store.listen_pending(lambda: told.append(store.pending))
    panel.stores.receive(Pending(0, "r1", "r2", ["tag a added"]))
    assert [p.on_disk for p in told if p is not None] == ["r2"]
    answers: list[Edited] = []
    store.apply_pending("r2", answers.append)
    panel.answer()
    assert answers[0].applied


def shown(panel: MemoryPanel, path: str) -> tuple[object, int, bool]:
    cell = panel.stores.values.shown(path)
    return cell.value, cell.status, cell.unknown


def test_only_what_changed_is_asked_for_anew(panel):
    panel.stores.values.bind([LEVEL], lambda _paths: None)
    panel.stores.values.bind([SPEED], lambda _paths: None)
    panel.settle()
    panel.station.tags[LEVEL] = panel.station.tags[LEVEL].__class__(1, LEVEL, "float", unit="m")
    panel.stores.receive(ProjectChanged("r2", [1]))
    assert shown(panel, LEVEL)[1] == int(Status.BAD_WAITING_FOR_INITIAL_DATA)
    assert shown(panel, SPEED) == (7.0, 0, False)
    asked = [m for m in panel.outbox if isinstance(m, GetTags | Subscribe)]
    assert [m.paths for m in asked if isinstance(m, GetTags)] == [[LEVEL]]
    panel.settle()
    info = panel.stores.values.shown(LEVEL).info
    assert info is not None
    assert info.unit == "m"
    assert shown(panel, LEVEL) == (42.0, 0, False)
    assert panel.stores.session.revision == "r2"


def test_a_tag_that_went_is_unknown_and_not_live(panel):
    panel.stores.values.bind([LEVEL, SPEED], lambda _paths: None)
    panel.settle()
    del panel.station.tags[LEVEL], panel.station.values[LEVEL]
    panel.stores.receive(ProjectChanged("r2", [1]))
    panel.settle()
    value, status, unknown = shown(panel, LEVEL)
    assert (unknown, status) == (True, int(Status.BAD_WAITING_FOR_INITIAL_DATA))
    assert value == 42.0
    assert shown(panel, SPEED) == (7.0, 0, False)


def test_a_tag_that_came_is_found_by_who_waits_for_it(panel):
    panel.stores.values.bind(["line/new"], lambda _paths: None)
    panel.settle()
    assert shown(panel, "line/new")[2]
    panel.station.add("line/new", 3.0)
    panel.stores.receive(ProjectChanged("r2", [3]))
    panel.settle()
    assert shown(panel, "line/new") == (3.0, 0, False)


def test_listeners_hear_of_another_configuration(panel):
    heard: list[ProjectChanged | None] = []
    store = panel.stores.project
    binding = store.listen(lambda: heard.append(store.change))
    panel.stores.receive(ProjectChanged("r2", whole=True))
    binding.close()
    panel.stores.receive(ProjectChanged("r3", whole=True))
    assert [change.revision for change in heard if change is not None] == ["r2"]
