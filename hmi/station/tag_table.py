"""The tags of the running project by id and path, and the directory that clients search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hmi.core.project import ConnectionConfig, Project
from hmi.core.tag import ConnectionSource, ExpressionSource, MemorySource, Tag
from hmi.link.messages import TagInfo


class TagTable:
    """All tags of a project with their catalogue ids."""

    def __init__(self, project: Project, ids: Mapping[str, int]) -> None:
        """`ids` are the catalogue's ids by tag uid."""
        self.tags: dict[int, Tag] = {ids[tag.uid]: tag for tag in project.tags}
        self.id_of: dict[str, int] = {tag.path: ids[tag.uid] for tag in project.tags}
        self.size = max(self.tags, default=-1) + 1
        self._project = project
        self._order = sorted(self.tags, key=lambda id_: self.tags[id_].path)
        # One lower-case line a tag makes a search of 100,000 tags a scan over strings.
        self._lines = [_line(self.tags[id_]) for id_ in self._order]

    def info(self, id_: int) -> TagInfo:
        """What a panel must know to show the tag."""
        tag = self.tags[id_]
        low, high = tag.range or (None, None)
        normal_low, normal_high = tag.normal or (None, None)
        write = tag.write
        connection = self._connection(tag)
        allowed = self._project.file.security.writes_enabled and (connection is None or connection.writes_enabled)
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
        return self._project.connections[tag.source.connection] if isinstance(tag.source, ConnectionSource) else None

    def infos(self, paths: Sequence[str]) -> list[TagInfo]:
        """The known ones of some paths."""
        return [self.info(self.id_of[path]) for path in paths if path in self.id_of]

    def find(self, text: str, offset: int, limit: int) -> tuple[list[TagInfo], int]:
        """A page of the tags in which every word occurs, in path order, and how many there are."""
        words = text.lower().split()
        hits = [id_ for id_, line in zip(self._order, self._lines, strict=True) if all(w in line for w in words)]
        return [self.info(id_) for id_ in hits[max(offset, 0) : max(offset, 0) + max(limit, 0)]], len(hits)


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
