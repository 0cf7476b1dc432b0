"""The diagnostics page: connections, scan, history and notices, asked for once a second while somebody looks."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QListWidget, QVBoxLayout, QWidget

from hmi.panel.diagnostics.facts import Facts, groups, notice_text, of_this_panel
from hmi.panel.diagnostics.model import ConnectionModel
from hmi.panel.page import Context, Page
from hmi.panel.stores import Binding
from hmi.panel.widgets.table import Table

POLL_MS: Final = 1_000
_WIDTHS: Final = (104, 128, 92, 84, 76, 76, 76, 222, 0, 0)
_ROWS_IN_VIEW: Final = 10
_PLACES: Final = ((0, 0, 2, 1), (0, 1, 1, 1), (0, 2, 1, 1), (0, 3, 2, 1), (1, 1, 1, 2))
"""Of the cards: row, column, rows, columns. The long groups stand at the sides, that of this panel under the short."""


class DiagnosticsPage(Page):
    """The last report; without one the sentence why there is none."""

    def __init__(self, context: Context, _name: str, parent: QWidget) -> None:
        super().__init__(context, parent)
        self.set_title("Diagnostics")
        self._binding: Binding | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(context.stores.status.poll)
        self._cards = [_Card(self) for _ in _PLACES]
        self._model = ConnectionModel(self)
        self._table = Table(self._model, _WIDTHS, self)
        self._table.setAccessibleName("Connections")
        self._table.favour(8, 9, shrinking=range(8))
        self._notices = QListWidget(self)
        self._notices.setAccessibleName("Notices")
        self._sentence = QLabel("Asking the station …", self)
        self._sentence.setObjectName("sentence")
        cards = QGridLayout()
        cards.setSpacing(8)
        for card, place in zip(self._cards, _PLACES, strict=True):
            cards.addWidget(card, *place)
            cards.setColumnStretch(place[1], 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self._sentence)
        layout.addLayout(cards)
        self._heads = (self._head("Connections"), self._head("Notices, newest first"))
        layout.addWidget(self._heads[0])
        layout.addWidget(self._table)
        layout.addWidget(self._heads[1])
        layout.addWidget(self._notices, 1)
        layout.addStretch(0)
        self.setFocusProxy(self._table)

    def on_shown(self) -> None:
        """Asks at once, then every second."""
        self._binding = self.context.stores.status.listen(self._on_report)
        self._timer.start()
        self.context.stores.status.poll()

    def on_hidden(self) -> None:
        """Asks no more."""
        self._timer.stop()
        if self._binding is not None:
            self._binding.close()
            self._binding = None

    def is_ready(self) -> bool:
        """Whether a report is shown."""
        return self.context.stores.status.report is not None

    def _on_report(self) -> None:
        status = self.context.stores.status
        self._sentence.setText(status.error)
        self._sentence.setVisible(bool(status.error))
        report = status.report
        for part in (*self._cards, *self._heads, self._table, self._notices):
            part.setVisible(report is not None)  # figures of another time would look like this one's
        if report is None:
            return
        zone = self.context.stores.session.time_zone
        this_panel = of_this_panel(self.context.stores.paint.figures())
        for card, (title, facts) in zip(self._cards, (*groups(report, zone), this_panel), strict=True):
            card.show_facts(title, facts)
        self._model.show_rows(report.connections)
        rows = min(max(len(report.connections), 1), _ROWS_IN_VIEW)
        self._table.fit_rows(rows)
        self._table.fit_columns()
        notices = [notice_text(notice, zone) for notice in report.notices] or ["None."]
        if notices != [self._notices.item(row).text() for row in range(self._notices.count())]:
            self._notices.clear()
            self._notices.addItems(notices)

    def _head(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("role", "title")
        return label


class _Card(QFrame):
    """One group of facts."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(12, 8, 12, 8)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._title = QLabel(self)
        self._title.setProperty("role", "title")
        self._grid.addWidget(self._title, 0, 0, 1, 2)
        self._grid.setRowStretch(20, 1)
        self._lines: list[tuple[QLabel, QLabel]] = []

    def show_facts(self, title: str, facts: Facts) -> None:
        self._title.setText(title)
        while len(self._lines) < len(facts):
            self._add_line()
        for at, (name, value) in enumerate(self._lines):
            fact = facts[at] if at < len(facts) else ("", "")
            name.setText(fact[0])
            value.setText(fact[1])

    def _add_line(self) -> None:
        name, value = QLabel(self), QLabel(self)
        name.setProperty("role", "secondary")
        value.setAlignment(Qt.AlignmentFlag.AlignRight)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = len(self._lines) + 1
        self._grid.addWidget(name, row, 0)
        self._grid.addWidget(value, row, 1)
        self._lines.append((name, value))
