"""The connections page: every device of the station, its settings, its directory, its certificates."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from hmi.core.rights import Action, may
from hmi.link.messages import ConnectionStatus, DriverInfo, Record
from hmi.panel.connections.browsing import BrowsePane
from hmi.panel.connections.certificates import CertificatesPane
from hmi.panel.connections.settings import SettingsPane
from hmi.panel.page import Context, Page
from hmi.panel.stores import Binding

POLL_MS: Final = 1_000
NOT_ALLOWED: Final = "Sign in as an engineer to change connections."
_NAME: Final = Qt.ItemDataRole.UserRole
_STATES: Final = {"up": "Connected", "connecting": "Connecting", "down": "Not connected", "off": "Switched off"}


class ConnectionsPage(Page):
    """The list at the left, what is to be known and done of the chosen one at the right."""

    def __init__(self, context: Context, _name: str, parent: QWidget) -> None:
        super().__init__(context, parent)
        self.set_title("Connections")
        stores = context.stores
        self._bindings: list[Binding] = []
        self._records: dict[str, Record] = {}
        self._drivers: dict[str, DriverInfo] = {}
        self._wanted = ""
        self._shown: Record | None = None
        self._loaded = False
        self._list = QListWidget(self)
        self._list.setAccessibleName("Connections")
        self._list.setSpacing(3)
        self._list.setWordWrap(True)
        self._new = QPushButton("New connection", self)
        self._new.setObjectName("new")
        self._state = QLabel(self)
        self._state.setObjectName("state")
        self._state.setWordWrap(True)
        self.settings = SettingsPane(stores, self)
        self.browsing = BrowsePane(context, self)
        self.certificates = CertificatesPane(stores, self)
        self.tabs = QTabWidget(self)
        self.tabs.addTab(self.settings, "Settings")
        self.tabs.addTab(self.browsing, "Browse and make tags")
        self.tabs.addTab(self.certificates, "Certificates")
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(stores.status.poll)
        self._lay_out()
        self._list.currentItemChanged.connect(self._on_chosen)
        self._new.clicked.connect(self._on_new)
        self.settings.saved.connect(self._on_saved)
        self.settings.deleted.connect(self._on_deleted)
        self.tabs.currentChanged.connect(self._on_tab)
        self.setFocusProxy(self._list)

    def on_shown(self) -> None:
        """Asks for records and drivers, and every second for the states."""
        stores = self.context.stores
        self._bindings = [
            stores.status.listen(self._on_report),
            stores.session.listen(self._on_session),
            stores.project.listen(self._load),
        ]
        self._timer.start()
        self._on_session()
        stores.status.poll()

    def on_hidden(self) -> None:
        """Asks no more."""
        self._timer.stop()
        for binding in self._bindings:
            binding.close()
        self._bindings = []

    def is_ready(self) -> bool:
        """Whether the records have come."""
        return self._loaded

    def _lay_out(self) -> None:
        left, right = QWidget(self), QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 6, 0)
        column.addWidget(self._list, 1)
        column.addWidget(self._new)
        rest = QVBoxLayout(right)
        rest.setContentsMargins(6, 0, 0, 0)
        rest.addWidget(self._state)
        rest.addWidget(self.tabs, 1)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.addWidget(left)
        split.addWidget(right)
        split.setStretchFactor(1, 1)
        split.setSizes([190, 900])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(split)

    # ---- what the station says ----

    def _on_session(self) -> None:
        session = self.context.stores.session
        allowed = may(session.user_role, Action.CONFIGURE)
        why = "" if allowed else NOT_ALLOWED
        self._new.setEnabled(allowed)
        self._new.setToolTip(why)
        self.settings.set_editable(editable=allowed, why=why)
        self.certificates.set_editable(editable=allowed, why=why)
        for tab in (1, 2):
            self.tabs.setTabEnabled(tab, allowed)
        if session.live and allowed:
            self.context.stores.project.drivers(self._on_drivers)
            self._load()
        elif not allowed:
            self._records = {}
            self._list.clear()
            self._state.setText(NOT_ALLOWED)
            self._loaded = True

    def _load(self) -> None:
        self.context.stores.project.records("connection", [], self._on_records)

    def _on_drivers(self, drivers: list[DriverInfo], error: str) -> None:
        if error:
            self._state.setText(error)
            return
        self._drivers = {driver.name: driver for driver in drivers}
        self.settings.show_drivers(drivers)

    def _on_records(self, records: list[Record], error: str) -> None:
        if error:
            self._state.setText(error)
            return
        self._loaded = True
        wanted = self._wanted or self._chosen()
        self._records = {record.key: record for record in records}
        self._list.blockSignals(True)
        self._list.clear()
        for name in sorted(self._records):
            item = QListWidgetItem(name, self._list)
            item.setData(_NAME, name)
        self._list.blockSignals(False)
        rows = [row for row in range(self._list.count()) if self._list.item(row).data(_NAME) == wanted]
        if rows or not self._wanted:
            self._wanted = ""
            self._list.setCurrentRow(rows[0] if rows else 0)
        self._on_chosen()
        self._on_report()

    def _on_report(self) -> None:
        report = self.context.stores.status.report
        by_name = {row.name: row for row in report.connections} if report is not None else {}
        for row in range(self._list.count()):
            item = self._list.item(row)
            name = str(item.data(_NAME))
            item.setText(f"{name}\n{_state(by_name.get(name))}")
            font = item.font()
            font.setBold(name in by_name and by_name[name].state != "up")
            item.setFont(font)
        chosen = by_name.get(self._chosen())
        if chosen is not None:
            self._state.setText(f"{_state(chosen)}." if chosen.state == "up" else f"{_state(chosen)}. {chosen.text}")

    # ---- what the person does ----

    def _chosen(self) -> str:
        item = self._list.currentItem()
        return str(item.data(_NAME)) if item is not None else ""

    def _on_chosen(self) -> None:
        record = self._records.get(self._chosen())
        if record is not None and record != self._shown:  # what is being typed stays while other records change
            self._shown = record
            self.settings.show_record(record)
            self._state.setText("")
            self._on_report()
        self._on_tab()

    def _on_new(self) -> None:
        self._list.setCurrentRow(-1)
        self.tabs.setCurrentWidget(self.settings)
        self._state.setText("A new connection.")
        self._shown = None
        self.settings.show_record(None)

    def _on_saved(self, name: str) -> None:
        self._wanted = name
        self._load()

    def _on_deleted(self) -> None:
        self._list.setCurrentRow(-1)
        self._load()

    def _on_tab(self) -> None:
        name = self._chosen()
        driver = str(self.settings.document().get("driver", "")) if name else ""
        if self.tabs.currentWidget() is self.browsing:
            self.browsing.open_connection(name, name)
        elif self.tabs.currentWidget() is self.certificates:
            self.certificates.open_driver(driver)


def _state(row: ConnectionStatus | None) -> str:
    if row is None:
        return "Not running"
    words = _STATES.get(row.state, row.state.capitalize())
    return f"{words}, {row.good} of {row.tags} good" if row.tags else words
