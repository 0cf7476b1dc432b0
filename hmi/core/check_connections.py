"""What must hold between connections and the tags that tell whether their devices work."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from hmi.core.project import ConnectionConfig
from hmi.core.tag import ConnectionSource, Tag, TagType

SLOWEST: Final = 2
"""Scans of the heartbeat tag that its timeout must span: one may come late."""


def check_connections(connections: Mapping[str, ConnectionConfig], tags: Iterable[Tag]) -> list[tuple[str, str, str]]:
    """(connection, field, sentence) of everything that is wrong."""
    asked = {config.heartbeat for config in connections.values()} | {c.cpu_state for c in connections.values()}
    known = {tag.path: tag for tag in tags if tag.path in asked}
    return [(name, where, what) for name, config in connections.items() for where, what in _one(name, config, known)]


def _one(name: str, config: ConnectionConfig, tags: Mapping[str, Tag]) -> Iterator[tuple[str, str]]:
    for where, path in (("heartbeat", config.heartbeat), ("cpu_state", config.cpu_state)):
        if path:
            yield from ((where, what) for what in _judging(name, path, tags.get(path)))
    if not (config.heartbeat_timeout > 0 and math.isfinite(config.heartbeat_timeout)):
        yield "heartbeat_timeout", f"must be more than 0 seconds, not {config.heartbeat_timeout:g}"
    elif (tag := tags.get(config.heartbeat)) is not None and config.heartbeat_timeout < SLOWEST * tag.scan:
        what = f"{config.heartbeat_timeout:g} s is too short: {tag.path} is read every {tag.scan:g} s only"
        yield "heartbeat_timeout", what
    if not math.isfinite(config.cpu_running):
        yield "cpu_running", "must be a number"
    if not (config.clock_tolerance >= 0 and math.isfinite(config.clock_tolerance)):
        yield "clock_tolerance", f"must be a number of seconds that is not negative, not {config.clock_tolerance:g}"


def _judging(name: str, path: str, tag: Tag | None) -> Iterator[str]:
    if tag is None:
        yield f"tag {path!r} does not exist"
    elif not isinstance(tag.source, ConnectionSource) or tag.source.connection != name:
        yield f"{path!r} is no tag of this connection: only the device itself can tell that it works"
    elif tag.type is TagType.STRING:
        yield f"{path!r} is a text: a number is needed"
