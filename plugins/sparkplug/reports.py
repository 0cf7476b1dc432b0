"""What the journal is told of nodes and hosts: each trouble once when it begins and once when it ends."""

from __future__ import annotations

from hmi.core.instants import SECOND
from hmi.drivers.api import DeviceCondition, Sink

from .host import Heard
from .options import SparkplugOptions
from .state import HostState


class Reports:
    """Troubles that are known now; kept over sessions."""

    def __init__(self, sink: Sink, options: SparkplugOptions) -> None:
        self._sink = sink
        self._options = options
        self._active: set[str] = set()

    def node(self, heard: Heard, utc: int) -> None:
        """Tells deaths, births and clocks that are ahead."""
        name, news = str(heard.node.identity), heard.news
        if news.died:
            self._tell(
                f"{name} offline", name, "offline", "The edge node left its broker or lost it.", utc, active=True
            )
        elif heard.node.online:
            self._tell(f"{name} offline", name, "offline", "The edge node is there again.", utc, active=False)
        if news.ahead:
            text = f"The node's clock is {news.ahead / SECOND:.0f} s ahead; the station's time is used. Set its clock."
            self._tell(f"{name} clock", name, "clock", text, utc, active=True)
        elif news.ahead is not None:
            self._tell(f"{name} clock", name, "clock", "The node's clock is right again.", utc, active=False)

    def host(self, said: HostState, own: HostState, utc: int) -> None:
        """Tells when somebody else speaks in this host's name."""
        foreign = said != own and said.timestamp > own.timestamp
        if foreign:
            self._sink.count("foreign_states")
        if foreign or said == own:
            identity = self._options.host_id
            text = f"Another host application uses the host id '{identity}'. Give each its own (option 'host_id')."
            what = text if foreign else "The host id is ours alone again."
            self._tell("host id", identity, "host id", what, utc, active=foreign)

    def _tell(self, key: str, source: str, name: str, message: str, utc: int, *, active: bool) -> None:
        if (key in self._active) is active:
            return
        if active:
            self._active.add(key)
        else:
            self._active.discard(key)
        self._sink.condition(
            DeviceCondition(key, "", source, name, message, 500, active, acknowledged=False, retain=active, time=utc)
        )
