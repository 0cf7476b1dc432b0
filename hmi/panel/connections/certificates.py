"""Certificates that devices showed: a person decides which of them are trusted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from hmi.link.messages import CertificateRow, CommandResult
from hmi.panel.stores import Stores
from hmi.panel.widgets.headed_model import HeadedModel
from hmi.panel.widgets.table import Index, Table

_HEADS: Final = ("Trusted", "Subject", "Application", "Valid until", "SHA-256")
_WIDTHS: Final = (70, 0, 0, 100, 180)


class CertificateModel(HeadedModel):
    """One row a certificate."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(_HEADS, parent)
        self.rows: list[CertificateRow] = []

    def show_rows(self, rows: list[CertificateRow]) -> None:
        """Begins anew; what waits for a decision comes first."""
        self.beginResetModel()
        self.rows = sorted(rows, key=lambda row: (row.trusted, row.subject))
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's signature
        """Certificates known."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = 0) -> object:
        """A cell."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        row = self.rows[index.row()]
        until = datetime.fromtimestamp(row.valid_to / 1e9, UTC).strftime("%Y-%m-%d") if row.valid_to else ""
        cells = ("yes" if row.trusted else "no", row.subject, row.application, until, fingerprint(row))
        return cells[index.column()]


def fingerprint(row: CertificateRow) -> str:
    """The whole SHA-256 in groups that a person can compare."""
    return ":".join(row.thumbprint[at : at + 4] for at in range(0, len(row.thumbprint), 4))


class CertificatesPane(QWidget):
    """The certificates of one driver's devices."""

    def __init__(self, stores: Stores, parent: QWidget) -> None:
        super().__init__(parent)
        self._stores = stores
        self._driver = ""
        self.model = CertificateModel(self)
        self.table = Table(self.model, _WIDTHS, self)
        self.table.setAccessibleName("Certificates")
        self._sentence = QLabel(self)
        self._sentence.setObjectName("sentence")
        self._sentence.setWordWrap(True)
        self._accept = QPushButton("Trust", self)
        self._reject = QPushButton("Do not trust", self)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._reject)
        buttons.addWidget(self._accept)
        hint = QLabel("Compare the SHA-256 with what the device itself shows before you trust it.", self)
        hint.setProperty("role", "secondary")
        layout = QVBoxLayout(self)
        layout.addWidget(hint)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._sentence)
        layout.addLayout(buttons)
        self._accept.clicked.connect(self._on_accept)
        self._reject.clicked.connect(self._on_reject)
        self.table.selectionModel().selectionChanged.connect(self._on_selected)

    def open_driver(self, driver: str) -> None:
        """Asks for the certificates of a driver's devices."""
        self._driver = driver
        if driver:
            self._stores.project.certificates(driver, self._on_rows)

    def set_editable(self, *, editable: bool, why: str) -> None:
        """Whether this user may decide."""
        for button in (self._accept, self._reject):
            button.setEnabled(editable)
            button.setToolTip(why)

    def _on_rows(self, rows: list[CertificateRow], error: str) -> None:
        self.model.show_rows(rows)
        self._sentence.setText(error or ("" if rows else "No device has shown a certificate yet."))

    def _on_selected(self) -> None:
        """The column is too narrow for a fingerprint, and half of one proves nothing."""
        rows = self.table.selected_rows()
        self._sentence.setText(f"SHA-256 {fingerprint(self.model.rows[rows[0]])}" if rows else "")

    def _on_accept(self) -> None:
        self._decide(trust=True)

    def _on_reject(self) -> None:
        self._decide(trust=False)

    def _decide(self, *, trust: bool) -> None:
        rows = self.table.selected_rows()
        if rows:
            thumbprint = self.model.rows[rows[0]].thumbprint
            self._stores.project.trust(self._driver, thumbprint, trust=trust, progress=self._on_decided)

    def _on_decided(self, result: CommandResult) -> None:
        if result.state == "done":
            self.open_driver(self._driver)
        else:
            self._sentence.setText(result.text)
