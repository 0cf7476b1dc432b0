"""The tag a person means: by its path of now, one it had before, or its uid; and what may have been meant instead."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Final

from hmi.historian.api import StoreError
from hmi.historian.catalogue import Catalogue, CatalogueTag

_NEAR: Final = 3
_LIKENESS: Final = 0.8
"""Paths of one line begin alike, so they are alike in much already."""


class TagNames:
    """The tags of a store at one moment. Not for several threads at once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._tags = {tag.id: tag for tag in catalogue.tags()}

    @cached_property
    def _by_uid(self) -> dict[str, CatalogueTag]:
        return {tag.uid: tag for tag in self._tags.values()}

    def find(self, name: str) -> CatalogueTag | None:
        """The tag that has this path now, or had it last, or has this uid."""
        number = self._catalogue.id_of(name)
        return self._by_uid.get(name) if number is None else self._tags.get(number)

    def get(self, name: str, folder: Path) -> CatalogueTag:
        """The same where it must be there; `folder` is the store's.

        Raises:
            StoreError: it is not, with the names that come near.
        """
        found = self.find(name)
        if found is None:
            raise StoreError(f"There is no tag {name!r} in {folder}.", self.hint(name))
        return found

    def hint(self, name: str) -> str:
        """A sentence with the paths that look like a wrong one; empty when there are none."""
        alike = {path.casefold(): path for path in self._alike(name)}
        near = [alike[found] for found in get_close_matches(name.casefold(), alike, _NEAR, _LIKENESS)]
        return f"Did you mean {' or '.join(near)}?" if near else ""

    def _alike(self, name: str) -> Iterable[str]:
        """The paths worth a closer look, which is slow: about as long, and mostly of the same letters."""
        letters = set(name.casefold())
        for tag in self._tags.values():
            if abs(len(tag.path) - len(name)) <= 3 + len(name) // 4 and len(letters ^ set(tag.path.casefold())) <= 6:
                yield tag.path

    def all(self) -> list[tuple[str, CatalogueTag]]:
        """Every tag with a name that finds it again: its path, or its uid when another tag has that path now."""
        return [
            (tag.path if self._catalogue.id_of(tag.path) == tag.id else tag.uid, tag) for tag in self._tags.values()
        ]
