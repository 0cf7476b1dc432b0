"""Judges a candidate by what it changes alone, with the same sentences as the check of a whole project.

What is looked at: the changed records, whatever reads a tag that is gone or of another type, and nothing else. That is
enough because the project was right before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hmi.core.check import PATH_TAKEN, check_feedback, check_tag
from hmi.core.check_connections import check_connections
from hmi.core.check_history import check_groups
from hmi.core.expression import CycleError, order
from hmi.core.tag import ConnectionSource, ExpressionSource, Tag
from hmi.station.deep_check import address_findings, connection_findings, display_problems, expression_findings
from hmi.station.editing.model import Candidate, Place
from hmi.station.editing.records import Key
from hmi.station.editing.taking import Fault
from hmi.station.editing.uses import Use

MOST_NAMED: Final = 20
"""Tags that are named when a whole connection goes."""


def judge(candidate: Candidate) -> list[Fault]:
    """Everything wrong with what a candidate changes; a warning does not keep it from being made."""
    faults = [
        *_tags(candidate),
        *_readers(candidate),
        *_vanished(candidate),
        *_connections(candidate),
        *_displays(candidate),
    ]
    return faults if any(not f.warns for f in faults) else [*faults, *_circles(candidate)]


def _tags(candidate: Candidate) -> Iterator[Fault]:
    types = candidate.types
    for uid, tag in candidate.put.items():
        place = candidate.places[uid]
        findings = [
            *_path_findings(candidate, tag),
            *check_tag(tag, candidate.connections),
            *check_feedback(tag, types),
            *((where, what) for _, where, what in check_groups([tag], candidate.model.running.file.history)),
            *address_findings(tag, candidate.connections, candidate.drivers),
            *expression_findings(tag, types)[0],
        ]
        yield from (Fault(place.key, place.where(where), what) for where, what in findings)


def _path_findings(candidate: Candidate, tag: Tag) -> Iterator[tuple[str, str]]:
    other = candidate.model.table.id_of.get(tag.path)
    owner = None if other is None else candidate.model.table.tags[other]
    stays = owner is not None and owner.uid != tag.uid and owner.uid not in candidate.gone
    taken = stays and owner is not None and candidate.put.get(owner.uid, owner).path == tag.path
    if taken or candidate.by_path[tag.path] != tag.uid:
        yield "path", PATH_TAKEN.format(tag.path)


def _readers(candidate: Candidate) -> Iterator[Fault]:
    """Tags that are not changed, but read one that is of another type now."""
    readers: dict[Key, None] = {}
    for path, before, now in candidate.changed_paths():
        if now is not None and now.type is not before.type:
            readers |= dict.fromkeys(sorted(candidate.model.uses.readers(path)))
    for key in readers:
        tag = candidate.model.tag(key.name) if key.kind == "tag" and key not in candidate.uses else None
        if tag is not None:
            for where, what in expression_findings(tag, candidate.types)[0]:
                yield Fault(key, where, what)


def _vanished(candidate: Candidate) -> Iterator[Fault]:
    """A tag that is still read cannot go, and its path cannot go where something does not follow."""
    vanished = {path: tag for path, tag, now in candidate.changed_paths() if now is None}
    uses = _uses(candidate, vanished)
    for path, tag in vanished.items():
        place = candidate.places[tag.uid]
        for use in uses.get(path, ()):
            if use.by not in candidate.uses or use.by.kind == "display":
                by = f"{candidate.model.title(use.by)} ({use.where})"
                renamed = tag.uid in candidate.put
                what = f"{path} is used by {by}" + (", which does not follow: change it too" if renamed else "")
                yield Fault(place.key, place.where("path" if renamed else ""), what)


def _uses(candidate: Candidate, paths: Collection[str]) -> Mapping[str, Sequence[Use]]:
    """The uses of some tags by path, in the order of the records: each record is looked at once for all of them."""
    readers = {key for path in paths for key in candidate.model.uses.readers(path)}
    found: defaultdict[str, list[Use]] = defaultdict(list)
    for key in sorted({*readers, *candidate.uses}) if paths else ():
        for use in candidate.uses_of(key):
            if use.path in paths:
                found[use.path].append(use)
    return found


def _connections(candidate: Candidate) -> Iterator[Fault]:
    changed = {key.name for key in candidate.documents if key.kind == "connection"}
    for name in sorted(changed):
        key = Key("connection", name)
        if name not in candidate.connections:
            yield from _orphans(candidate, name)
            continue
        config = candidate.connections[name]
        for where, what, runs_on in connection_findings(config, candidate.drivers, candidate.missing):
            yield Fault(key, where, what, warns=runs_on)
        before = candidate.model.running.connections.get(name)
        if before is not None and before.driver != config.driver:
            yield from _addresses(candidate, name)
    readers = {key.name for path, _, _ in candidate.changed_paths() for key in candidate.model.uses.readers(path)}
    judged = {name: config for name, config in candidate.connections.items() if name in changed | readers}
    paths = {path for config in judged.values() for path in (config.heartbeat, config.cpu_state) if path}
    tags = [tag for path in paths if (tag := candidate.tag_at(path)) is not None]
    for name, where, what in check_connections(judged, tags):
        yield Fault(Key("connection", name), where, what)


def _of_connection(candidate: Candidate, name: str) -> Iterator[Tag]:
    """The tags of a connection that are not edited themselves."""
    for tag in candidate.model.table.tags.values():
        its = isinstance(tag.source, ConnectionSource) and tag.source.connection == name
        if its and tag.uid not in candidate.put and tag.uid not in candidate.gone:
            yield tag


def _orphans(candidate: Candidate, name: str) -> Iterator[Fault]:
    left = list(_of_connection(candidate, name))
    if left:
        named = ", ".join(tag.path for tag in left[:MOST_NAMED]) + (" and others" if len(left) > MOST_NAMED else "")
        many = "tag is" if len(left) == 1 else "tags are"
        yield Fault(Key("connection", name), "", f"{len(left)} {many} still on this connection: {named}")


def _addresses(candidate: Candidate, name: str) -> Iterator[Fault]:
    for tag in _of_connection(candidate, name):
        for where, what in address_findings(tag, candidate.connections, candidate.drivers):
            yield Fault(Key("tag", tag.uid), where, what)  # nobody edits it: it is named by itself


def _displays(candidate: Candidate) -> Iterator[Fault]:
    changed = {key.name for key in candidate.uses if key.kind == "display"}
    for name in sorted(changed & set(candidate.displays)):
        for p in display_problems(name, candidate.displays[name], candidate.types, candidate.displays):
            yield Fault(Key("display", name), p.where, p.what, warns=p.runs_on)
    gone = changed - set(candidate.displays)
    if gone:
        home = candidate.model.running.file.home
        if home in gone:
            yield Fault(Key("display", home), "", "is the one shown first (`home` in project.toml)")
        for name, document in candidate.displays.items():
            for p in display_problems(name, document, candidate.types, candidate.displays):
                if not p.runs_on and name not in changed:
                    yield Fault(Key("display", name), p.where, p.what)


@dataclass(frozen=True, slots=True)
class _Reads:
    inputs: tuple[str, ...]


def _circles(candidate: Candidate) -> Iterator[Fault]:
    """Whether a derived tag would need itself: followed from the changed ones, through what they read."""
    graph: dict[str, _Reads] = {}
    waiting = [tag.path for tag in candidate.put.values()]
    while waiting:
        path = waiting.pop()
        tag = candidate.tag_at(path)
        if path in graph or tag is None or not isinstance(tag.source, ExpressionSource):
            continue
        inputs = _inputs(candidate.uses_of(Key("tag", tag.uid)))
        graph[path] = _Reads(inputs)
        waiting += inputs
    try:
        order(graph)
    except CycleError as error:
        tags = [tag for path in error.cycle if (tag := candidate.tag_at(path)) is not None]
        named = next((tag for tag in tags if tag.uid in candidate.put), tags[0])
        place = candidate.places.get(named.uid, Place(Key("tag", named.uid), ""))
        yield Fault(place.key, place.where("source.expression"), str(error))


def _inputs(uses: Iterable[Use]) -> tuple[str, ...]:
    return tuple(use.path for use in uses if use.where == "source.expression")
