"""All stores of one panel, fed by whoever speaks with a station: the connection, a replay or a test."""

from __future__ import annotations

import time
from collections.abc import Callable

from hmi.link.messages import (
    Admitted,
    Alarms,
    Beat,
    Certificates,
    CommandResult,
    DevicePage,
    DeviceValue,
    Display,
    DisplayNames,
    Drivers,
    Edited,
    Failed,
    History,
    Journal,
    Message,
    Notes,
    Pending,
    ProjectChanged,
    Records,
    Session,
    Status,
    TagPage,
    Uses,
    Values,
    Welcome,
)
from hmi.panel.stores.alarms import AlarmStore
from hmi.panel.stores.atlas import AtlasStore
from hmi.panel.stores.commands import CommandStore
from hmi.panel.stores.directory import DirectoryStore
from hmi.panel.stores.documents import DocumentStore
from hmi.panel.stores.history import HistoryStore
from hmi.panel.stores.journal import JournalStore
from hmi.panel.stores.paint import PaintStore
from hmi.panel.stores.project import ProjectStore
from hmi.panel.stores.requests import Requests
from hmi.panel.stores.roll_up import RollUp
from hmi.panel.stores.session import Link, SessionStore
from hmi.panel.stores.status import StatusStore
from hmi.panel.stores.values import ValueStore


class Stores:
    """The stores by name, and the four things that can happen to them: opened, a message, stale, lost."""

    def __init__(self, send: Callable[[Message], None], mono: Callable[[], int] = time.monotonic_ns) -> None:
        self._requests = Requests(send)
        self.session = SessionStore(mono)
        self.directory = DirectoryStore(self._requests)
        self.values = ValueStore(self.directory, send)
        self.history = HistoryStore(self.directory, self._requests)
        self.alarms = AlarmStore()
        self.commands = CommandStore(self.directory, self._requests, self.session)
        self.documents = DocumentStore(self._requests)
        self.atlas = AtlasStore(self.documents)
        self.roll_up = RollUp(self.alarms, self.atlas)
        self.status = StatusStore(self._requests)
        self.paint = PaintStore(mono)
        self.journal = JournalStore(self._requests)
        self.project = ProjectStore(self._requests)

    @property
    def alarms_live(self) -> bool:
        """Whether the alarms are those that stand at this moment, not the last known ones."""
        return self.session.sees_live and self.alarms.known

    def opened(self, welcome: Welcome, admitted: Admitted, *, proved: bool) -> None:
        """The handshake is over: whatever is bound is asked for anew."""
        self._requests.opened()
        self.directory.opened()
        self.alarms.opened()
        self.session.opened(welcome, admitted, proved=proved)
        self.values.opened()
        if self.session.can_view:
            self.atlas.load()

    def receive(self, message: Message) -> None:
        """One message of the station; a `Beat` closes the frame and tells the listeners.

        Raises:
            WireError: the message contradicts itself.
        """
        match message:
            case Values():
                self.paint.arriving()
                self.values.receive(message)
            case Alarms():
                self.alarms.receive(message)
            case Beat():
                self._frame(message)
            case Session():
                self._signed(message)
            case ProjectChanged():
                self._reconfigured(message)
            case Pending(request=0):
                self.project.receive(message)
            case (
                TagPage()
                | DisplayNames()
                | Display()
                | History()
                | CommandResult()
                | Journal()
                | Status()
                | Records()
                | Edited()
                | Uses()
                | Drivers()
                | DevicePage()
                | DeviceValue()
                | Pending()
                | Notes()
                | Certificates()
                | Failed()
            ):
                self._requests.answered(message.request, message)

    def stale(self, sentence: str) -> None:
        """The scan does not prove itself: every value is Bad_NoCommunication at once."""
        self.paint.told()
        self.session.down(Link.STALE, sentence)
        self.values.down(still_open=True)

    def lost(self, sentence: str, *, refused: bool = False) -> None:
        """The connection is gone, or will not be had."""
        self.paint.told()
        self.session.down(Link.REFUSED if refused else Link.LOST, sentence)
        self.values.down(still_open=False)
        self._requests.lost()

    def _reconfigured(self, message: ProjectChanged) -> None:
        """Another configuration runs: what was remembered of its tags and displays does not count any more."""
        tags = None if message.whole else frozenset(message.tags)
        self.session.revision = message.revision
        self.directory.forget(tags)
        self.values.reconfigured(tags)
        if self.session.can_view:
            self.atlas.load()
        self.project.receive(message)

    def _frame(self, beat: Beat) -> None:
        if self.session.beat(beat) and self.session.can_view:
            self.values.live_again()
        self.values.flush()
        self.paint.told()
        self.alarms.flush()

    def _signed(self, message: Session) -> None:
        before = self.session.can_view
        self.session.signed(message)
        if self.session.live and self.session.can_view and not before:
            self.values.live_again()
            self.atlas.load()
        elif before and not self.session.can_view:
            self.values.down(still_open=True)
            self.alarms.down()
        self._requests.answered(message.request, message)
