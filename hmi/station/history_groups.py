"""Which retention group a tag's history belongs to: the store asks by number, the project says it by tag."""

from __future__ import annotations

from collections.abc import Mapping

from hmi.core.project import DEFAULT_GROUP, HistorySettings
from hmi.core.tag import Tag
from hmi.historian.store import StoreOptions


class HistoryGroups:
    """Made before the store, which gives the tags their numbers; it learns them afterwards."""

    def __init__(self, settings: HistorySettings) -> None:
        self._names: dict[int, str] = {}
        kept = {DEFAULT_GROUP: settings.retention(""), **settings.groups}
        self.options = StoreOptions(group_of=self._of, retention=kept)
        """How the store is to be opened."""

    def _of(self, number: int) -> str:
        return self._names.get(number) or DEFAULT_GROUP

    def put(self, tags: Mapping[int, Tag]) -> None:
        """Takes over the groups of new and changed tags; of those that are gone they are remembered."""
        self._names.update({number: tag.history.group for number, tag in tags.items()})
