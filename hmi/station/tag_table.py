"""The tags of the running project by id and path, and the directory that clients search."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hmi.core.project import ConnectionConfig, Project
from hmi.core.tag import ConnectionSource, ExpressionSource, MemorySource, Tag
from hmi.link.messages import TagInfo
from hmi.station.running import Settings

_FEW: Final = 200
"""Tags of an edit that are put into the sorted directory one by one; for more it is sorted anew."""


@dataclass(frozen=True, slots=True)
class _Directory:
    """All tags in order of path; never changed, so that a search in a thread sees one state of it."""

    paths: list[str]
    ids: list[int]
    lines: list[str]
    """One lower-case line a tag makes a search of 100,000 tags a scan over strings."""

    @classmethod
    def of(cls, tags: Mapping[int, Tag]) -> _Directory:
        ids = sorted(tags, key=lambda id_: tags[id_].path)
        return cls([tags[id_].path for id_ in ids], ids, [_line(tags[id_]) for id_ in ids])

    def changed(self, gone: Iterable[str], new: Iterable[tuple[int, Tag]]) -> _Directory:
        """The same without some paths and with other tags."""
        paths, ids, lines = self.paths.copy(), self.ids.copy(), self.lines.copy()
        for path in gone:
            at = bisect_left(paths, path)
            del paths[at], ids[at], lines[at]
        for id_, tag in new:
            at = bisect_left(paths, tag.path)
            paths.insert(at, tag.path)
            ids.insert(at, id_)
            lines.insert(at, _line(tag))
        return _Directory(paths, ids, lines)


class TagTable:
    """All tags of a project with their catalogue ids."""

    def __init__(self, project: Project, ids: Mapping[str, int], settings: Settings | None = None) -> None:
        """`ids` are the catalogue's ids by tag uid; `settings` is what runs later, the project itself without it."""
        self.tags: dict[int, Tag] = {ids[tag.uid]: tag for tag in project.tags}
        self.id_of: dict[str, int] = {tag.path: ids[tag.uid] for tag in project.tags}
        self.id_by_uid: dict[str, int] = {tag.uid: ids[tag.uid] for tag in project.tags}
        self.size = max(self.tags, default=-1) + 1
        self._settings: Settings = settings or project
        self._directory = _Directory.of(self.tags)

    def put(self, tags: Mapping[int, Tag]) -> None:
        """Takes new and changed tags; of a renamed one the former path is forgotten."""
        before = {id_: self.tags[id_] for id_ in tags if id_ in self.tags}
        for id_, tag in before.items():
            if self.id_of.get(tag.path) == id_:
                del self.id_of[tag.path]
        self.tags.update(tags)
        self.id_of.update({tag.path: id_ for id_, tag in tags.items()})
        self.id_by_uid.update({tag.uid: id_ for id_, tag in tags.items()})
        self.size = max(self.size, max(tags, default=-1) + 1)
        self._sort_in([tag.path for tag in before.values()], tags.items())

    def drop(self, ids: Collection[int]) -> None:
        """Forgets tags that are gone."""
        gone = [self.tags.pop(id_) for id_ in ids]
        # Another tag may have taken the path in the same edit.
        free = [tag for id_, tag in zip(ids, gone, strict=True) if self.id_of.get(tag.path) == id_]
        for tag in free:
            del self.id_of[tag.path]
        for tag in gone:
            del self.id_by_uid[tag.uid]
        if len(free) < len(gone):
            self._directory = _Directory.of(self.tags)
        else:
            self._sort_in([tag.path for tag in free], ())

    def _sort_in(self, gone: Sequence[str], new: Collection[tuple[int, Tag]]) -> None:
        # Two tags can have one path for a moment while names are exchanged; then places cannot be found by path.
        doubles = len({tag.path for _, tag in new}) < len(new) or len(self.id_of) != len(self.tags)
        if doubles or len(gone) + len(new) > _FEW:
            self._directory = _Directory.of(self.tags)
        else:
            self._directory = self._directory.changed(gone, new)

    def near(self, path: str) -> Tag | None:
        """The tag whose path begins most like this one; None without any."""
        paths, ids = self._directory.paths, self._directory.ids
        at = bisect_left(paths, path)
        found = [i for i in (at - 1, at) if 0 <= i < len(paths)]
        return self.tags[ids[max(found, key=lambda i: _shared(paths[i], path))]] if found else None

    def info(self, id_: int) -> TagInfo:
        """What a panel must know to show the tag."""
        tag = self.tags[id_]
        low, high = tag.range or (None, None)
        normal_low, normal_high = tag.normal or (None, None)
        write = tag.write
        connection = self._connection(tag)
        allowed = self._settings.file.security.writes_enabled and (connection is None or connection.writes_enabled)
        return TagInfo(
            tag=id_,
            path=tag.path,
            type=tag.type.value,
            unit=tag.unit,
            description=tag.description,
            low=low,
            high=high,
            normal_low=normal_low,
            normal_high=normal_high,
            decimals=tag.decimals,
            states=tag.states,
            stepped=tag.is_stepped,
            source=_source(tag),
            address=tag.source.address if isinstance(tag.source, ConnectionSource) else "",
            limits={a.id: a.limit for a in tag.alarms if a.kind != "off_normal"},
            write_low=write.low if write is not None and write.low is not None else low,
            write_high=write.high if write is not None and write.high is not None else high,
            writable=write is not None and allowed,
            confirm=write.confirm if write is not None else 2,
            pulse=write is not None and write.pulse,
            to_safe=write is not None and write.to_safe,
            write_role=write.role if write is not None else "",
            max_step=write.max_step if write is not None else None,
            interlock=write.interlock if write is not None else "",
        )

    def _connection(self, tag: Tag) -> ConnectionConfig | None:
        return self._settings.connections[tag.source.connection] if isinstance(tag.source, ConnectionSource) else None

    def infos(self, paths: Sequence[str]) -> list[TagInfo]:
        """The known ones of some paths."""
        return [self.info(self.id_of[path]) for path in paths if path in self.id_of]

    def find(self, text: str, offset: int, limit: int) -> tuple[list[TagInfo], int]:
        """A page of the tags in which every word occurs, in path order, and how many there are."""
        directory = self._directory
        lines = directory.lines
        hits: Sequence[int] = range(len(lines))
        # A word after the other: a comprehension over what is left is three times as quick as `all` at every line.
        for word in sorted(text.lower().split(), key=len, reverse=True):
            hits = [at for at in hits if word in lines[at]]
        page = [directory.ids[at] for at in hits[max(offset, 0) : max(offset, 0) + max(limit, 0)]]
        return [self.info(id_) for id_ in page if id_ in self.tags], len(hits)


def by_connection(*some: Mapping[int, Tag]) -> dict[str, dict[int, Tag]]:
    """The tags of each connection that has any, by id; of a tag that is given twice the later one at each."""
    found: defaultdict[str, dict[int, Tag]] = defaultdict(dict)
    for tags in some:
        for id_, tag in tags.items():
            if isinstance(tag.source, ConnectionSource):
                found[tag.source.connection][id_] = tag
    return dict(found)


def _shared(one: str, other: str) -> int:
    """How many names two paths have in common from their beginning."""
    pairs = list(zip(one.split("/"), other.split("/"), strict=False))
    return next((at for at, (a, b) in enumerate(pairs) if a != b), len(pairs))


def _line(tag: Tag) -> str:
    address = tag.source.address if isinstance(tag.source, ConnectionSource) else ""
    return f"{tag.path}\n{tag.description}\n{address}".lower()


def _source(tag: Tag) -> str:
    match tag.source:
        case ConnectionSource(connection=name):
            return name
        case ExpressionSource():
            return "expression"
        case MemorySource():
            return "memory"
        case _:
            return "manual"
