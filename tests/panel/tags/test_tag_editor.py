"""Tags are edited in a table: checked while one types, saved all or nothing, never over what somebody else has made."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from hmi.panel.main_window import MainWindow
from hmi.panel.tags.editor import TagEditor
from hmi.panel.tags.page import TagPage
from tests.helpers_panel.fake_station import FakeStation
from tests.helpers_panel.memory import MemoryPanel


@pytest.fixture
def panel() -> MemoryPanel:
    station = FakeStation(passwords={"eva": ("wrench", "engineer"), "anna": ("bottle", "operator")})
    for number in range(3):
        path = f"plant/pump{number}/speed"
        station.add(path, float(number), unit="rpm")
        station.project.put("tag", f"u{number}", uid=f"u{number}", path=path, type="float", source={"kind": "memory"})
    return MemoryPanel(station)


def sign_in(panel: MemoryPanel, user: str) -> None:
    panel.stores.commands.sign_in(user, panel.station.passwords[user][0], str)
    panel.answer()


@pytest.fixture
def page(panel: MemoryPanel, open_window: Callable[[MemoryPanel], MainWindow], qtbot: QtBot) -> TagPage:
    window = open_window(panel)
    panel.open()
    panel.settle()
    sign_in(panel, "eva")
    window.guide.search_tags()
    made = window.guide.page
    assert isinstance(made, TagPage)
    panel.settle()
    return made


@pytest.fixture
def editor(page: TagPage, panel: MemoryPanel, qtbot: QtBot) -> TagEditor:
    table = page.findChild(QTableView, "tagTable")
    assert table is not None
    table.selectAll()
    press(page, "Edit", qtbot)
    panel.answer()
    made = page.findChild(TagEditor)
    assert isinstance(made, TagEditor)
    assert made.isVisible()
    return made


def press(part: TagPage | TagEditor, text: str, qtbot: QtBot) -> None:
    button = next(b for b in part.findChildren(QPushButton) if b.text().startswith(text) and b.isVisible())
    assert button.isEnabled(), text
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def put(editor: TagEditor, row: int, heading: str, text: str) -> None:
    model = editor.model
    model.setData(model.index(row, model.headings.index(heading)), text)


def sentence(editor: TagEditor) -> str:
    label = editor.findChild(QLabel, "editorSentence")
    assert isinstance(label, QLabel)
    return label.text()


def document(panel: MemoryPanel, number: int) -> dict[str, object]:
    return panel.station.project.document("tag", f"u{number}")


def test_an_operator_cannot_edit_and_is_told_why(page: TagPage, panel: MemoryPanel) -> None:
    sign_in(panel, "anna")
    button = next(b for b in page.findChildren(QPushButton) if b.text().startswith("Edit"))
    assert not button.isEnabled()
    assert button.toolTip() == "Sign in as an engineer to edit tags."


def test_only_what_differs_is_saved(editor: TagEditor, panel: MemoryPanel, qtbot: QtBot) -> None:
    assert [d["path"] for d in editor.model.documents] == [f"plant/pump{n}/speed" for n in range(3)]
    put(editor, 1, "alarms.H.limit", "80")
    put(editor, 1, "unit", "1/min")
    press(editor, "Save", qtbot)
    panel.answer()
    [edit] = [e for e in panel.station.project.edited if not e.dry]
    assert [e.key for e in edit.edits] == ["u1"]
    assert document(panel, 1)["unit"] == "1/min"
    assert document(panel, 1)["alarms"] == [{"id": "H", "kind": "H", "limit": 80, "message": "plant/pump1/speed high"}]
    assert sentence(editor) == "Saved: it runs now."
    assert not editor.is_dirty()


def test_an_emptied_limit_is_no_limit_of_zero(editor: TagEditor, panel: MemoryPanel, qtbot: QtBot) -> None:
    put(editor, 0, "alarms.H.limit", "80")
    put(editor, 0, "alarms.H.limit", "")
    assert "alarms" not in editor.model.documents[0]


def test_nonsense_is_told_and_not_sent(editor: TagEditor, panel: MemoryPanel) -> None:
    put(editor, 1, "range.low", "x")
    assert sentence(editor) == "Row 2, range.low: 'x' is no number."
    save = next(b for b in editor.findChildren(QPushButton) if b.text() == "Save")
    assert not save.isEnabled()


def test_what_is_wrong_is_marked_while_one_types(editor: TagEditor, panel: MemoryPanel, qtbot: QtBot) -> None:
    panel.station.project.wrong["u0"] = ("range", "the low end 9 must be below the high end 1")
    put(editor, 0, "unit", "bar")

    def marked() -> bool:
        panel.answer()
        at = editor.model.index(0, editor.model.headings.index("range.low"))
        return editor.model.data(at, Qt.ItemDataRole.ToolTipRole) == "the low end 9 must be below the high end 1"

    qtbot.waitUntil(marked)
    assert all(edit.dry for edit in panel.station.project.edited)


def test_a_conflict_shows_both_and_lets_the_person_choose(editor: TagEditor, panel: MemoryPanel, qtbot: QtBot) -> None:
    put(editor, 0, "unit", "mine")
    other = {"uid": "u0", "path": "plant/pump0/speed", "type": "float", "source": {"kind": "memory"}}
    panel.station.project.put("tag", "u0", **other, unit="theirs")
    press(editor, "Save", qtbot)
    panel.answer()
    assert "unit: theirs theirs, mine mine" in sentence(editor)
    assert document(panel, 0)["unit"] == "theirs"
    press(editor, "Take theirs", qtbot)
    assert editor.model.documents[0]["unit"] == "theirs"
    assert not editor.is_dirty()


def test_mine_is_kept_only_knowing_theirs(editor: TagEditor, panel: MemoryPanel, qtbot: QtBot) -> None:
    put(editor, 0, "unit", "mine")
    panel.station.project.put("tag", "u0", uid="u0", path="plant/pump0/speed", type="float", source={"kind": "manual"})
    press(editor, "Save", qtbot)
    panel.answer()
    press(editor, "Keep mine", qtbot)
    press(editor, "Save", qtbot)
    panel.answer()
    assert document(panel, 0)["unit"] == "mine"


def test_undo_and_redo(editor: TagEditor, panel: MemoryPanel, qtbot: QtBot) -> None:
    put(editor, 0, "unit", "bar")
    press(editor, "Save", qtbot)
    panel.answer()
    press(editor, "Undo", qtbot)
    panel.answer()
    assert "unit" not in document(panel, 0)
    assert "unit" not in editor.model.documents[0]
    press(editor, "Redo", qtbot)
    panel.answer()
    assert document(panel, 0)["unit"] == "bar"


def test_undo_takes_nothing_back_that_somebody_else_has_made(
    page: TagPage, editor: TagEditor, panel: MemoryPanel, qtbot: QtBot
) -> None:
    put(editor, 0, "unit", "bar")
    press(editor, "Save", qtbot)
    panel.answer()
    theirs = {**document(panel, 0), "unit": "theirs"}
    panel.station.project.put("tag", "u0", **theirs)
    editor.open_tags(["plant/pump0/speed"])  # their digest is known now, and is not what our step left
    panel.answer()
    press(editor, "Undo", qtbot)
    panel.answer()
    assert document(panel, 0) == theirs
    assert "somebody has changed it since" in sentence(editor)


def test_find_and_replace_is_seen_before_it_is_saved(editor: TagEditor, panel: MemoryPanel, qtbot: QtBot) -> None:
    qtbot.keyClicks(editor.findChild(QLineEdit, "find"), "pump1")
    qtbot.keyClicks(editor.findChild(QLineEdit, "replace"), "mixer")
    press(editor, "Replace", qtbot)
    assert sentence(editor) == "1 of 3 tags would be others: look, then save."
    assert document(panel, 1)["path"] == "plant/pump1/speed"
    press(editor, "Save", qtbot)
    panel.answer()
    assert document(panel, 1)["path"] == "plant/mixer/speed"


def test_copies_by_a_pattern(editor: TagEditor, panel: MemoryPanel, qtbot: QtBot) -> None:
    editor.table.setCurrentIndex(editor.model.index(0, 0))
    qtbot.keyClicks(editor.findChild(QLineEdit, "find"), "pump0")
    qtbot.keyClicks(editor.findChild(QLineEdit, "replace"), "pump9")
    press(editor, "Copy", qtbot)
    assert editor.model.documents[3]["path"] == "plant/pump9/speed"
    press(editor, "Save", qtbot)
    panel.answer()
    assert len([kind for kind, _ in panel.station.project.records if kind == "tag"]) == 4


def test_a_new_tag_and_its_deletion(editor: TagEditor, panel: MemoryPanel, qtbot: QtBot) -> None:
    press(editor, "New tag", qtbot)
    put(editor, 3, "path", "plant/pump2/target")
    press(editor, "Save", qtbot)
    panel.answer()
    assert editor.model.documents[3]["path"] == "plant/pump2/target"
    editor.table.setCurrentIndex(editor.model.index(3, 0))
    press(editor, "Delete", qtbot)
    panel.answer()
    assert editor.model.rowCount() == 3
    assert len([kind for kind, _ in panel.station.project.records if kind == "tag"]) == 3


def test_closing_asks_once_when_something_would_be_lost(editor: TagEditor, panel: MemoryPanel, qtbot: QtBot) -> None:
    put(editor, 0, "unit", "bar")
    press(editor, "Close", qtbot)
    assert editor.isVisible()
    assert sentence(editor) == "There are changes that are not saved."
    press(editor, "Discard and close", qtbot)
    assert not editor.isVisible()
