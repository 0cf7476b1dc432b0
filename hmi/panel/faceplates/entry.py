"""Setpoint entry: the present value, a field beside it, and the check; the review does the rest."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from hmi.core.setpoint import EntryState
from hmi.link.messages import TagInfo
from hmi.panel.faceplates.controller import EntryController
from hmi.panel.faceplates.press import Press
from hmi.panel.faceplates.review import Review
from hmi.panel.painting.words import unit_of, value_text
from hmi.panel.stores import Stores

REASON_CLASS = 3
"""Confirm class from which a reason must be given."""


class SetpointEntry(QWidget):
    """Entry of one writable tag, by number, text or list of states."""

    def __init__(self, stores: Stores, path: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.controller = EntryController(stores, path, self)
        self._made_for: TagInfo | None = None
        self._name = QLabel("Setpoint" if path.endswith("_sp") else "New value", self)
        self._name.setToolTip(path)
        self.read = QLabel(self)
        self.read.setProperty("role", "value")
        self.read.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.field = QLineEdit(self)
        self.field.setAccessibleName(f"New value of {path}")
        self.field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.choice = QComboBox(self)
        self.choice.setAccessibleName(f"New value of {path}")
        self.choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.choice.hide()
        self._unit = QLabel(self)
        self._unit.setProperty("role", "secondary")
        self.check = Press("Check", self)
        self.reason = QLineEdit(self)
        self.reason.setPlaceholderText("Reason")
        self.reason.setAccessibleName("Reason of the change")
        self.reason.hide()
        self._range = QLabel(self)
        self._range.setProperty("role", "secondary")
        self.review = Review(self.controller, "Confirm", self)
        self._lay_out()
        self.field.textEdited.connect(self.controller.type_in)
        self.field.returnPressed.connect(self._check)
        self.reason.returnPressed.connect(self._check)
        self.choice.activated.connect(self._chosen)
        self.check.clicked.connect(self._check)
        self.review.closed.connect(self._back_to_field)
        self.controller.changed.connect(self.refresh)

    def close_entry(self) -> None:
        """The faceplate closes."""
        self.controller.close()

    def cancel(self) -> bool:
        """Esc: restores the read value; False when there was nothing to restore."""
        busy = self.controller.busy
        if busy:
            self.controller.cancel()
            self.field.setFocus()
        return busy

    def refresh(self) -> None:
        """Shows the read value and where the entry stands; never the wanted value as if it were there."""
        info, shown = self.controller.info, self.controller.shown
        if info is not None and info is not self._made_for:
            self._made_for = info
            self._fit(info)
        self.read.setText(f"{value_text(shown)} {unit_of(shown)}".strip())
        entry = self.controller.entry
        pending = entry.state is EntryState.PENDING
        open_field = entry.state not in {EntryState.PENDING, EntryState.REVIEW}
        for part in (self.field, self.choice, self.reason, self.check):
            part.setEnabled(open_field)
        self.check.setText("Sending \u2026" if pending else "Check")
        if open_field and self.hasFocus():
            self._focus_field()
        if entry.state in {EntryState.READING, EntryState.DONE} and self.field.text():
            self.field.clear()
        if entry.state in {EntryState.READING, EntryState.DONE}:
            self.choice.setCurrentIndex(-1)

    def _fit(self, info: TagInfo) -> None:
        self._unit.setText(info.unit)
        by_list = info.type in {"enum", "bool"} and bool(info.states)
        self.field.setVisible(not by_list)
        self.choice.setVisible(by_list)
        self.reason.setVisible(info.confirm >= REASON_CLASS)
        self.choice.clear()
        if by_list:
            for code, word in sorted(info.states.items(), key=lambda item: float(item[0])):
                self.choice.addItem(word, code)
        self.choice.setCurrentIndex(-1)
        target = self.controller.target()
        bounds = [target.exact(bound) for bound in (target.low, target.high) if bound is not None]
        self._range.setText(f"Allowed: {' to '.join(bounds)}" if len(bounds) == 2 and not by_list else "")
        self._range.setVisible(bool(self._range.text()))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._name)
        top.addStretch(1)
        top.addWidget(self.read)
        row = QHBoxLayout()
        row.addWidget(self.field, 1)
        row.addWidget(self.choice, 1)
        row.addWidget(self._unit)
        row.addWidget(self.check)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(row)
        column.addWidget(self.reason)
        column.addWidget(self._range)
        column.addWidget(self.review)

    def _check(self) -> None:
        self.controller.check(self.reason.text())

    def _chosen(self, index: int) -> None:
        self.controller.type_in(str(self.choice.itemData(index)))

    def _back_to_field(self) -> None:
        """The question returns the focus; while the write is under way no other part gets it by chance."""
        self.refresh()
        self._focus_field()

    def _focus_field(self) -> None:
        if self.isVisible():
            field = self.field if self.choice.isHidden() else self.choice
            (field if field.isEnabled() else self).setFocus()
