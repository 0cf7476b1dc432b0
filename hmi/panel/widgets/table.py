"""Tables as this panel has them: whole rows, one height, everything by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from hmi.panel.widgets.scale import scaled

ROW_HEIGHT: Final = 28
LEAST: Final = 140
"""px an elastic column keeps."""
_FRAME: Final = 4
"""px that the frame of a focused cell takes."""

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
        rows.setDefaultSectionSize(scaled(self, ROW_HEIGHT))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(28)
        self._favoured: tuple[int, ...] = ()
        self._shrinking: tuple[int, ...] = ()
        self._most = [scaled(self, width) for width in widths]
        self._elastic = [column for column, width in enumerate(widths) if not width]
        for column, width in enumerate(widths):
            self.setColumnWidth(column, scaled(self, width or LEAST))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Gives the elastic columns what is left; too little, and the table scrolls sideways."""
        super().resizeEvent(event)
        if self._favoured:
            self.fit_columns()
        elif self._elastic:
            header = self.horizontalHeader()
            fixed = sum(header.sectionSize(c) for c in range(header.count()) if c not in self._elastic)
            each = max((self.viewport().width() - fixed) // len(self._elastic), scaled(self, LEAST))
            for column in self._elastic:
                self.setColumnWidth(column, each)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """An arrow selects where one is before it moves on: with nothing selected the first press must skip no row."""
        arrows = (Qt.Key.Key_Down, Qt.Key.Key_Up)
        if event.key() in arrows and self.model().rowCount() and not self.selectionModel().hasSelection():
            self.selectRow(max(self.currentIndex().row(), 0))
            return
        super().keyPressEvent(event)

    def favour(self, *columns: int, shrinking: Sequence[int]) -> None:
        """Elastic columns get their content's width in this order; what then is left goes to the first of them.

        The shrinking ones take no more than their content and never more than the width they were given.
        """
        self._favoured, self._shrinking = columns, tuple(shrinking)
        self.horizontalHeader().setResizeContentsPrecision(0)  # the rows in view
        self.fit_columns()

    def fit_columns(self) -> None:
        """Shares the width anew after the content changed."""
        header = self.horizontalHeader()
        for column in self._shrinking:
            self.setColumnWidth(column, min(self._most[column], self._wanted(column)))
        room = self.viewport().width() - sum(
            header.sectionSize(c) for c in range(header.count()) if c not in self._favoured
        )
        wanted = [self._wanted(column) for column in self._favoured]
        least = [min(wide, scaled(self, LEAST)) for wide in wanted]
        for at, column in enumerate(self._favoured):
            wide = max(least[at], min(wanted[at], room - sum(least[at + 1 :])))
            self.setColumnWidth(column, wide)
            room -= wide
        if room > 0:
            self.setColumnWidth(self._favoured[0], self.columnWidth(self._favoured[0]) + room)

    def _wanted(self, column: int) -> int:
        content = max(self.sizeHintForColumn(column), self.horizontalHeader().sectionSizeHint(column))
        return content + _FRAME

    def set_path_column(self, column: int) -> None:
        """Names the column that shows tag paths."""
        self.setItemDelegateForColumn(column, PathDelegate(self))

    def fit_rows(self, rows: int) -> None:
        """Takes exactly the height of so many rows."""
        head = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(head + rows * self.verticalHeader().defaultSectionSize() + 8)

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
