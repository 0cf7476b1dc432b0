"""A table of tags that is edited like a spreadsheet: type over, fill down, copy and paste blocks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QWidget

from hmi.panel.widgets.document_model import DocumentModel
from hmi.panel.widgets.table import Table


class DocumentTable(Table):
    """Cells are selected one by one; Ctrl+D fills down, Ctrl+C and Ctrl+V speak with spreadsheets, Del empties."""

    def __init__(self, model: DocumentModel, widths: Sequence[int], parent: QWidget) -> None:
        super().__init__(model, widths, parent, many=True)
        self._rows = model
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.DoubleClicked | trigger.EditKeyPressed | trigger.AnyKeyPressed)
        self.setToolTip("Ctrl+D fills down; Ctrl+C and Ctrl+V exchange cells with a spreadsheet")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The keys of a spreadsheet."""
        if event.key() == Qt.Key.Key_D and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.fill_down()
        elif event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.block())
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste(QGuiApplication.clipboard().text())
        elif event.key() == Qt.Key.Key_Delete:
            for index in self.selectedIndexes():
                self._rows.setData(index, "")
        else:
            super().keyPressEvent(event)

    def fill_down(self) -> None:
        """Each selected column takes its first selected cell."""
        for column in sorted({index.column() for index in self.selectedIndexes()}):
            rows = sorted(index.row() for index in self.selectedIndexes() if index.column() == column)
            self._rows.fill_down(rows, column)

    def block(self) -> str:
        """The selected cells as lines with tabs."""
        cells = {(index.row(), index.column()) for index in self.selectedIndexes()}
        rows, columns = sorted({row for row, _ in cells}), sorted({column for _, column in cells})
        lines = (
            "\t".join(self._rows.text(row, column) if (row, column) in cells else "" for column in columns)
            for row in rows
        )
        return "\n".join(lines)

    def paste(self, text: str) -> None:
        """Puts a block at the upper left of the selection; a single cell goes into all that are selected."""
        chosen = self.selectedIndexes()
        lines = [line.split("\t") for line in text.removesuffix("\n").split("\n")]
        if not chosen or not text:
            return
        if len(lines) == 1 and len(lines[0]) == 1:
            for index in chosen:
                self._rows.setData(index, lines[0][0].strip())
        else:
            self._rows.paste(min(i.row() for i in chosen), min(i.column() for i in chosen), lines)

    def selected_rows(self) -> list[int]:
        """The rows in which a cell is selected."""
        return sorted({index.row() for index in self.selectedIndexes()})
