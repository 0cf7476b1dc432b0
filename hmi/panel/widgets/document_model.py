"""Tags as rows that are edited: a cell is a field, what is wrong with it stands in it until it is mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QFont

from hmi.core.bulk.fill import cell_in, with_cell
from hmi.core.bulk.limits import without_limit
from hmi.core.sheet.cells import CellError, harmless, plain
from hmi.panel.widgets.headed_model import HeadedModel
from hmi.panel.widgets.table import Index

Document = dict[str, Any]
_ROLE = Qt.ItemDataRole


class DocumentModel(HeadedModel):
    """Rows of tag documents; the columns are headings of the tag table with titles for people."""

    edited = Signal()
    """A cell, or a row, is another one."""

    def __init__(self, columns: Sequence[tuple[str, str]], parent: QObject) -> None:
        super().__init__([title for _, title in columns], parent)
        self.headings = tuple(heading for heading, _ in columns)
        self._documents: list[Document] = []
        self._typed: dict[tuple[int, int], tuple[str, str]] = {}
        """(what was typed, why it cannot stand there) by cell."""
        self._flaws: dict[tuple[int, int], str] = {}
        self._marked = QFont()
        self._marked.setBold(True)
        self._marked.setUnderline(True)

    @property
    def documents(self) -> list[Document]:
        """The rows in order; cells that hold nonsense count with what stood there before."""
        return list(self._documents)

    @property
    def nonsense(self) -> list[tuple[int, str, str]]:
        """(row, heading, sentence) of each cell that says nothing its field could be."""
        return [(row, self.headings[column], why) for (row, column), (_, why) in sorted(self._typed.items())]

    def show_documents(self, documents: Sequence[Document]) -> None:
        """Begins anew with these rows."""
        self.beginResetModel()
        self._documents = list(documents)
        self._typed.clear()
        self._flaws.clear()
        self.endResetModel()
        self.edited.emit()

    def add(self, documents: Sequence[Document]) -> None:
        """Appends rows."""
        if documents:
            first = len(self._documents)
            self.beginInsertRows(QModelIndex(), first, first + len(documents) - 1)
            self._documents += documents
            self.endInsertRows()
            self.edited.emit()

    def remove(self, rows: Sequence[int]) -> None:
        """Takes rows out."""
        gone = set(rows)
        if gone:
            kept = [at for at in range(len(self._documents)) if at not in gone]
            place = {old: new for new, old in enumerate(kept)}
            self.beginResetModel()
            self._documents = [self._documents[at] for at in kept]
            self._typed = {(place[r], c): t for (r, c), t in self._typed.items() if r in place}
            self._flaws.clear()
            self.endResetModel()
            self.edited.emit()

    def show_flaws(self, flaws: Mapping[tuple[int, str], str]) -> None:
        """Marks cells by (row, heading); a heading without a column marks the row's first cell."""
        place = {heading: column for column, heading in enumerate(self.headings)}
        self._flaws = {(row, place.get(heading, 0)): what for (row, heading), what in flaws.items()}
        self._changed(0, len(self._documents) - 1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's signature
        """One row a tag."""
        return 0 if parent.isValid() else len(self._documents)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every cell can be edited."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = 0) -> object:
        """A cell, or why it is wrong."""
        at = (index.row(), index.column())
        wrong = self._typed[at][1] if at in self._typed else self._flaws.get(at, "")
        if role == _ROLE.ToolTipRole:
            return wrong or self.text(*at) or None
        if role == _ROLE.FontRole and wrong:
            return self._marked
        if role in (_ROLE.DisplayRole, _ROLE.EditRole):
            return self.text(*at)
        return None

    def text(self, row: int, column: int) -> str:
        """What a cell shows."""
        if (row, column) in self._typed:
            return self._typed[row, column][0]
        cell = cell_in(self._documents[row], self.headings[column])
        if isinstance(cell, float) and cell.is_integer():
            return f"{cell:.0f}"
        return "" if cell is None else plain(str(cell))

    def setData(self, index: Index, value: object, role: int = _ROLE.EditRole) -> bool:  # noqa: N802 - Qt's name
        """Takes what was typed; nonsense stays to be seen and mended."""
        if role != _ROLE.EditRole:
            return False
        self._put(index.row(), index.column(), str(value))
        self._changed(index.row(), index.row())
        self.edited.emit()
        return True

    def fill_down(self, rows: Sequence[int], column: int) -> None:
        """The first row's cell in all of these rows."""
        if len(rows) > 1 and self.headings[column] not in ("path", "uid"):
            text = self.text(rows[0], column)
            for row in rows[1:]:
                self._put(row, column, text)
            self._changed(rows[0], rows[-1])
            self.edited.emit()

    def paste(self, row: int, column: int, lines: Sequence[Sequence[str]]) -> None:
        """A block of a spreadsheet, from this cell to the right and down; what lies outside is left out."""
        for down, cells in enumerate(lines):
            for right, cell in enumerate(cells):
                if row + down < len(self._documents) and column + right < len(self.headings):
                    self._put(row + down, column + right, cell.strip())
        self._changed(row, min(row + len(lines), len(self._documents)) - 1)
        self.edited.emit()

    def _put(self, row: int, column: int, text: str) -> None:
        self._typed.pop((row, column), None)
        self._flaws.pop((row, column), None)
        emptied = without_limit(self._documents[row], self.headings[column]) if not text else None
        if emptied is not None:  # a limit of nothing is no limit of 0
            self._documents[row] = emptied
            return
        try:
            self._documents[row] = with_cell(self._documents[row], self.headings[column], harmless(text))
        except CellError as error:
            self._typed[row, column] = (text, f"{text!r} {error}")

    def _changed(self, first: int, last: int) -> None:
        if first <= last and self._documents:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.headings) - 1))
