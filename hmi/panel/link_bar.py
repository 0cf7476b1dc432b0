"""The link bar: across the whole window whenever what is shown is not the plant of this moment."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from hmi.panel.stores import Link, Stores
from hmi.panel.theme import Theme
from hmi.panel.widgets.texts import age_text, time_text

_HEADS = {
    Link.CONNECTING: "CONNECTING TO THE STATION — no live values yet",
    Link.STALE: "NO CONNECTION TO THE STATION — values are not live",
    Link.LOST: "NO CONNECTION TO THE STATION — values are not live",
    Link.REFUSED: "CONNECTION REFUSED — values are not live",
}
WAITING = "Waiting for the station to start"
GRACE_MS = 10_000
"""After the panel's own start, while a station that is started with it may still be on its way."""
NOT_ALLOWED = "NOT SIGNED IN — this station shows values to signed-in users only"


class LinkBar(QFrame):
    """Hidden while the link is live and may be viewed; inverted, so that no alarm colour is needed to see it."""

    def __init__(self, stores: Stores, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._stores = stores
        self._running = QElapsedTimer()
        self._running.start()
        self.setObjectName("linkBar")
        self._head = QLabel(self)
        self._head.setObjectName("linkHead")
        self._since = QLabel(self)
        self._why = QLabel(self)
        self._why.setWordWrap(True)
        self._why.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        top = QHBoxLayout()
        top.addWidget(self._head)
        top.addStretch(1)
        top.addWidget(self._since)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 7, 14, 8)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addWidget(self._why)
        self.set_theme(theme)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Text and ground change places."""
        self.setStyleSheet(
            f"#linkBar {{ background: {theme.text}; border: none; }}"
            f"#linkBar QLabel {{ color: {theme.background}; background: transparent; }}"
            f"#linkBar[calm='true'] {{ background: {theme.panel}; border-bottom: 1px solid {theme.line}; }}"
            f"#linkBar[calm='true'] QLabel {{ color: {theme.text}; }}"
            f"#linkHead {{ font-size: {1.5 * self.font().pointSizeF():.1f}pt; font-weight: bold; }}"
        )

    def refresh(self) -> None:
        """Says how the link is now, and for how long."""
        session = self._stores.session
        self._set_calm(calm=self._may_be_starting())
        self.setVisible(not session.sees_live)
        if session.live:
            self._tell(NOT_ALLOWED, "", f"{session.notice} Use Sign in at the bottom right of the window.".lstrip())
            return
        if self._may_be_starting():
            self._tell(WAITING, "", "No live values yet.")
            return
        since = ""
        if session.since_utc and session.link is not Link.CONNECTING:
            age = session.data_age() or 0
            since = f"since {time_text(session.since_utc, session.time_zone)} ({age_text(age)})"
        self._tell(_HEADS[session.link], since, session.sentence)

    def _may_be_starting(self) -> bool:
        """Only before the very first contact, and not for long."""
        session = self._stores.session
        never = not session.station and session.data_age() is None
        return never and session.link in {Link.CONNECTING, Link.LOST} and self._running.elapsed() < GRACE_MS

    def _set_calm(self, *, calm: bool) -> None:
        if calm != bool(self.property("calm")):
            self.setProperty("calm", calm)
            for part in (self, self._head, self._since, self._why):
                part.style().unpolish(part)
                part.style().polish(part)

    def _tell(self, head: str, since: str, why: str) -> None:
        self._head.setText(head)
        self._since.setText(since)
        self._why.setText(why)
        self.setAccessibleName(f"{head} {since}")
