"""Roll-up: every standing alarm is at home in one place, and counted there and in every place above it."""

from __future__ import annotations

from typing import Final

from hmi.core.check import OWN_PATH
from hmi.link.messages import AlarmRow
from hmi.panel.stores.alarms import AlarmStore
from hmi.panel.stores.atlas import AtlasStore

STATION: Final = ""
"""Home of the station's own alarms: its connections, its history, its project."""


class RollUp:
    """The alarms of each display; the navigation tree and the rows of an overview both ask here."""

    def __init__(self, alarms: AlarmStore, atlas: AtlasStore) -> None:
        self._alarms = alarms
        self._atlas = atlas
        self._made_of: tuple[object, object] = (None, None)
        self._groups: dict[str, tuple[AlarmRow, ...]] = {}

    def of(self, display: str) -> tuple[AlarmRow, ...]:
        """The alarms at home on a display or below it, worst first; those of the station itself without a name."""
        rows, revision = self._alarms.rows(), self._atlas.revision
        if self._made_of[0] is not rows or self._made_of[1] != revision:
            self._made_of = rows, revision
            self._groups = self._grouped(rows)
        return self._groups.get(display, ())

    def home(self, row: AlarmRow) -> str:
        """The display on which an alarm is counted; what is nowhere else belongs to the top one."""
        found = self._atlas.display_of(row)
        if found or row.path.startswith(OWN_PATH):
            return found or STATION
        return self._atlas.top

    def _grouped(self, rows: tuple[AlarmRow, ...]) -> dict[str, tuple[AlarmRow, ...]]:
        groups: dict[str, list[AlarmRow]] = {}
        for row in rows:
            home = self.home(row)
            for name in self._atlas.upward(home) or (home,):
                groups.setdefault(name, []).append(row)
        return {name: tuple(group) for name, group in groups.items()}
