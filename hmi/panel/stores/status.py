"""The station's health, asked for only while somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable

from hmi.link.messages import Failed, GetStatus, Message, Status, StatusReport
from hmi.panel.stores.binding import Binding, Listeners
from hmi.panel.stores.requests import Requests


class StatusStore:
    """The last report; at most one question is under way, so that a slow station is not asked faster."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._listeners = Listeners()
        self._under_way = False
        self.report: StatusReport | None = None
        """None before the first answer and after a lost link."""
        self.error = ""

    def listen(self, notify: Callable[[], None]) -> Binding:
        """Calls `notify` when a report came, or the sentence why none did."""
        return self._listeners.add(notify)

    def poll(self) -> None:
        """Asks, unless an answer is still awaited."""
        if not self._under_way:
            self._under_way = True
            self._requests.ask(GetStatus, self._answered)

    def _answered(self, message: Message) -> None:
        self._under_way = False
        if isinstance(message, Status):
            self.report, self.error = message.report, ""
        elif isinstance(message, Failed):
            self.report, self.error = None, message.reason
        self._listeners.call()
