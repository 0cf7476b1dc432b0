"""Judges of the devices' programs: what a stopped one serves turns Bad together, and nothing is written to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from hmi.core.actions import Action, Halt
from hmi.core.batch import Batch, Int32
from hmi.core.heartbeat import Heartbeat
from hmi.core.instants import Instants
from hmi.core.project import ConnectionConfig
from hmi.station.tag_table import TagTable, by_connection

Told = Callable[[str, bool, str], None]
"""(connection, whether its program is stopped, sentence), once for each change."""


@dataclass
class _Watched:
    """One connection that is judged."""

    config: ConnectionConfig
    judge: Heartbeat
    beat: int | None
    cpu: int | None
    others: Int32
    """Ids of the tags that are not believed while it is stopped."""
    why: str = ""


class Heartbeats:
    """All connections with a heartbeat or a CPU state; the others cost nothing."""

    def __init__(
        self, is_up: Callable[[str], bool], present: Callable[[int], tuple[float, int]], post: Callable[[Action], None]
    ) -> None:
        """`is_up` tells of a connection, `present` gives a tag's value and status, `post` acts on the next scan."""
        self._is_up = is_up
        self._present = present
        self._post = post
        self._watched: dict[str, _Watched] = {}

    def configure(self, connections: Mapping[str, ConnectionConfig], table: TagTable) -> None:
        """Take the project's connections and tags, at the start and after every edit; the engine has it already.

        A connection that is judged as before goes on so, and tags that are new in a stopped one are stopped too.
        """
        before, self._watched = self._watched, {}
        tags = by_connection(table.tags)
        for name, config in connections.items():
            if not (config.heartbeat or config.cpu_state):
                continue
            beat, cpu = table.id_of.get(config.heartbeat), table.id_of.get(config.cpu_state)
            others = np.array([at for at in tags.get(name, ()) if at not in (beat, cpu)], np.int32)
            new = _Watched(config, Heartbeat(config), beat, cpu, others)
            old = before.pop(name, None)
            if old is not None and _judged_alike(old.config, config) and (old.beat, old.cpu) == (beat, cpu):
                new.judge, new.why = old.judge, old.why
                if new.why:
                    self._post(Halt(np.setdiff1d(old.others, others).astype(np.int32), halted=False))
                    self._post(Halt(others, halted=True))
            else:
                if old is not None and old.why:
                    self._post(Halt(old.others, halted=False))
                if cpu is not None:
                    new.judge.cpu(*self._present(cpu))
            self._watched[name] = new
        for old in before.values():
            if old.why:
                self._post(Halt(old.others, halted=False))

    def scanned(self, now: Instants, changed: Batch, told: Told) -> None:
        """Judge after a scan; `changed` is what it reported."""
        for name, one in self._watched.items():
            one.judge.link(self._is_up(name), now.mono)
            self._feed(one, now, changed)
            why = one.judge.judge(now.mono)
            if bool(why) is not bool(one.why):
                self._post(Halt(one.others, halted=bool(why)))
                told(name, bool(why), why or "The program of the device runs again.")
            one.why = why

    def why_stopped(self, connection: str) -> str:
        """Why nothing may be written to a connection's device, as a sentence; empty when it may."""
        one = self._watched.get(connection)
        return "" if one is None else one.why

    def _feed(self, one: _Watched, now: Instants, changed: Batch) -> None:
        if one.beat is not None:
            for row in np.flatnonzero(changed.tag == one.beat).tolist():
                one.judge.beat(float(changed.value[row]), int(changed.status[row]), now.mono)
        if one.cpu is not None and (changed.tag == one.cpu).any():
            one.judge.cpu(*self._present(one.cpu))


def _judged_alike(old: ConnectionConfig, new: ConnectionConfig) -> bool:
    fields = ("heartbeat", "heartbeat_timeout", "cpu_state", "cpu_running")
    return all(getattr(old, name) == getattr(new, name) for name in fields)
