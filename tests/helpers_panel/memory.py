"""Stores joined to a fake station without a socket: what is sent is answered when the test says so."""

from hmi.link.messages import Admitted, GetTags, Hello, Message
from hmi.panel.stores import Stores
from tests.helpers_panel.fake_station import FakeStation


class MemoryPanel:
    """A panel's stores and the station they speak with; `mono` is the panel's clock, ns."""

    def __init__(self, station: FakeStation | None = None) -> None:
        self.station = station or FakeStation()
        self.mono = 1_000_000_000_000
        self.outbox: list[Message] = []
        self.stores = Stores(self.outbox.append, lambda: self.mono)

    def open(self, *, proved: bool = True) -> None:
        """The handshake, as the client session tells of it."""
        self.station.connected()
        welcome = self.station.welcome(Hello(1, "test", "pc", b"c" * 32))
        self.stores.opened(welcome, Admitted(self.station.local, self.station.may_view), proved=proved)
        self.step()

    def step(self, *, moving: bool = True) -> None:
        """Answers everything asked, tells a frame, and answers what that made the panel ask."""
        self.answer()
        for message in self.station.frame(moving=moving):
            self.stores.receive(message)
        self.answer()

    def settle(self) -> None:
        """As many steps as a page needs to be complete: names, documents, subscriptions, values."""
        for _ in range(4):
            self.step()

    def answer_tags(self) -> None:
        """Answers only questions about tags."""
        asked = [m for m in self.outbox if isinstance(m, GetTags)]
        for message in asked:
            self.outbox.remove(message)
            for answer in self.station.handle(message):
                self.stores.receive(answer)

    def answer(self) -> None:
        """Answers what was asked until nothing more is."""
        while self.outbox:
            for answer in self.station.handle(self.outbox.pop(0)):
                self.stores.receive(answer)
