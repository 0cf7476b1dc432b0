"""The alarm page: the active alarms and the journal."""

from __future__ import annotations

from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from hmi.panel.alarms.active import ActiveAlarms
from hmi.panel.alarms.journal import JournalView
from hmi.panel.page import Context, Page
from hmi.panel.theme import Theme


class AlarmPage(Page):
    """Two tabs; only the one in front works."""

    def __init__(self, context: Context, _name: str, parent: QWidget) -> None:
        super().__init__(context, parent)
        self.set_title("Alarms")
        self._tabs = QTabWidget(self)
        self._active = ActiveAlarms(context, self._tabs)
        self._journal = JournalView(context, self._tabs)
        self._tabs.addTab(self._active, "Active")
        self._tabs.addTab(self._journal, "Journal")
        self._tabs.currentChanged.connect(self._on_tab)
        self._active.cause_wanted.connect(context.navigator.open_cause)
        self._shown = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.addWidget(self._tabs)
        self.setFocusProxy(self._active)

    def on_shown(self) -> None:
        """Follows the alarms."""
        self._shown = True
        self._on_tab()

    def on_hidden(self) -> None:
        """Rests."""
        self._shown = False
        self._active.stop()
        self._journal.stop()

    def on_theme(self, theme: Theme) -> None:
        """Paints with these colours from now on."""
        super().on_theme(theme)
        self._active.set_theme(theme)

    def selected_paths(self) -> list[str]:
        """The tags of the selected alarms."""
        return list(dict.fromkeys(row.path for row in self._active.selected()))

    def acknowledge_selected(self) -> None:
        """Acknowledges the selected rows in view; from the journal it only goes to the active alarms."""
        if self._tabs.currentWidget() is self._active:
            self._active.acknowledge_selected()
        else:
            self._tabs.setCurrentWidget(self._active)

    def _on_tab(self) -> None:
        if not self._shown:
            return
        if self._tabs.currentWidget() is self._active:
            self._journal.stop()
            self._active.start()
        else:
            self._active.stop()
            self._journal.start()
