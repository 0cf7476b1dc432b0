"""The editor below the tag list: the selected tags in a table, checked while one types, saved all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import uuid4

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from hmi.core.bulk import Pattern, Search, copies, replaced
from hmi.core.errors import LinesideError
from hmi.core.sheet.cells import CellError
from hmi.core.sheet.compare import Change
from hmi.link.messages import Edited, Record
from hmi.panel.stores import Stores
from hmi.panel.tags.columns import COLUMNS, WIDTHS, heading_of, new_tag
from hmi.panel.tags.editing import Document, Editing
from hmi.panel.widgets.document_model import DocumentModel
from hmi.panel.widgets.document_table import DocumentTable

CHECK_MS: Final = 400
"""Typing must come to rest for so long before the station is asked what is wrong."""
MOST: Final = 500
"""Tags in the table at once."""


class TagEditor(QWidget):
    """Rows are edited like a spreadsheet; nothing of it runs before it is saved."""

    closed = Signal()
    saved = Signal()

    def __init__(self, stores: Stores, parent: QWidget) -> None:
        super().__init__(parent)
        self._stores = stores
        self._editing = Editing(stores.project)
        self._conflict: list[Record] = []
        self.model = DocumentModel(COLUMNS, self)
        self.table = DocumentTable(self.model, WIDTHS, self)
        self.table.setAccessibleName("Tags being edited")
        self._sentence = QLabel(self)
        self._sentence.setObjectName("editorSentence")
        self._sentence.setWordWrap(True)
        self._find = self._line("find", "Find in path, description, address, expression")
        self._replace = self._line("replace", "Replace with; {n} counts in copies")
        self._replace_all = self._button("Replace", self._on_replace)
        self._copy = self._button("Copy", self._on_copy)
        self._new = self._button("New tag", self._on_new)
        self._delete = self._button("Delete", self._on_delete)
        self._undo = self._button("Undo", self._on_undo)
        self._redo = self._button("Redo", self._on_redo)
        self._theirs = self._button("Take theirs", self._on_theirs)
        self._mine = self._button("Keep mine", self._on_mine)
        self._close = self._button("Close", self._on_close)
        self._save = self._button("Save", self._on_save)
        self._checking = QTimer(self)
        self._checking.setInterval(CHECK_MS)
        self._checking.setSingleShot(True)
        self._checking.timeout.connect(self._check)
        self._lay_out()
        self.model.edited.connect(self._on_edited)
        for key, slot in (("Ctrl+S", self._on_save), ("Ctrl+Z", self._on_undo), ("Ctrl+Y", self._on_redo)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.activated.connect(slot)
        self._refresh()

    def open_tags(self, paths: Sequence[str]) -> None:
        """Reads the records of tags and shows them."""
        self._tell("Reading …")
        self._stores.project.records("tag", list(paths)[:MOST], self._on_records)

    def is_dirty(self) -> bool:
        """Whether anything would be lost by closing."""
        return bool(self._editing.changed(self.model.documents) or self.model.nonsense)

    def _lay_out(self) -> None:
        bulk, buttons = QHBoxLayout(), QHBoxLayout()
        for part in (self._find, self._replace):
            bulk.addWidget(part, 1)
        for button in (self._replace_all, self._copy):
            bulk.addWidget(button)
        for button in (self._new, self._delete, self._undo, self._redo):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self._theirs, self._mine, self._close, self._save):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.addLayout(bulk)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._sentence)
        layout.addLayout(buttons)

    def _line(self, name: str, hint: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setObjectName(name)
        line.setAccessibleName(name.capitalize())
        line.setPlaceholderText(hint)
        return line

    def _button(self, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(slot)
        return button

    # ---- what the station says ----

    def _on_records(self, records: list[Record], error: str) -> None:
        self._conflict = []
        self.model.show_documents(self._editing.opened(records))
        self._tell(error or ("" if records else "None of these tags can be edited: they are the station's own."))

    def _check(self) -> None:
        documents = self._editing.changed(self.model.documents)
        if documents and not self.model.nonsense:
            self._editing.check(documents, self._on_checked)

    def _on_checked(self, answer: Edited) -> None:
        if not self._conflict:
            self._show_flaws(answer, self._editing.changed(self.model.documents))

    def _show_flaws(self, answer: Edited, sent: Sequence[Document]) -> None:
        """Marks cells; flaws are counted by the edits that were sent."""
        row_of = {document["uid"]: row for row, document in enumerate(self.model.documents)}
        flaws: dict[tuple[int, str], str] = {}
        for flaw in answer.flaws:
            if 0 <= flaw.edit < len(sent) and not flaw.warns:
                document = sent[flaw.edit]
                flaws[row_of.get(document["uid"], 0), heading_of(flaw.where, document)] = flaw.what
        self.model.show_flaws(flaws)
        reasons = [f"{flaw.where}: {flaw.what}".lstrip(": ") for flaw in answer.flaws]
        self._tell("\n".join(reasons[:3]) or answer.error)

    def _on_saved(self, answer: Edited) -> None:
        if answer.applied:
            self._conflict = []
            stands = self._editing.theirs(answer.records)
            self.model.show_documents([stands.get(d["uid"], d) for d in self.model.documents])
            self._tell("Saved: it runs now.")
            self.saved.emit()
            self._refresh()
        elif answer.records:
            self._show_conflict(answer)
        else:
            self._show_flaws(answer, self._editing.changed(self.model.documents))

    def _show_conflict(self, answer: Edited) -> None:
        """Somebody else was quicker: their fields beside ours; nothing is overwritten silently."""
        self._conflict = answer.records
        theirs = self._editing.theirs(answer.records)
        mine = {document["uid"]: document for document in self.model.documents}
        lines = []
        for record in answer.records:
            other, own = theirs.get(record.key), mine.get(record.key)
            if other is None or own is None:
                lines.append(f"{own['path'] if own is not None else record.key}: somebody else deleted it.")
                continue
            fields = Change(own, other).fields()
            shown = ", ".join(f"{head}: theirs {after}, mine {before}" for head, before, after in fields[:4])
            lines.append(f"{other['path']}: {shown}")
        self._tell("Somebody else has changed these tags meanwhile.\n" + "\n".join(lines[:4]))
        self._refresh()

    def _on_gone(self, answer: Edited) -> None:
        if answer.applied:
            self.model.remove(self.table.selected_rows())
            self._tell("Deleted.")
            self.saved.emit()
        else:
            self._on_saved(answer)

    def _on_stepped(self, answer: Edited) -> None:
        if not answer.applied:
            self._tell(answer.error or "It cannot be taken back: somebody has changed it since.")
            return
        kept = {record.key: record for record in answer.records}
        documents = self._editing.theirs(answer.records)
        rows = [
            documents.get(d["uid"], d) for d in self.model.documents if d["uid"] not in kept or d["uid"] in documents
        ]
        self.model.show_documents(rows)
        self.saved.emit()
        self._refresh()

    # ---- what the person does ----

    def _on_edited(self) -> None:
        self._checking.start()
        if self.model.nonsense:
            row, heading, why = self.model.nonsense[0]
            self._tell(f"Row {row + 1}, {heading}: {why}.")
        self._refresh()

    def _on_save(self) -> None:
        documents = self._editing.changed(self.model.documents)
        if documents and not self.model.nonsense:
            self._tell("Saving …")
            self._editing.save(documents, _title(documents), self._on_saved)

    def _on_new(self) -> None:
        self.model.add([new_tag(_new_uid(), self.model.documents)])
        self.table.selectRow(self.model.rowCount() - 1)
        self.table.setFocus()

    def _on_delete(self) -> None:
        rows = self.table.selected_rows()
        documents = [self.model.documents[row] for row in rows]
        if documents:
            self._editing.delete(documents, f"Delete {_named(documents)}", self._on_gone)

    def _on_replace(self) -> None:
        """Into the table only: what it would change is seen there before it is saved."""
        try:
            found = replaced(self.model.documents, Search(self._find.text(), self._replace.text()))
        except (LinesideError, CellError) as error:
            self._tell(str(error))
            return
        after = {before["uid"]: new for before, new in found}
        self.model.show_documents([after.get(document["uid"], document) for document in self.model.documents])
        self._tell(f"{len(found)} of {self.model.rowCount()} tags would be others: look, then save.")

    def _on_copy(self) -> None:
        documents = [self.model.documents[row] for row in self.table.selected_rows()] or self.model.documents
        try:
            made = copies(documents, Pattern(self._find.text(), self._replace.text()), _new_uid)
        except LinesideError as error:
            self._tell(str(error))
            return
        self.model.add(made)
        self._tell(f"{len(made)} copies: look, then save.")

    def _on_undo(self) -> None:
        self._editing.undo(self._on_stepped)

    def _on_redo(self) -> None:
        self._editing.redo(self._on_stepped)

    def _on_theirs(self) -> None:
        theirs = self._editing.theirs(self._conflict)
        gone = {record.key for record in self._conflict} - set(theirs)
        self._resolved()
        rows = [theirs.get(d["uid"], d) for d in self.model.documents if d["uid"] not in gone]
        self.model.show_documents(rows)

    def _on_mine(self) -> None:
        """Mine stands, knowing theirs: the next save names what they made."""
        self._resolved()
        self._tell("Yours stands in the table: save it to overwrite theirs.")

    def _resolved(self) -> None:
        self._editing.learned(self._conflict)
        self._conflict = []
        self._tell("")
        self._refresh()

    def _on_close(self) -> None:
        if self.is_dirty() and self._close.text() == "Close":
            self._close.setText("Discard and close")
            self._tell("There are changes that are not saved.")
            return
        self._close.setText("Close")
        self.closed.emit()

    def _refresh(self) -> None:
        dirty = bool(self._editing.changed(self.model.documents))
        self._save.setEnabled(dirty and not self.model.nonsense and not self._conflict)
        for button in (self._theirs, self._mine):
            button.setVisible(bool(self._conflict))
        for button, title, word in (
            (self._undo, self._editing.undo_title, "Undo"),
            (self._redo, self._editing.redo_title, "Redo"),
        ):
            button.setEnabled(bool(title))
            button.setToolTip(f"{word}: {title}" if title else "")

    def _tell(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))


def _new_uid() -> str:
    return uuid4().hex[:12]


def _named(documents: Sequence[dict[str, Any]]) -> str:
    return str(documents[0]["path"]) if len(documents) == 1 else f"{len(documents)} tags"


def _title(documents: Sequence[dict[str, Any]]) -> str:
    return f"Edit {_named(documents)}"
