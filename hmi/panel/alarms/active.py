"""The active alarms: what stands, what it means, and the acknowledgement of what was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from hmi.link.messages import AlarmRow, CommandResult
from hmi.panel.alarms.marker_delegate import MarkerDelegate
from hmi.panel.alarms.model import AlarmModel
from hmi.panel.alarms.wording import alarm_sentence
from hmi.panel.page import Context
from hmi.panel.stores import Binding
from hmi.panel.stores.alarms import unacknowledged
from hmi.panel.theme import Theme
from hmi.panel.widgets.blink import Blink
from hmi.panel.widgets.table import Table

_WIDTHS: Final = (40, 138, 112, 0, 0, 92, 92, 34, 132)


class ActiveAlarms(QWidget):
    """Table, filter, comment and acknowledge; works between `start` and `stop`."""

    cause_wanted = Signal(str)

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._stores = context.stores
        self._binding: Binding | None = None
        self._session: Binding | None = None
        self._model = AlarmModel(context.stores, self)
        self._table = Table(self._model, _WIDTHS, self, many=True)
        self._table.setObjectName("alarmTable")
        self._table.setAccessibleName("Alarms")
        self._marker = MarkerDelegate(context.theme, self._table)
        self._table.setItemDelegateForColumn(0, self._marker)
        self._table.set_path_column(3)
        self._table.favour(4, 3, shrinking=(1, 2, 5, 6, 8))
        self._table.setSortingEnabled(True)
        self._table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self._blink = Blink(self)
        self._filter = self._edit("Filter: words in tag, message, state or user", "filter")
        self._summary = self._label("secondary", "summary")
        self._help = self._label("", "help")
        self._comment = self._edit("Comment (optional)", "comment")
        self._result = self._label("", "result")
        self._ack = self._button("Acknowledge selected  F9", self.acknowledge_selected)
        self._cause = self._button("Show cause", self._on_cause)
        self._lay_out()
        self._filter.textChanged.connect(self._on_filter)
        self._comment.returnPressed.connect(self.acknowledge_selected)
        self._table.activated.connect(self._on_cause)
        self._table.selectionModel().selectionChanged.connect(self._on_selection)
        self._blink.changed.connect(self._on_blink)
        self.setFocusProxy(self._table)

    def start(self) -> None:
        """Follows the store."""
        if self._binding is None:
            self._binding = self._stores.alarms.listen(self._on_alarms)
            self._session = self._stores.session.listen(self._on_alarms)
        self._on_alarms()

    def stop(self) -> None:
        """Rests."""
        if self._binding is not None:
            self._binding.close()
            self._binding = None
        if self._session is not None:
            self._session.close()
            self._session = None
        self._blink.set_active(False)

    def set_theme(self, theme: Theme) -> None:
        """Paints with these colours from now on."""
        self._marker.theme = theme
        self._table.viewport().update()

    def selected(self) -> list[AlarmRow]:
        """The selected alarms in the order of the list."""
        rows = (self._model.row_at(at) for at in self._table.selected_rows())
        return [row for row in rows if row is not None]

    def acknowledge_selected(self) -> None:
        """Acknowledges exactly the selected rows that can be seen; what is scrolled away was not read."""
        visible = self._table.visible_rows()
        chosen = self._table.selected_rows()
        rows = [row for at in chosen if at in visible and (row := self._model.row_at(at)) and unacknowledged(row)]
        hidden = sum(at not in visible for at in chosen)
        if not rows:
            self._tell("Nothing to acknowledge: select unacknowledged rows that are in view first.")
            return
        note = f" {hidden} selected out of view: not acknowledged." if hidden else ""
        self._tell(f"Acknowledging {len(rows)} …{note}")
        self._stores.commands.acknowledge(rows, self._comment.text().strip(), self._progress(note))

    def _progress(self, note: str) -> Callable[[CommandResult], None]:
        def progress(result: CommandResult) -> None:
            self._tell(result.text + note)
            if result.final and result.state == "done":
                self._comment.clear()

        return progress

    def _lay_out(self) -> None:
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self._filter, 1)
        top.addWidget(self._summary)
        bottom.addWidget(self._comment, 1)
        for button in (self._ack, self._cause):
            bottom.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._help)
        layout.addLayout(bottom)
        layout.addWidget(self._result)

    def _on_alarms(self) -> None:
        self._model.refresh()
        self._table.fit_columns()
        self._blink.set_active(
            self._stores.alarms_live and any(unacknowledged(row) for row in self._stores.alarms.rows())
        )
        shown, total = self._model.rowCount(), len(self._stores.alarms.rows())
        blind = self._stores.alarms.not_evaluated
        words = f"{shown} of {total} alarms" if shown != total else f"{total} alarms"
        if not self._stores.alarms_live:
            words = f"NOT LIVE: last known {words}"
        self._summary.setText(words + (f", {blind} cannot be evaluated" if blind else ""))
        self._on_selection()

    def _on_filter(self, text: str) -> None:
        self._model.set_filter(text)
        self._on_alarms()

    def _on_selection(self) -> None:
        rows = self.selected()
        self._cause.setEnabled(len(rows) == 1)
        self._ack.setEnabled(any(unacknowledged(row) for row in rows))
        if len(rows) == 1:
            what = rows[0].response or "no response is configured for this alarm"
            self._help.setText(f"{alarm_sentence(rows[0])}\nWhat to do: {what}")
        else:
            self._help.setText(f"{len(rows)} alarms selected\n" if rows else "Select an alarm to read what to do.\n")

    def _on_cause(self) -> None:
        rows = self.selected()
        if len(rows) == 1:
            self.cause_wanted.emit(rows[0].alarm)

    def _on_blink(self, lit: bool) -> None:
        self._marker.lit = lit
        self._table.viewport().update()

    def _tell(self, sentence: str) -> None:
        self._result.setText(sentence)

    def _label(self, role: str, name: str) -> QLabel:
        label = QLabel(self)
        label.setProperty("role", role)
        label.setObjectName(name)
        return label

    def _edit(self, hint: str, name: str) -> QLineEdit:
        edit = QLineEdit(self)
        edit.setPlaceholderText(hint)
        edit.setAccessibleName(hint)
        edit.setObjectName(name)
        edit.setClearButtonEnabled(True)
        return edit

    def _button(self, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(slot)
        return button
