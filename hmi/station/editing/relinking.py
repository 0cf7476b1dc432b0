"""Which connections a change touches, and how: none is disturbed that need not be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from hmi.core.errors import LinesideError
from hmi.core.project import ConnectionConfig
from hmi.core.tag import Tag
from hmi.drivers.api import Clock, Point, Repointable
from hmi.station.editing.change import Change
from hmi.station.link_lives import LinkLives
from hmi.station.links import LinkMaker
from hmi.station.presence import Presence
from hmi.station.running import Running
from hmi.station.tag_table import TagTable, by_connection

_DEVICE = ("driver", "endpoint", "writes_enabled", "process", "options")
"""Fields of a connection with which its driver is started."""


class Relinking:
    """Makes, ends and re-points connections."""

    def __init__(
        self, running: Running, table: TagTable, lives: LinkLives, maker: LinkMaker, presence: Presence, clock: Clock
    ) -> None:
        self._running = running
        self._table = table
        self._lives = lives
        self._maker = maker
        self._presence = presence
        self._clock = clock

    def planned(self, change: Change, before: Mapping[int, Tag], put: Mapping[int, Tag]) -> Callable[[], None]:
        """What is to be done once the change is taken over; called before.

        `before` are the changed and removed tags as they were, `put` the changed and new ones.
        """
        old, new = self._running.connections, change.connections
        writes = change.file.security.writes_enabled is not self._running.file.security.writes_enabled
        gone = [name for name in old if name not in new]
        made = [name for name, config in new.items() if name not in old or writes or _other(old[name], config)]
        touched = by_connection(before, put)

        def relink() -> None:
            for name in gone:
                self._lives.drop(name)
            for name in made:
                self._make(name)
            for name, ids in touched.items():
                if name in new and name not in made:
                    self._touch(name, ids)

        return relink

    def anew(self, name: str) -> bool:
        """Makes a connection again as it is configured, e.g. with another secret; False when there is none."""
        if name not in self._lives.links:
            return False
        self._replace(name, dict(self._lives.links[name].points))
        return True

    def _make(self, name: str) -> None:
        is_new = name not in self._lives.links
        self._replace(name, self._maker.points(name, self._table.tags.items()))
        if is_new:
            self._presence.begin([name], self._clock.now())

    def _touch(self, name: str, ids: Iterable[int]) -> None:
        """Some of the tags of a connection are others now."""
        link, tags = self._lives.links[name], self._table.tags
        points = self._maker.points(name, ((id_, tags[id_]) for id_ in sorted(ids) if id_ in tags))
        before = {id_: link.points[id_] for id_ in ids if id_ in link.points}
        for id_ in before:
            if id_ not in points:
                del link.points[id_]
        link.points.update(points)
        if {id_: _acquired(point) for id_, point in before.items()} == {i: _acquired(p) for i, p in points.items()}:
            return  # nothing that the driver has to know before it is asked again
        able: object = link.connection
        if isinstance(able, Repointable):
            others = [id_ for id_ in before if id_ in points and _acquired(before[id_]) != _acquired(points[id_])]
            self._lives.repoint(name, np.array(sorted(others), np.int32))
        else:
            self._replace(name, dict(link.points))

    def _replace(self, name: str, points: dict[int, Point]) -> None:
        """A connection made anew; what cannot be made must not stop the rest of the edit."""
        try:
            link = self._maker.link(name, points)
        except (LinesideError, OSError) as error:
            link = self._maker.without_connection(name, points, str(error))
        self._lives.put(link)


def _other(old: ConnectionConfig, new: ConnectionConfig) -> bool:
    return any(getattr(old, name) != getattr(new, name) for name in _DEVICE)


def _acquired(point: Point) -> tuple[object, ...]:
    """What a driver needs to know of a point in order to acquire it; a path is for messages only."""
    return point.address, point.type, point.scan, dict(point.options)
