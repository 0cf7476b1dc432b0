"""The alarm list as a table: filtered, sorted, and changed row by row so that a selection stays on its alarms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QFont

from hmi.link.messages import AlarmRow
from hmi.panel.alarms.wording import is_discrete, limit_of, value_of
from hmi.panel.stores import Stores
from hmi.panel.stores.alarms import rank, unacknowledged
from hmi.panel.widgets.headed_model import HeadedModel
from hmi.panel.widgets.table import Index
from hmi.panel.widgets.texts import STATE_WORDS, time_text

ROW: Final = Qt.ItemDataRole.UserRole
"""The `AlarmRow` behind a cell."""

_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ALIGNED: Final = {5: _RIGHT, 6: _RIGHT, 7: Qt.AlignmentFlag.AlignCenter}

SortKey = Callable[[AlarmRow], tuple[object, ...]]
HEADS: Final = ("", "State", "Raised", "Tag", "Message", "Value", "Limit", "Pr.", "User")
_KEYS: Final[tuple[SortKey, ...]] = (
    rank,
    lambda row: (row.state, rank(row)),
    lambda row: (row.raised, row.alarm),
    lambda row: (row.path, row.id),
    lambda row: (row.message, row.alarm),
    lambda row: (row.value, row.alarm),
    lambda row: (row.limit, row.alarm),
    lambda row: (row.priority, rank(row)),
    lambda row: (row.user, row.comment, row.alarm),
)


class AlarmModel(HeadedModel):
    """Rows of the alarm store that contain every word of the filter."""

    def __init__(self, stores: Stores, parent: QObject) -> None:
        super().__init__(HEADS, parent)
        self._stores = stores
        self._words: tuple[str, ...] = ()
        self._column = 0
        self._descending = False
        self._rows: list[AlarmRow] = []
        self._bold = QFont()
        self._bold.setBold(True)

    def refresh(self) -> None:
        """Takes over what stands now."""
        wanted = [row for row in self._stores.alarms.rows() if self._matches(row)]
        wanted.sort(key=_KEYS[self._column], reverse=self._descending)
        self._remove({row.alarm for row in wanted})
        self._insert(wanted)
        self._arrange(wanted)

    def set_filter(self, text: str) -> None:
        """Shows only rows in which every word occurs."""
        self._words = tuple(text.lower().split())
        self.refresh()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sorts by a column; the first one is urgency."""
        self._column = max(column, 0)
        self._descending = order is Qt.SortOrder.DescendingOrder
        self.refresh()

    def row_at(self, row: int) -> AlarmRow | None:
        """The alarm of a row."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's signature
        """Rows that pass the filter."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = 0) -> object:
        """A cell."""
        row = self.row_at(index.row())
        if row is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return self._text(row, index.column()) or None
            case Qt.ItemDataRole.FontRole if unacknowledged(row):
                return self._bold
            case Qt.ItemDataRole.TextAlignmentRole:
                return _ALIGNED.get(index.column())
            case Qt.ItemDataRole.UserRole:
                return row
        return None

    def _text(self, row: AlarmRow, column: int) -> str:
        session = self._stores.session
        texts = (
            "",
            STATE_WORDS.get(row.state, row.state),
            time_text(row.raised, session.time_zone, session.station_utc()),
            f"{row.path}  {row.id}",
            row.message,
            "" if is_discrete(row) else value_of(row),
            "" if is_discrete(row) else limit_of(row),
            str(row.priority),
            ": ".join(part for part in (row.user, row.comment) if part),
        )
        return texts[column]

    def _matches(self, row: AlarmRow) -> bool:
        text = f"{row.path} {row.id} {row.message} {STATE_WORDS.get(row.state, '')} {row.user} {row.comment}".lower()
        return all(word in text for word in self._words)

    def _remove(self, keep: set[str]) -> None:
        for at in range(len(self._rows) - 1, -1, -1):
            if self._rows[at].alarm not in keep:
                self.beginRemoveRows(QModelIndex(), at, at)
                del self._rows[at]
                self.endRemoveRows()

    def _insert(self, wanted: list[AlarmRow]) -> None:
        have = {row.alarm for row in self._rows}
        new = [row for row in wanted if row.alarm not in have]
        if new:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(new) - 1)
            self._rows += new
            self.endInsertRows()

    def _arrange(self, wanted: list[AlarmRow]) -> None:
        """The same alarms as before: put them in order, keep every selection on its alarm."""
        moved = [row.alarm for row in self._rows] != [row.alarm for row in wanted]
        if moved:
            self.layoutAboutToBeChanged.emit()
            place = {row.alarm: at for at, row in enumerate(wanted)}
            old = self.persistentIndexList()
            new = [self.index(place[self._rows[i.row()].alarm], i.column()) for i in old]
            self._rows = wanted
            self.changePersistentIndexList(old, new)
            self.layoutChanged.emit()
        elif wanted:
            self._rows = wanted
            self.dataChanged.emit(self.index(0, 0), self.index(len(wanted) - 1, len(HEADS) - 1))
