"""The alarms of one tag, each with its acknowledgement."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from hmi.link.messages import AlarmRow, CommandResult
from hmi.panel.faceplates.press import Press
from hmi.panel.stores import Stores
from hmi.panel.stores.alarms import unacknowledged
from hmi.panel.theme import Theme
from hmi.panel.widgets.marker import Marker
from hmi.panel.widgets.texts import STATE_WORDS


class AlarmRows(QWidget):
    """Marker, message and state of every standing alarm of the tag."""

    def __init__(self, stores: Stores, theme: Theme, path: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._stores = stores
        self._theme = theme
        self._path = path
        self._shown: tuple[AlarmRow, ...] = ()
        self._live = False
        self.markers: list[Marker] = []
        self.buttons: list[Press] = []
        self._rows: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._message = QLabel(self)
        self._message.setWordWrap(True)
        self._message.hide()
        self._column.addWidget(self._message)

    def refresh(self) -> bool:
        """Makes the rows anew when the alarms changed; whether they did."""
        rows = self._stores.alarms.for_path(self._path)
        live = self._stores.alarms_live
        if rows == self._shown and live is self._live:
            return False
        self._shown, self._live = rows, live
        for line in self._rows:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._rows, self.markers, self.buttons = [], [], []
        for row in rows:
            self._add(row)
        self.setVisible(bool(rows))
        return True

    def set_lit(self, lit: bool) -> None:
        """The half of the second of flashing markers."""
        for marker in self.markers:
            marker.set_lit(lit)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        for marker in self.markers:
            marker.set_theme(theme)

    def _add(self, row: AlarmRow) -> None:
        line = QWidget(self)
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        marker = Marker(self._theme, 20, line)
        marker.show_alarm(row.priority, row.state)
        state = STATE_WORDS.get(row.state, row.state).lower()
        words = QLabel(f"{row.id}: {row.message} ({state if self._live else f'not live, last known {state}'})", line)
        words.setWordWrap(True)
        words.setToolTip(row.response)
        layout.addWidget(marker)
        layout.addWidget(words, 1)
        if unacknowledged(row):
            button = Press("Ack", line)
            button.setAccessibleName(f"Acknowledge {row.id}")
            button.clicked.connect(partial(self._acknowledge, row))
            layout.addWidget(button)
            self.buttons.append(button)
        self._rows.append(line)
        self.markers.append(marker)
        self._column.insertWidget(self._column.count() - 1, line)

    def _acknowledge(self, row: AlarmRow) -> None:
        """Acknowledges exactly the annunciation that is shown."""
        self._stores.commands.acknowledge([row], "", self._progress)

    def _progress(self, result: CommandResult) -> None:
        failed = result.state not in {"sent", "done"}
        self._message.setText(result.text if failed else "")
        self._message.setVisible(failed)
