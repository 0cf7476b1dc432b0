"""The alarm banner: the worst that stands, on every page, covered by nothing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from hmi.core.alarm_state import AlarmState
from hmi.link.messages import AlarmRow
from hmi.panel.alarms.wording import alarm_sentence, measured
from hmi.panel.stores import Stores
from hmi.panel.stores.alarms import PriorityCount, unacknowledged
from hmi.panel.theme import Theme
from hmi.panel.widgets.marker import Marker
from hmi.panel.widgets.scale import scaled
from hmi.panel.widgets.texts import STATE_WORDS, time_text


class Banner(QFrame):
    """The highest alarm, the counts by priority, and the way to silence the horn."""

    cause_wanted = Signal(str)
    """The id of the alarm whose cause is to be shown."""
    list_wanted = Signal()
    silence_wanted = Signal()

    def __init__(self, stores: Stores, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._stores = stores
        self.setProperty("role", "bar")
        self.setObjectName("banner")
        self._top = _TopAlarm(theme, self)
        self._top.wanted.connect(self._on_top)
        self._counts = {priority: _Count(priority, theme, self) for priority in (1, 2, 3, 4)}
        self._blind = QLabel(self)
        self._blind.setToolTip("Alarms that cannot be evaluated because their tag is Bad")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.setSpacing(10)
        layout.addWidget(self._top, 1)
        layout.addWidget(self._blind)
        for count in self._counts.values():
            count.wanted.connect(self.list_wanted)
            layout.addWidget(count)
        layout.addWidget(self._button("Alarm list  F3", self.list_wanted.emit))
        layout.addWidget(self._button("Silence  F8", self.silence_wanted.emit))
        self.refresh()

    def refresh(self) -> None:
        """Shows what stands now."""
        alarms, live = self._stores.alarms, self._stores.alarms_live
        rows = alarms.rows()
        self._top.show_row(rows[0] if rows else None, *self._words(rows[0] if rows else None))
        for priority, count in alarms.counts().items():
            self._counts[priority].show_count(count, live=live)
        blind = alarms.not_evaluated if live else 0
        self._blind.setText(f"{blind} not evaluated")
        self._blind.setVisible(bool(blind))

    def set_lit(self, lit: bool) -> None:
        """Flashes the markers of what is unacknowledged."""
        self._top.marker.set_lit(lit)
        for count in self._counts.values():
            count.marker.set_lit(lit)

    def set_theme(self, theme: Theme) -> None:
        """Paints with these colours from now on."""
        self._top.marker.set_theme(theme)
        for count in self._counts.values():
            count.marker.set_theme(theme)

    def _words(self, row: AlarmRow | None) -> tuple[str, str]:
        """What happened, and below it when and where."""
        session = self._stores.session
        if not self._stores.alarms_live:
            return "Alarms are not live", f"Last known: {alarm_sentence(row)}" if row else ""
        blind = self._stores.alarms.not_evaluated
        if row is None and blind:
            which = "1 alarm is" if blind == 1 else f"{blind} alarms are"
            return f"{which} not evaluated", "Tags are Bad or have no value yet. Among the others there is no alarm."
        if row is None:
            return "No alarms", ""
        time = time_text(row.raised, session.time_zone, session.station_utc())
        where = f"{time}   {row.path}  {row.id}   {STATE_WORDS.get(row.state, row.state)}"
        return f"{row.message or row.id}   {measured(row)}".rstrip(), where

    def _button(self, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(slot)
        return button

    def _on_top(self) -> None:
        rows = self._stores.alarms.rows()
        if rows:
            self.cause_wanted.emit(rows[0].alarm)
        else:
            self.list_wanted.emit()


class _TopAlarm(QFrame):
    """The worst alarm as one wide target."""

    wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setObjectName("topAlarm")
        self.marker = Marker(theme, scaled(self, 30), self)
        self._lines = (QLabel(self), QLabel(self))
        self._full = ("", "")
        self._lines[1].setProperty("role", "secondary")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        for line in self._lines:
            line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            words.addWidget(line)
        words.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 1, 4, 1)
        layout.setSpacing(10)
        layout.addWidget(self.marker)
        layout.addLayout(words, 1)
        self.setFixedHeight(scaled(self, 46))

    def show_row(self, row: AlarmRow | None, what: str, where: str) -> None:
        self.marker.show_alarm(row.priority if row else 0, row.state if row else "")
        self.marker.setVisible(row is not None)
        font = self._lines[0].font()
        font.setPointSizeF(1.2 * self.font().pointSizeF())
        font.setBold(row is not None and unacknowledged(row))
        self._lines[0].setFont(font)
        self._lines[1].setVisible(bool(where))
        self._full = (what, where)
        self.setAccessibleName(f"{what} {where}")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.wanted.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.wanted.emit()
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        width = max(self.contentsRect().width() - self.marker.width() - 28, 40)
        for line, text in zip(self._lines, self._full, strict=True):
            line.setText(QFontMetrics(line.font()).elidedText(text, Qt.TextElideMode.ElideRight, width))
        self.setToolTip("\n".join((*filter(None, self._full), "Click: show the cause")))


class _Count(QFrame):
    """How many alarms of one priority stand: `unacknowledged / all`."""

    wanted = Signal()

    def __init__(self, priority: int, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._priority = priority
        self.marker = Marker(theme, scaled(self, 22), self)
        self._text = QLabel(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(self.marker)
        layout.addWidget(self._text)

    def show_count(self, count: PriorityCount, *, live: bool) -> None:
        state = AlarmState.UNACKNOWLEDGED if count.unacknowledged else AlarmState.ACKNOWLEDGED
        self.marker.show_alarm(self._priority if count.total else 0, state.value)
        self.setVisible(bool(count.total))
        self._text.setText(f"{count.unacknowledged}/{count.total}{'' if live else '?'}")
        words = f"Priority {self._priority}: {count.unacknowledged} of {count.total} unacknowledged"
        if not live:
            words = f"Not live, last known: {words}"
        self.setToolTip(words)
        self.setAccessibleName(words)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        super().mouseReleaseEvent(event)
        self.wanted.emit()
