"""Tables as this panel has them: whole rows, one height, everything by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

ROW_HEIGHT: Final = 28

Index = QModelIndex | QPersistentModelIndex
"""Either kind of index that Qt hands to a model."""


class PathDelegate(QStyledItemDelegate):
    """A tag path that does not fit loses its beginning: the end is what tells tags apart."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802 - Qt's name
        """Cuts at the left."""
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideLeft


class Table(QTableView):
    """A table over a model; a column width of 0 takes what is left."""

    def __init__(
        self, model: QAbstractItemModel, widths: Sequence[int], parent: QWidget, *, many: bool = False
    ) -> None:
        """`many`: several rows can be selected."""
        super().__init__(parent)
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        mode = QAbstractItemView.SelectionMode
        self.setSelectionMode(mode.ExtendedSelection if many else mode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(28)
        for column, width in enumerate(widths):
            if width:
                self.setColumnWidth(column, width)
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def set_path_column(self, column: int) -> None:
        """Names the column that shows tag paths."""
        self.setItemDelegateForColumn(column, PathDelegate(self))

    def visible_rows(self) -> range:
        """The rows that can be seen now."""
        count = self.model().rowCount()
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        if first < 0 or not count:
            return range(0)
        return range(first, (last if last >= 0 else count - 1) + 1)

    def selected_rows(self) -> list[int]:
        """The selected rows in order."""
        return sorted({index.row() for index in self.selectionModel().selectedRows()})
