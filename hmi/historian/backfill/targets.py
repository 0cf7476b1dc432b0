"""Which tags the rows of a file are for: those of the catalogue, and new ones where they may be made."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from hmi.core.check import OWN_PATH, PATH
from hmi.historian.backfill.findings import SHOWN
from hmi.historian.catalogue import CatalogueTag, TagEntry
from hmi.historian.tag_names import TagNames


@dataclass(slots=True)
class Target:
    """One tag of a file."""

    name: str
    tag: CatalogueTag | None
    """None = not in the catalogue yet."""
    is_text: bool = False
    """Of a new tag: whether a value was seen that is no number."""
    is_whole: bool = True
    """Of a new tag: whether all numbers seen are whole; such a tag counts or switches, and is held between samples."""


class Targets:
    """The tags of a file by the order of their first row."""

    def __init__(self, names: TagNames | None, *, create: bool) -> None:
        """`names` are the store's, None for a new store; `create` allows tags that are not in it."""
        self._names, self._create = names, create
        self.list: list[Target] = []
        self._places: dict[str, int] = {}
        self._hints = SHOWN
        self.wrong: dict[str, str] = {}
        """Names of no tag, with a sentence each; whoever tells them takes them out."""

    def number(self, name: str) -> int:
        """Place in `list` of the tag of this name; -1 when there is none."""
        if name in self._places:
            return self._places[name]
        tag = self._names.find(name) if self._names is not None else None
        if tag is None:
            problem = self._problem(name)
            if problem:
                self.wrong[name] = problem
                return -1
        self._places[name] = len(self.list)
        self.list.append(Target(name, tag, is_text=tag is not None and tag.is_text))
        return self._places[name]

    def _problem(self, name: str) -> str:
        if not self._create:
            return f"there is no tag {name!r} in the store. {self._hint(name) or 'Use --create to make it.'}"
        if PATH.fullmatch(name) is None:
            return f"{name!r} is no tag path: names of letters, digits, _ . - with / between them"
        if name.startswith(OWN_PATH):
            return f"{name!r} must not begin with {OWN_PATH!r}: there the station shows its own state"
        return ""

    def _hint(self, name: str) -> str:
        self._hints -= 1  # looking for what is alike takes long, and no more findings are shown
        return self._names.hint(name) if self._names is not None and self._hints >= 0 else ""

    @property
    def new(self) -> list[Target]:
        """Those that are not in the catalogue."""
        return [target for target in self.list if target.tag is None]

    def entries(self) -> list[TagEntry]:
        """What the catalogue must get for the new ones, each with a uid of its own."""
        return [
            (secrets.token_hex(6), target.name, target.is_text, target.is_text or target.is_whole)
            for target in self.new
        ]
