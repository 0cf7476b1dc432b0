"""Faceplate: one tag close up, floating over the page, closed by Esc or with the session."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from shiboken6 import isValid

from hmi.core.setpoint import EntryState
from hmi.panel.faceplates.alarm_rows import AlarmRows
from hmi.panel.faceplates.commands import CommandPanel, command_paths, state_path
from hmi.panel.faceplates.controller import EntryController
from hmi.panel.faceplates.entry import SetpointEntry
from hmi.panel.faceplates.gauge import WINDOW, Gauge
from hmi.panel.faceplates.header import Header
from hmi.panel.faceplates.press import Press
from hmi.panel.page import Context
from hmi.panel.painting.feed import TrendFeed
from hmi.panel.painting.scene import Scene
from hmi.panel.stores import Binding, Link
from hmi.panel.theme import Theme

PULSE_MS: Final = 500
_EMS: Final = 27
"""Width in font heights, so that it grows with the font."""


class Faceplate(QFrame):
    """Value, limits, trend, setpoint or commands, and alarms of one tag."""

    def __init__(self, context: Context, path: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.context = context
        self.path = path
        stores = context.stores
        self._scene = Scene(stores, context.clock)
        self._before = QApplication.focusWidget()
        setpoint = "" if path.endswith("_sp") or _is_command(path) else f"{path}_sp"
        self._commands = command_paths(path)
        self._entered = [p for p in (path, setpoint) if p and not _is_command(p)]
        self.header = Header(path, context.theme, self)
        self.gauge = Gauge(self._scene, context.theme, path, setpoint, self)
        self.entries = {p: SetpointEntry(stores, p, self) for p in self._entered}
        self.commands = CommandPanel(stores, self._commands, state_path(path), self)
        self.alarms = AlarmRows(stores, context.theme, path, self)
        self.notice = QLabel(self)
        self.notice.setWordWrap(True)
        self.trend = Press("Trend", self)
        self._paths = frozenset(p for p in (*self._entered, *self._commands, state_path(path)) if p)
        self._lay_out()
        self.trend.clicked.connect(self._open_trend)
        for controller in self._controllers():
            controller.changed.connect(self._fit)
        self.header.close_wanted.connect(self.close)
        self.header.pinned.connect(self._pin)
        self._pulse = QTimer(self)
        self._pulse.setInterval(PULSE_MS)
        self._pulse.timeout.connect(self._beat)
        windows = {} if _is_command(path) else {path: WINDOW}
        self._feed = TrendFeed(stores, self._scene, windows, self._strip_changed)
        self._bindings: list[Binding] = [
            stores.values.bind(self._paths, self._values_changed),
            stores.alarms.listen(self._alarms_changed),
            stores.session.listen(self._session_changed),
        ]
        self._asked = not _is_command(path)
        self._feed.open()
        self._pulse.start()
        self._refresh()

    # ---- life ----

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Lets go of everything; a write under way goes on in the station."""
        for binding in self._bindings:
            binding.close()
        self._bindings = []
        self._feed.close()
        self._pulse.stop()
        for entry in self.entries.values():
            entry.close_entry()
        self.commands.close_commands()
        if self._before is not None and isValid(self._before) and self.isAncestorOf(QApplication.focusWidget() or self):
            self._before.setFocus()
        super().closeEvent(event)

    def on_theme(self, theme: Theme) -> None:
        """Other colours, same meaning."""
        self.gauge.theme = theme
        self.header.marker.set_theme(theme)
        self.alarms.set_theme(theme)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Keeps Esc for the entry while there is something to take back; else the window's Esc closes the faceplate.

        A part that grew (a question, how a write went) gets its height before anything is painted.
        """
        escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if escape and event.type() == QEvent.Type.ShortcutOverride and self._busy():
            event.accept()
            return True
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return done

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Esc restores the read value."""
        if event.key() == Qt.Key.Key_Escape:
            cancelled = [entry.cancel() for entry in self.entries.values()]
            if self.commands.cancel() or any(cancelled):
                return
            self.close()
            return
        super().keyPressEvent(event)

    def unanswered(self) -> bool:
        """Whether a write is under way or was not confirmed: its end must be read here."""
        return self._in({EntryState.PENDING, EntryState.NOT_CONFIRMED})

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as its font asks for, as high as its wrapped sentences are at that width."""
        wide = self.fontMetrics().height() * _EMS * 2 // 3 + 60
        return QSize(wide, max(self._column.totalHeightForWidth(wide), self._column.totalMinimumSize().height()))

    # ---- what changed ----

    def _values_changed(self, paths: frozenset[str]) -> None:
        if any(self._scene.urgent(path) for path in paths):
            self._refresh()

    def _alarms_changed(self) -> None:
        rows = self.context.stores.alarms.for_path(self.path)
        worst = rows[0] if rows else None
        self.header.marker.show_alarm(worst.priority if worst else 0, worst.state if worst else "")
        self.header.marker.setVisible(worst is not None)
        if self.alarms.refresh():
            self._fit()
        self.gauge.update()

    def _session_changed(self) -> None:
        """A faceplate ends with its session, unless it still has to say that a write was not confirmed."""
        if self.context.stores.session.link in {Link.LOST, Link.REFUSED} and not self._in({EntryState.NOT_CONFIRMED}):
            self.close()
            return
        self._alarms_changed()
        self._refresh()

    def _strip_changed(self, _path: str) -> None:
        self.gauge.update()

    def _beat(self) -> None:
        """Half a second: digits, flashing and ages move on."""
        self._scene.lit = not self._scene.lit
        self.header.marker.set_lit(self._scene.lit)
        self.alarms.set_lit(self._scene.lit)
        self._refresh()

    def _refresh(self) -> None:
        self._scene.refresh(tuple(self._paths))
        shown = self._scene.shown(self.path)
        if shown.info is not None:
            self.header.description.setText(shown.info.description)
            if self.gauge.fit():
                self._fit()
        unknown = f"The station has no tag {self.path}." if shown.unknown else self._feed.error
        self.notice.setText(unknown)
        self.notice.setVisible(bool(unknown))
        for path, entry in self.entries.items():
            info = self._scene.shown(path).info
            wanted = info is not None and info.writable and not info.pulse
            if entry.isHidden() == wanted:
                entry.setVisible(wanted)
                self._fit()
            entry.refresh()
        self._asked = self._asked or self.commands.ask(self.path)
        before = self.commands.isHidden()
        self.commands.refresh()
        if self.commands.isHidden() != before:
            self._fit()
        self._alarms_changed()

    # ---- inside ----

    def _busy(self) -> bool:
        return any(controller.busy for controller in self._controllers())

    def _in(self, states: set[EntryState]) -> bool:
        return any(controller.entry.state in states for controller in self._controllers())

    def _controllers(self) -> list[EntryController]:
        return [*(entry.controller for entry in self.entries.values()), *self.commands.controllers.values()]

    def _fit(self) -> None:
        """Takes the height its parts need and stays inside its parent."""
        for part in reversed(self.findChildren(QWidget)):  # the inner ones first: their heights make the outer ones
            inner = part.layout()
            if inner is not None:
                inner.activate()
        self._column.activate()
        self.adjustSize()
        room = self.parentWidget()
        if room is not None:
            x = min(self.x(), max(0, room.width() - self.width()))
            self.move(x, min(self.y(), max(0, room.height() - self.height())))

    def _pin(self, pinned: bool) -> None:
        self.setProperty("pinned", pinned)

    def _open_trend(self) -> None:
        known = [p for p in self._entered if not self._scene.shown(p).unknown]
        self.context.navigator.open_trend(known)

    def _lay_out(self) -> None:
        self.setProperty("role", "panel")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(f"Faceplate of {self.path}")
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(8)
        column.addWidget(self.header)
        column.addWidget(self.notice)
        column.addWidget(self.gauge)
        for entry in self.entries.values():
            column.addWidget(entry)
            entry.hide()
        column.addWidget(self.commands)
        column.addWidget(self.alarms)
        self.alarms.hide()
        self.notice.hide()
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.trend)
        column.addLayout(foot)
        command = _is_command(self.path)
        self.gauge.setVisible(not command)
        self.trend.setVisible(not command)


def _is_command(path: str) -> bool:
    return path.rsplit("/", 1)[-1].startswith("cmd_")
