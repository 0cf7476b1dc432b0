"""Controller: lets a person's keys and the station's answers move one entry of `hmi.core.setpoint`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from hmi.core.rights import Role
from hmi.core.setpoint import (
    ANSWER_TIMEOUT,
    Entry,
    EntryState,
    Target,
    answer,
    cancel,
    check,
    confirm,
    edit,
    expire,
    lost,
)
from hmi.link.messages import CommandResult, TagInfo
from hmi.panel.painting.words import decimals_of
from hmi.panel.stores import Link, Shown, Stores

SINGLE_CLICK: Final = 1
"""Confirm class up to which one click is enough."""
_BUSY: Final = frozenset((EntryState.EDITING, EntryState.REVIEW))


class EntryController(QObject):
    """One tag's entry: holds its state, sends its one write, and tells the widgets when it moved."""

    changed = Signal()

    def __init__(self, stores: Stores, path: str, parent: QObject, blocked: Callable[[str], str] | None = None) -> None:
        """`blocked` tells why a tag's interlock would refuse a write now; without it the station alone does."""
        super().__init__(parent)
        self.path = path
        self._blocked = blocked
        self.entry = Entry()
        self._stores = stores
        self._mono = QElapsedTimer()
        self._mono.start()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._expire)
        self._closed = False
        self._session = stores.session.listen(self._link_changed)

    def close(self) -> None:
        """Nobody looks any more; a write under way goes on in the station."""
        self._closed = True
        self._session.close()
        self._timer.stop()

    @property
    def shown(self) -> Shown:
        """The tag as it is now."""
        return self._stores.values.shown(self.path)

    @property
    def info(self) -> TagInfo | None:
        """What the tag is."""
        return self.shown.info

    @property
    def one_click(self) -> bool:
        """Whether the command goes out without a second step: to the safe side, or of the lowest class."""
        info = self.info
        return info is not None and (info.to_safe or info.confirm <= SINGLE_CLICK)

    @property
    def busy(self) -> bool:
        """Whether there is something to take back."""
        return self.entry.state in _BUSY

    def target(self) -> Target:
        """What can be written now, and why not."""
        shown, info = self.shown, self.info
        if info is None:
            return Target(self.path, "float", None, shown.status, linked=False)
        link = self._stores.session.link
        linked = link is Link.LIVE or (info.to_safe and link is Link.STALE)
        return Target(
            self.path,
            info.type,
            None if isinstance(shown.value, float) and math.isnan(shown.value) else shown.value,
            shown.status,
            info.unit,
            decimals_of(info),
            info.low if info.write_low is None else info.write_low,
            info.high if info.write_high is None else info.write_high,
            info.max_step,
            tuple((float(code), word) for code, word in info.states.items()),
            info.confirm,
            info.pulse,
            info.to_safe,
            linked,
            self._refusal(info),
        )

    def type_in(self, text: str) -> None:
        """The person typed or chose."""
        self._take(edit(self.entry, text))

    def check(self, reason: str = "") -> None:
        """Step 3."""
        self._take(check(self.entry, self.target(), reason))

    def confirm(self) -> None:
        """Steps 4 and 5: sends once, if everything still holds."""
        entry, send = confirm(self.entry, self.target(), self._now())
        if send is not None:
            self._timer.start(ANSWER_TIMEOUT // 1_000_000)
        self._take(entry)
        if send is not None:
            self._stores.commands.write(send.path, send.value, send.expected, self._progress, send.reason)

    def cancel(self) -> None:
        """Back to the read value."""
        self._take(cancel(self.entry))

    def command(self) -> None:
        """A press of a command's button: asks for the second step, or goes out at once where one is enough."""
        self.type_in("1")
        self.check()
        if self.one_click and self.entry.state is EntryState.REVIEW:
            self.confirm()

    def _refusal(self, info: TagInfo) -> str:
        session = self._stores.session
        if not info.writable:
            return "This tag cannot be written."
        if not session.user:
            return "Sign in to write: nobody is signed in."
        try:
            needed = Role.named(info.write_role or "operator")
        except ValueError:
            needed = Role.ADMIN
        if session.user_role < needed:
            return f"Writing this tag needs the role {needed.name.lower()}; {session.user} has not got it."
        why = self._blocked(self.path) if self._blocked is not None else ""
        return f"Not available now. {why}" if why else ""

    def _progress(self, result: CommandResult) -> None:
        """The station's word on the write, also when nobody looks any more."""
        if not self._closed:
            self._take(answer(self.entry, result.state, result.text))

    def _link_changed(self) -> None:
        if not self._stores.session.live:
            self._take(lost(self.entry))
        self.changed.emit()

    def _expire(self) -> None:
        self._take(expire(self.entry, self._now()))

    def _now(self) -> int:
        return self._mono.nsecsElapsed()

    def _take(self, entry: Entry) -> None:
        if entry is self.entry:
            return
        self.entry = entry
        if entry.deadline is None:
            self._timer.stop()
        self.changed.emit()
