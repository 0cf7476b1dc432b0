"""Legend: every pen's line, value, value at the cursor, quality and extremes in a table."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QToolButton, QWidget

from hmi.core.look import DASHES, look
from hmi.core.quality import is_good, status_name
from hmi.core.trend import Line, extent, value_at
from hmi.panel.painting.ink import shade
from hmi.panel.painting.words import plain_text, value_text
from hmi.panel.stores import Shown
from hmi.panel.theme import Theme
from hmi.panel.trends.pens import Pen, Style

HEADINGS: Final = ("Line", "Tag", "Value", "Unit", "At cursor", "Quality", "Min", "Max", "")
_NUMBERS: Final = frozenset((2, 4, 6, 7))
_CURSOR: Final = 4
_SAMPLE: Final = QSize(46, 18)


class Legend(QTableWidget):
    """One row a pen; selecting a row makes its scale the axis."""

    selected = Signal(str)
    remove_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(0, len(HEADINGS), parent)
        self._theme = theme
        self._paths: list[str] = []
        self.setHorizontalHeaderLabels(list(HEADINGS))
        self.verticalHeader().hide()
        self.setIconSize(_SAMPLE)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setAccessibleName("Pens")
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.currentCellChanged.connect(self._current_changed)

    def set_theme(self, theme: Theme, pens: list[Pen]) -> None:
        """Other colours."""
        self._theme = theme
        self.set_pens(pens)

    def set_pens(self, pens: list[Pen]) -> None:
        """Makes the rows anew; the current row stays on its pen."""
        current = self._paths[self.currentRow()] if 0 <= self.currentRow() < len(self._paths) else ""
        self.blockSignals(True)
        self._paths = [pen.path for pen in pens]
        self.setRowCount(len(pens))
        high = QFontMetrics(self.font()).height() + 12
        for row, pen in enumerate(pens):
            self.setRowHeight(row, high)
            for column in range(len(HEADINGS) - 1):
                item = QTableWidgetItem()
                if column in _NUMBERS:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(row, column, item)
            self._text(row, 1, pen.path)
            item_of_line = self.item(row, 0)
            if item_of_line is not None:
                item_of_line.setIcon(QIcon(self._sample(pen.style)))
            remove = QToolButton(self)
            remove.setText("\u00d7")
            remove.setToolTip("Remove the pen")
            remove.setAccessibleName(f"Remove {pen.path}")
            remove.clicked.connect(partial(self._remove, pen.path))
            self.setCellWidget(row, len(HEADINGS) - 1, remove)
        if current in self._paths:
            self.setCurrentCell(self._paths.index(current), 1)
        elif pens:
            self.setCurrentCell(0, 1)
        self.blockSignals(False)
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + max(2, len(pens)) * high + 6)

    def show_values(self, pens: list[Pen], shown: dict[str, Shown], cursor: int | None, when: str) -> None:
        """Live values, values at the cursor (ns UTC, `when` in words) with their quality there, and extremes."""
        heading = self.horizontalHeaderItem(_CURSOR)
        if heading is not None:
            heading.setText(when or HEADINGS[_CURSOR])
        for row, pen in enumerate(pens):
            live = shown[pen.path]
            self._text(row, 2, value_text(live))
            self._text(row, 3, pen.unit)
            whole = pen.drawn
            status = live.status
            at = ""
            if cursor is not None and whole is not None:
                value, status = value_at(whole, cursor)
                at = DASHES if value is None else plain_text(value, pen.info) + look(status).suffix
            self._text(row, 4, at)
            self._text(row, 5, pen.error or ("Good" if is_good(status) else status_name(status)))
            low, high = _extremes(whole)
            self._text(row, 6, "" if low is None else plain_text(low, pen.info))
            self._text(row, 7, "" if high is None else plain_text(high, pen.info))

    def _text(self, row: int, column: int, text: str) -> None:
        item = self.item(row, column)
        if item is not None and item.text() != text:
            item.setText(text)

    def _remove(self, path: str) -> None:
        self.remove_wanted.emit(path)

    def _current_changed(self, row: int, _column: int, before: int, _before_column: int) -> None:
        if row != before and 0 <= row < len(self._paths):
            self.selected.emit(self._paths[row])

    def _sample(self, style: Style) -> QPixmap:
        """A piece of the line as it is drawn."""
        picture = QPixmap(_SAMPLE)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = shade(self._theme, style.role)
        painter.setPen(QPen(colour, 2.0, style.dash))
        middle = _SAMPLE.height() / 2
        painter.drawLine(0, round(middle), _SAMPLE.width(), round(middle))
        if style.mark:
            painter.setPen(QPen(colour, 1.6))
            painter.setBrush(self._theme.colour("background"))
            _draw_mark(painter, QRectF(_SAMPLE.width() / 2 - 5, middle - 5, 10, 10), style.mark)
        painter.end()
        return picture


def _extremes(whole: Line | None) -> tuple[float, float] | tuple[None, None]:
    return (extent(whole) if whole is not None else None) or (None, None)


def _draw_mark(painter: QPainter, area: QRectF, mark: str) -> None:
    """The marks of the plot, drawn small."""
    if mark == "o":
        painter.drawEllipse(area)
    elif mark == "s":
        painter.drawRect(area)
    elif mark == "x":
        painter.drawLine(area.topLeft(), area.bottomRight())
        painter.drawLine(area.bottomLeft(), area.topRight())
    else:
        c = area.center()
        top, bottom = (c.x(), area.top()), (c.x(), area.bottom())
        corners = [(area.left(), area.bottom()), top, (area.right(), area.bottom())]
        if mark == "d":
            corners = [(area.left(), c.y()), top, (area.right(), c.y()), bottom]
        painter.drawPolygon([QPointF(x, y) for x, y in corners])
