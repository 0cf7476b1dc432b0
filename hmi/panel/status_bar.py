"""The status bar: which station, how the link is, who is signed in, and what time the plant has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from hmi.panel.stores import Link, Stores
from hmi.panel.theme import Theme
from hmi.panel.widgets.texts import age_text, clock_text, date_text

REFRESH_MS: Final = 250

LINK_WORDS: Final = {
    Link.CONNECTING: "Connecting …",
    Link.LIVE: "Connected",
    Link.STALE: "Stale: the scan stands still",
    Link.LOST: "Not connected",
    Link.REFUSED: "Refused",
}


class StatusBar(QFrame):
    """Always visible at the bottom; `ticked` comes four times a second for whatever shows ages."""

    sign_in_wanted = Signal()
    sign_out_wanted = Signal()
    theme_wanted = Signal()
    ticked = Signal()

    def __init__(self, stores: Stores, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._stores = stores
        self.setProperty("role", "bar")
        self.setObjectName("statusBar")
        self._station = self._label("title")
        self._link = self._label("")
        self._age = self._label("secondary")
        self._user = self._label("")
        self._clock = self._label("")
        self._clock.setObjectName("clock")
        self._theme_button = self._button("", self.theme_wanted.emit)
        self._sign = self._button("Sign in", self._on_sign)
        self._sign.setObjectName("signButton")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 2, 8, 2)
        layout.setSpacing(14)
        for left in (self._station, self._link, self._age):
            layout.addWidget(left)
        layout.addStretch(1)
        for right in (self._theme_button, self._clock, self._user, self._sign):
            layout.addWidget(right)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_tick)
        self._timer.start(REFRESH_MS)
        self.set_theme(theme)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Offers the other theme."""
        self._theme_button.setText("Dark room" if theme.name == "light" else "Light room")

    def refresh(self) -> None:
        """Station, link and user."""
        session = self._stores.session
        standby = "  (standby)" if session.role == "standby" else ""
        self._station.setText((session.name or "No station") + standby)
        self._link.setText(LINK_WORDS[session.link])
        role = session.user_role.name.lower()
        who = f"{session.user} ({role})" if session.user else "Nobody signed in"
        self._user.setText(f"{who}. {session.notice}" if session.notice else who)
        self._sign.setText("Sign out" if session.user else "Sign in")
        self._tell_time()

    def _tell_time(self) -> None:
        session = self._stores.session
        utc = session.station_utc()
        stopped = "" if session.live or not utc else "  (stopped)"
        self._clock.setText(f"{date_text(utc, session.time_zone)}  {clock_text(utc, session.time_zone)}{stopped}")
        age = session.data_age()
        self._age.setText("" if age is None else f"Data {age_text(age)} old")

    def _on_tick(self) -> None:
        self._tell_time()
        self.ticked.emit()

    def _on_sign(self) -> None:
        (self.sign_out_wanted if self._stores.session.user else self.sign_in_wanted).emit()

    def _label(self, role: str) -> QLabel:
        label = QLabel(self)
        label.setProperty("role", role)
        return label

    def _button(self, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(slot)
        return button
