"""From a device's directory to tags: pick on the left, look over and complete on the right, create, see the trend."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from hmi.core.bulk import with_kinds
from hmi.link.messages import DeviceValue, Edit, Edited
from hmi.panel.connections.browse_tree import BrowseTree
from hmi.panel.connections.making import Picked, Wishes, documents_of
from hmi.panel.connections.new_tag_table import NewTagTable
from hmi.panel.page import Context
from hmi.panel.widgets.document_model import DocumentModel

_COLUMNS: Final = (
    ("path", "Path"),
    ("type", "Type"),
    ("unit", "Unit"),
    ("range.low", "Low"),
    ("range.high", "High"),
    ("alarms.L.limit", "L alarm"),
    ("alarms.H.limit", "H alarm"),
    ("history.store", "History"),
    ("scan", "Scan s"),
    ("description", "Description"),
)
_WIDTHS: Final = (0, 60, 60, 64, 64, 64, 64, 60, 56, 150)
_MOST_PENS: Final = 8


class BrowsePane(QWidget):
    """Makes tags of one connection's device."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._connection = ""
        self._made: list[str] = []
        self.tree = BrowseTree(self._ask, self)
        self.model = DocumentModel(_COLUMNS, self)
        self.table = NewTagTable(self.model, _WIDTHS, self)
        self.table.setAccessibleName("New tags")
        self.table.dropped.connect(self._on_dropped)
        self._area = QLineEdit(self)
        self._area.setObjectName("area")
        self._area.setPlaceholderText("area/line the tags belong to")
        self._depth = QSpinBox(self)
        self._depth.setRange(1, 8)
        self._depth.setValue(2)
        self._history = QCheckBox("History", self)
        self._history.setChecked(True)
        self._limits = QCheckBox("L and H alarms from the range", self)
        self._sentence = QLabel(self)
        self._sentence.setObjectName("sentence")
        self._sentence.setWordWrap(True)
        self._add = self._button("Add ticked", self._on_add)
        self._tick = self._button("Tick all shown below", self.tree.tick_below)
        self._remove = self._button("Remove rows", self._on_remove)
        self._read = self._button("Test read", self._on_read)
        self._create = self._button("Create tags", self._on_create)
        self._trend = self._button("Show on a trend", self._on_trend)
        self._lay_out()
        self.tree.said.connect(self._tell)
        self.tree.picked_changed.connect(self._on_picked)
        self.model.edited.connect(self._on_edited)
        self._on_picked()
        self._on_edited()

    def open_connection(self, name: str, area: str) -> None:
        """Reads a device's top; rows of another one are gone."""
        if name != self._connection:
            self.model.show_documents([])
            self._made = []
            self._area.setText(area)
            self._tell("")
        if name == self._connection and self.tree.topLevelItemCount():
            return  # what was opened and ticked stays; the project changes for other reasons too
        self._connection = name
        if name:
            self.tree.begin()
        else:
            self.tree.clear()

    def _on_dropped(self, addresses: list[str]) -> None:
        self.add([each for each in self.tree.marked() if each.item.address in addresses])

    def add(self, picked: Sequence[Picked]) -> None:
        """Rows for these variables; one that has a row already gets no second."""
        present = {document["source"].get("address") for document in self.model.documents}
        fresh = [each for each in picked if each.item.address not in present]
        wishes = Wishes(
            self._connection,
            self._area.text(),
            self._depth.value(),
            history=self._history.isChecked(),
            limits=self._limits.isChecked(),
        )
        taken = {document["path"] for document in self.model.documents}
        self.model.add(documents_of(fresh, wishes, taken, _new_uid))

    def _ask(self, node: str, done: Any) -> None:
        self._tell("Reading the device …")
        self._context.stores.project.browse(self._connection, node, done)

    def _lay_out(self) -> None:
        left, right = QWidget(self), QWidget(self)
        picking = QVBoxLayout(left)
        picking.setContentsMargins(0, 0, 6, 0)
        picking.addWidget(self.tree, 1)
        under = QHBoxLayout()
        under.addWidget(self._tick)
        under.addStretch(1)
        under.addWidget(self._add)
        picking.addLayout(under)
        wishes = QHBoxLayout()
        for part in (QLabel("Area", self), self._area, QLabel("Names", self), self._depth, self._history, self._limits):
            wishes.addWidget(part, 1 if part is self._area else 0)
        buttons = QHBoxLayout()
        for button in (self._remove, self._read):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self._trend, self._create):
            buttons.addWidget(button)
        making = QVBoxLayout(right)
        making.setContentsMargins(6, 0, 0, 0)
        making.addLayout(wishes)
        making.addWidget(self.table, 1)
        making.addLayout(buttons)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.addWidget(left)
        split.addWidget(right)
        split.setSizes([400, 640])
        layout = QVBoxLayout(self)
        layout.addWidget(split, 1)
        layout.addWidget(self._sentence)

    def _button(self, text: str, slot: Any) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(slot)
        return button

    def _on_add(self) -> None:
        self.add(self.tree.picked())
        self.tree.untick()

    def _on_remove(self) -> None:
        self.model.remove(self.table.selected_rows())

    def _on_picked(self) -> None:
        count = len(self.tree.picked())
        self._add.setEnabled(count > 0)
        self._add.setText(f"Add ticked ({count})" if count else "Add ticked")

    def _on_edited(self) -> None:
        count = self.model.rowCount()
        self._create.setEnabled(count > 0 and not self.model.nonsense)
        self._create.setText(f"Create {count} tags" if count > 1 else "Create tag" if count else "Create tags")
        self._trend.setEnabled(bool(self._made))

    def _on_read(self) -> None:
        rows = self.table.selected_rows() or list(range(min(self.model.rowCount(), 1)))
        for row in rows[:1]:
            document = self.model.documents[row]
            self._tell(f"Reading {document['source']['address']} …")
            self._context.stores.project.test_read(
                self._connection, document["source"]["address"], document["type"], self._on_value
            )

    def _on_value(self, value: DeviceValue | None, error: str) -> None:
        self._tell(error or (f"The device says {value.value}." if value is not None else ""))

    def _on_create(self) -> None:
        documents = [with_kinds(document) for document in self.model.documents]
        edits = [
            Edit("tag", document["uid"], "", json.dumps(document, sort_keys=True).encode()) for document in documents
        ]
        self._tell("Creating …")
        self._context.stores.project.edit(edits, self._on_created, dry=False)

    def _on_created(self, answer: Edited) -> None:
        if answer.applied:
            self._made = [document["path"] for document in self.model.documents]
            self.model.show_documents([])
            self._tell(f"{len(self._made)} tags run now.")
            self._on_edited()
            return
        self.model.show_flaws({(flaw.edit, _heading(flaw.where)): flaw.what for flaw in answer.flaws if not flaw.warns})
        first = next((flaw for flaw in answer.flaws if not flaw.warns), None)
        reason = f"Row {first.edit + 1}, {first.where}: {first.what}" if first is not None else answer.error
        self._tell(f"Nothing was created. {reason}")

    def _on_trend(self) -> None:
        self._context.navigator.open_trend(self._made[:_MOST_PENS])

    def _tell(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))


def _new_uid() -> str:
    return uuid4().hex[:12]


def _heading(where: str) -> str:
    return (
        "path" if where in ("path", "uid", "") else where.replace("range", "range.low") if where == "range" else where
    )
