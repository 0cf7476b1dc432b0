"""The alarm journal: what happened, newest first, more of it as one scrolls down."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from hmi.link.messages import Failed, Journal, JournalRow
from hmi.panel.page import Context
from hmi.panel.painting.words import number
from hmi.panel.stores import Binding, Stores
from hmi.panel.stores.requests import Request
from hmi.panel.widgets.headed_model import HeadedModel
from hmi.panel.widgets.table import Index, Table
from hmi.panel.widgets.texts import STATE_WORDS, moment

HEADS: Final = ("Time", "Pr.", "Tag", "What", "State", "Value", "Limit", "Message", "User, comment")
_WIDTHS: Final = (160, 36, 0, 110, 130, 80, 80, 0, 0)
TYPING_MS: Final = 250


class JournalModel(HeadedModel):
    """Pages of the journal as far as they were read."""

    answered = Signal(str)
    """A sentence when the station could not answer, else empty."""

    def __init__(self, stores: Stores, parent: QObject) -> None:
        super().__init__(HEADS, parent)
        self._stores = stores
        self._rows: list[JournalRow] = []
        self._text = ""
        self._more = False
        self._request: Request | None = None

    def reload(self, text: str) -> None:
        """Begins anew at the newest line that contains `text`."""
        self.cancel()
        self._text = text
        self._request = self._stores.journal.read(None, text, self._first)

    def words(self, row: int) -> str:
        """One line in full: what happened, then who and the comment."""
        cells = self._line(self._rows[row])
        first = "   ".join(filter(None, (cells[0], cells[2], cells[3], cells[7])))
        return f"{first}\n{cells[8]}" if cells[8] else first

    def cancel(self) -> None:
        """Drops a question under way."""
        if self._request is not None:
            self._request.cancel()
            self._request = None

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802 - Qt's name
        """Whether older lines exist."""
        return not parent.isValid() and self._more and self._request is None

    def fetchMore(self, parent: Index) -> None:  # noqa: N802 - Qt's name
        """Reads the next older page."""
        if self.canFetchMore(parent) and self._rows:
            self._request = self._stores.journal.read(self._rows[-1].event, self._text, self._next)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's signature
        """Lines read so far."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = 0) -> object:
        """A cell."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._line(self._rows[index.row()])[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (5, 6):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _line(self, row: JournalRow) -> tuple[str, ...]:
        return (
            moment(row.time, self._stores.session.time_zone).strftime("%Y-%m-%d %H:%M:%S"),
            str(row.priority),
            f"{row.path}  {row.id}",
            row.what,
            STATE_WORDS.get(row.after, row.after),
            number(row.value, 2),
            number(row.limit, 2),
            row.message,
            ": ".join(part for part in (row.user, row.comment) if part),
        )

    def _first(self, answer: Journal | Failed) -> None:
        self.beginResetModel()
        self._rows = []
        self._more = False
        self.endResetModel()
        self._next(answer)

    def _next(self, answer: Journal | Failed) -> None:
        self._request = None
        if isinstance(answer, Failed):
            self.answered.emit(answer.reason)
            return
        self._more = answer.more
        if answer.rows:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(answer.rows) - 1)
            self._rows += answer.rows
            self.endInsertRows()
        self.answered.emit("")


class JournalView(QWidget):
    """Table and search; reads again when alarms change while the newest line is in view."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._stores = context.stores
        self._binding: Binding | None = None
        self._model = JournalModel(context.stores, self)
        self._table = Table(self._model, _WIDTHS, self)
        self._table.setAccessibleName("Alarm journal")
        self._table.set_path_column(2)
        self._table.favour(7, 2, 8, shrinking=(0, 3, 4, 5, 6))
        self._full = QLabel(self)
        self._full.setWordWrap(True)
        self._full.setObjectName("journalLine")
        self._table.selectionModel().selectionChanged.connect(self._on_selection)
        self._search = QLineEdit(self)
        self._search.setPlaceholderText("Search the journal")
        self._search.setClearButtonEnabled(True)
        self._state = QLabel(self)
        self._state.setProperty("role", "secondary")
        refresh = QPushButton("Refresh", self)
        refresh.clicked.connect(self._reload)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._reload)
        self._search.textChanged.connect(self._on_typed)
        self._model.answered.connect(self._on_answered)
        top = QHBoxLayout()
        top.addWidget(self._search, 1)
        top.addWidget(self._state)
        top.addWidget(refresh)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addLayout(top)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._full)
        self._on_selection()
        self.setFocusProxy(self._table)

    def start(self) -> None:
        """Reads the newest page and follows the alarms."""
        if self._binding is None:
            self._binding = self._stores.alarms.listen(self._on_alarms)
        self._reload()

    def stop(self) -> None:
        """Rests."""
        if self._binding is not None:
            self._binding.close()
            self._binding = None
        self._typing.stop()
        self._model.cancel()

    def _reload(self) -> None:
        self._model.reload(self._search.text().strip())

    def _on_typed(self) -> None:
        self._typing.start()

    def _on_alarms(self) -> None:
        if self._table.verticalScrollBar().value() == 0:
            self._typing.start()

    def _on_selection(self) -> None:
        """The selected line in full: a long comment does not fit its column."""
        rows = self._table.selected_rows()
        self._full.setText(self._model.words(rows[0]) if rows else "Select a line to read all of it.")

    def _on_answered(self, error: str) -> None:
        self._table.fit_columns()
        self._on_selection()
        more = " or more" if self._model.canFetchMore(QModelIndex()) else ""
        self._state.setText(error or f"{self._model.rowCount()}{more} lines")
