"""The connections of a station as a table."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QFont

from hmi.link.messages import ConnectionStatus
from hmi.panel.widgets.headed_model import HeadedModel
from hmi.panel.widgets.table import Index

HEADS: Final = (
    "Connection",
    "State",
    "Good / tags",
    "Changes/s",
    "Age p50",
    "Age p95",
    "Age p99",
    "Endpoint",
    "Says",
    "Counters",
)
STATES: Final = {"up": "Connected", "connecting": "Connecting", "down": "Not connected", "off": "Switched off"}
"""A connection's states in words."""
_RIGHT_COLUMNS: Final = frozenset((2, 3, 4, 5, 6))


def age_ms(age: float | None) -> str:
    """`120 ms`, `3.4 s`; a dash when nothing was received yet."""
    if age is None:
        return "–"
    return f"{age:.0f} ms" if age < 1_000 else f"{age / 1_000:.1f} s"


class ConnectionModel(HeadedModel):
    """One row a connection, in the station's order."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(HEADS, parent)
        self._rows: list[ConnectionStatus] = []
        self._bold = QFont()
        self._bold.setBold(True)

    def show_rows(self, rows: list[ConnectionStatus]) -> None:
        """Takes over a report; rows that stay keep their selection."""
        if [r.name for r in rows] != [r.name for r in self._rows]:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
        elif rows:
            self._rows = list(rows)
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(HEADS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's signature
        """Connections of the station."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = 0) -> object:
        """A cell."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return _cells(self._rows[index.row()])[index.column()]
        if role == Qt.ItemDataRole.FontRole and self._rows[index.row()].state != "up":
            return self._bold
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in _RIGHT_COLUMNS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


def _cells(row: ConnectionStatus) -> tuple[str, ...]:
    return (
        row.name,
        STATES.get(row.state, row.state),
        f"{row.good} / {row.tags}",
        f"{row.changes_per_second:.1f}",
        age_ms(row.age_p50_ms),
        age_ms(row.age_p95_ms),
        age_ms(row.age_p99_ms),
        row.endpoint if ":" in row.endpoint else f"{row.driver} {row.endpoint}",
        row.text,
        ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in row.counters.items() if count),
    )
