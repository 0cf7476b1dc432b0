"""Which connections are there: the station's own tags that tell it, and the tags that a lost one takes along."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from hmi.core.actions import Action, Lost
from hmi.core.engine import GRACE
from hmi.core.instants import Instants
from hmi.core.quality import Status
from hmi.station.links import Link
from hmi.station.system_tags import clock_path, connection_path, running_path

Show = Callable[[str, float, Status], None]
"""Sets one of the station's own tags."""


class Presence:
    """Follows what connections tell of themselves."""

    def __init__(self, links: Mapping[str, Link], show: Show, post: Callable[[Action], None]) -> None:
        self._links = links
        self._show = show
        self._post = post
        self._awaited: dict[str, int] = {}
        """Until when (monotonic ns) connections that have not been up yet may take."""

    def begin(self, names: Iterable[str], now: Instants) -> None:
        """These connections start: they may take as long as their tags are waited for."""
        for name in names:
            self._show(connection_path(name), 0.0, Status.BAD_WAITING_FOR_INITIAL_DATA)
            self._show(running_path(name), 1.0, Status.GOOD)
            self._show(clock_path(name), 0.0, Status.UNCERTAIN_INITIAL_VALUE)
            self._awaited[name] = now.mono + GRACE  # as long as its tags: they are judged together

    def event(self, kind: str, name: str, now: Instants) -> None:
        """A connection came (`connection-up`) or went; other news of it is none here."""
        if not kind.startswith("connection-") or name not in self._links:
            return
        up = kind == "connection-up"
        points = self._links[name].points
        if up:
            self._awaited.pop(name, None)
        elif points:
            self._post(Lost(np.fromiter(points, np.int32, len(points)), now.mono))
        if up or name not in self._awaited:
            self._show(connection_path(name), float(up), Status.GOOD)

    def settle(self, now: Instants) -> None:
        """Devices that have not come in their time are lost from now on."""
        for name in [name for name, until in self._awaited.items() if now.mono >= until]:
            del self._awaited[name]
            if name in self._links:
                self._show(connection_path(name), 0.0, Status.GOOD)
