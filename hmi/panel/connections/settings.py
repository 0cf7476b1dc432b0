"""One connection's settings: what kind of device, where it is, how to talk to it; saved into the running station."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from hmi.link.messages import CommandResult, DriverInfo, Edit, Edited, Record
from hmi.panel.connections.options_form import OptionsForm
from hmi.panel.stores import Stores


class SettingsPane(QWidget):
    """Edits one record; the station judges, its reasons stand below the form."""

    saved = Signal(str)
    """Name of the connection that was saved."""
    deleted = Signal()

    def __init__(self, stores: Stores, parent: QWidget) -> None:
        super().__init__(parent)
        self._stores = stores
        self._drivers: dict[str, DriverInfo] = {}
        self._record: Record | None = None
        self._document: dict[str, Any] = {}
        self._name = self._line("name", "e.g. mixer")
        self._driver = QComboBox(self)
        self._driver.setObjectName("driver")
        self._driver.setAccessibleName("Driver")
        self._endpoint = self._line("endpoint", "")
        self._description = self._line("description", "what it is, for people")
        self._writes = QCheckBox("Values may be written to this device", self)
        self._options = OptionsForm(self)
        self._sentence = QLabel(self)
        self._sentence.setObjectName("sentence")
        self._sentence.setWordWrap(True)
        self._save = QPushButton("Save", self)
        self._save.setObjectName("save")
        self._revert = QPushButton("Revert", self)
        self._delete = QPushButton("Delete", self)
        self._lay_out()
        self._driver.currentIndexChanged.connect(self._on_driver)
        self._save.clicked.connect(self._on_save)
        self._revert.clicked.connect(self._on_revert)
        self._delete.clicked.connect(self._on_delete)

    def show_drivers(self, drivers: list[DriverInfo]) -> None:
        """The drivers to choose from; one that cannot be used says why when it is chosen."""
        self._drivers = {driver.name: driver for driver in drivers}
        chosen = self._driver_name()
        self._driver.blockSignals(True)
        self._driver.clear()
        for driver in drivers:
            self._driver.addItem(driver.title or driver.name, driver.name)
        self._choose(chosen)
        self._driver.blockSignals(False)
        self._on_driver()

    def show_record(self, record: Record | None) -> None:
        """A connection that there is, or None for a new one."""
        self._record = record
        self._document = json.loads(record.document) if record is not None else {}
        self._name.setText(record.key if record is not None else "")
        self._name.setReadOnly(record is not None)
        self._choose(str(self._document.get("driver", "")))
        self._endpoint.setText(str(self._document.get("endpoint", "")))
        self._description.setText(str(self._document.get("description", "")))
        self._writes.setChecked(bool(self._document.get("writes_enabled", False)))
        self._delete.setVisible(record is not None)
        self._tell("")
        self._on_driver()
        if record is None:
            self._name.setFocus()

    def set_editable(self, *, editable: bool, why: str) -> None:
        """Whether this user may change anything; `why` not."""
        for part in (self._name, self._driver, self._endpoint, self._description, self._writes, self._options):
            part.setEnabled(editable)
        for button in (self._save, self._revert, self._delete):
            button.setEnabled(editable)
            button.setToolTip(why)

    def document(self) -> dict[str, Any]:
        """The record as the form has it; keys that the form does not know stay."""
        made = dict(self._document)
        made["driver"] = self._driver_name()
        made["endpoint"] = self._endpoint.text().strip()
        for key, value in (
            ("description", self._description.text().strip()),
            ("writes_enabled", self._writes.isChecked()),
            ("options", self._options.values()),
        ):
            if value:
                made[key] = value
            else:
                made.pop(key, None)
        return made

    def _line(self, name: str, hint: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setObjectName(name)
        line.setAccessibleName(name.capitalize())
        line.setPlaceholderText(hint)
        return line

    def _lay_out(self) -> None:
        inside = QWidget(self)
        form = QFormLayout(inside)
        for title, field in (
            ("Name", self._name),
            ("Driver", self._driver),
            ("Endpoint", self._endpoint),
            ("Description", self._description),
            ("Writing", self._writes),
            ("Options", self._options),
        ):
            form.addRow(title, field)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inside)
        buttons = QHBoxLayout()
        buttons.addWidget(self._delete)
        buttons.addStretch(1)
        buttons.addWidget(self._revert)
        buttons.addWidget(self._save)
        layout = QVBoxLayout(self)
        layout.addWidget(area, 1)
        layout.addWidget(self._sentence)
        layout.addLayout(buttons)

    def _driver_name(self) -> str:
        return str(self._driver.currentData() or "")

    def _choose(self, name: str) -> None:
        at = self._driver.findData(name)
        self._driver.setCurrentIndex(max(at, 0))

    def _on_driver(self) -> None:
        info = self._drivers.get(self._driver_name())
        kept = self._document.get("options", {}) if self._document.get("driver") == self._driver_name() else {}
        self._options.show_options(info.options if info is not None else [], kept)
        self._endpoint.setPlaceholderText(f"e.g. {info.endpoint_example}" if info and info.endpoint_example else "")
        if info is not None and info.error:
            self._tell(info.error)

    def _on_revert(self) -> None:
        self.show_record(self._record)

    def _on_save(self) -> None:
        name = self._name.text().strip()
        if not name:
            self._tell("Give the connection a name.")
            self._name.setFocus()
            return
        self._tell("Saving …")
        before = self._record.digest if self._record is not None else ""
        document = json.dumps(self.document(), sort_keys=True).encode()
        self._stores.project.edit([Edit("connection", name, before, document)], self._on_saved, dry=False)

    def _on_saved(self, answer: Edited) -> None:
        if not answer.applied:
            self._refused(answer)
            return
        name = self._name.text().strip()
        for secret, value in self._options.secrets().items():
            self._stores.project.set_secret(name, secret, value, self._on_secret)
        self._options.forget_secrets()
        self.saved.emit(name)

    def _refused(self, answer: Edited) -> None:
        if answer.records and answer.records[0].digest:
            self.show_record(answer.records[0])
            self._tell("Somebody else has changed this connection meanwhile; this is how it is now. Change it again.")
            return
        reasons = [f"{flaw.where}: {flaw.what}" if flaw.where else flaw.what for flaw in answer.flaws if not flaw.warns]
        self._tell("\n".join(reasons) or answer.error or "The station did not take it.")

    def _on_secret(self, result: CommandResult) -> None:
        if result.state != "done":
            self._tell(result.text)

    def _on_delete(self) -> None:
        if self._record is not None:
            self._tell("Deleting …")
            edit = Edit("connection", self._record.key, self._record.digest)
            self._stores.project.edit([edit], self._on_deleted, dry=False)

    def _on_deleted(self, answer: Edited) -> None:
        if answer.applied:
            self.deleted.emit()
        else:
            self._refused(answer)

    def _tell(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
