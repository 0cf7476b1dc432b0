"""The numbers under which history knows the project's tags."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from hmi.core.tag import Tag, TagType
from hmi.historian.catalogue import Catalogue


def numbers_of(tags: Collection[Tag], history: Path, utc: int) -> dict[str, int]:
    """The catalogue's numbers of some tags by uid, new ones entered; `utc` (ns) dates names that are others now.

    Raises:
        LinesideError: the catalogue cannot be read or written.
    """
    with Catalogue(history) as catalogue:
        known = [(tag.uid, tag.path, tag.type is TagType.STRING, tag.is_stepped) for tag in tags]
        numbers = catalogue.ids_for(known, utc)
        catalogue.keep_groups({numbers[tag.uid]: tag.history.group for tag in tags})
    return numbers
