"""What must hold between the parts of a project beside their form: references, order of limits, unique names."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Mapping
from itertools import pairwise
from typing import Final

from hmi.core.alarm import Alarm, AlarmKind
from hmi.core.check_history import Finding, history_findings
from hmi.core.project import ConnectionConfig
from hmi.core.rights import Role
from hmi.core.tag import ConnectionSource, Feedback, MemorySource, Tag, TagType, stale_after

PATH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\- ]*(/[A-Za-z0-9_][A-Za-z0-9_.\- ]*)*")
"""Names with `/` between them; braces and quotes would break expressions."""

OWN_PATH: Final = "system/"
OWN_UID: Final = "system."
"""How paths and uids of the tags begin that the station makes by itself: a project's tag must not stand in for one."""


PATH_TAKEN: Final = "{!r} is already used by another tag"


def is_connection_name(name: str) -> bool:
    """Whether a connection can be called so: its name is a part of the path of the tag that tells its state."""
    return "/" not in name and PATH.fullmatch(name) is not None


def check_tag(tag: Tag, connections: Mapping[str, ConnectionConfig]) -> list[Finding]:
    """Everything wrong with one tag that can be seen without the other tags."""
    found: list[Finding] = []
    if not tag.uid:
        found.append(("uid", "must not be empty"))
    if tag.uid.startswith(OWN_UID):
        found.append(("uid", f"must not begin with {OWN_UID!r}: such uids are the station's own"))
    if tag.path.startswith(OWN_PATH):
        found.append(("path", f"must not begin with {OWN_PATH!r}: there the station shows its own state"))
    if PATH.fullmatch(tag.path) is None:
        found.append(("path", f"{tag.path!r} is no tag path: names of letters, digits, _ . - with / between them"))
    if isinstance(tag.source, ConnectionSource) and tag.source.connection not in connections:
        known = ", ".join(sorted(connections)) or "none is configured"
        found.append(("source.connection", f"connection {tag.source.connection!r} does not exist (known: {known})"))
    if isinstance(tag.source, MemorySource) and isinstance(tag.source.default, str) and tag.type is not TagType.STRING:
        found.append(("source.default", f"{tag.source.default!r} is a text, the tag is of type {tag.type.value}"))
    found += _ranges(tag)
    found += _watch(tag)
    found += history_findings(tag)
    found += _write(tag)
    found += _alarms(tag)
    return found


def _ranges(tag: Tag) -> Iterable[Finding]:
    for name, span in (("range", tag.range), ("normal", tag.normal)):
        if span is not None and not span[0] < span[1]:
            yield name, f"the low end {span[0]:g} must be below the high end {span[1]:g}"
    if tag.scaling is not None and tag.scaling.raw[0] == tag.scaling.raw[1]:
        yield "scaling.raw", "both ends are the same: the line has no slope"
    if tag.scaling is not None and tag.scaling.eu[0] == tag.scaling.eu[1]:
        yield "scaling.eu", "both ends are the same: a value could not be written back"
    if tag.scaling is not None and tag.type is TagType.STRING:
        yield "scaling", "a string cannot be scaled"
    if not tag.scan > 0:
        yield "scan", "must be more than 0 seconds"
    if tag.deadband < 0:
        yield "deadband", "must not be negative"
    for key in tag.states:
        if not re.fullmatch(r"-?\d+", key):
            yield "states", f"key {key!r} must be a whole number"


def _watch(tag: Tag) -> Iterable[Finding]:
    """What an engineer expects of a value beside its limits."""
    for name, span in (("expect", tag.expect), ("frozen", tag.frozen)):
        if not (span >= 0 and math.isfinite(span)):
            yield name, f"must be a number of seconds that is not negative, not {span:g}"
        elif span and not isinstance(tag.source, ConnectionSource):
            yield name, "is for values that a device delivers, and this one is made in the station"
    if 0 < tag.expect < tag.scan:
        yield "expect", f"{tag.expect:g} s is shorter than the scan, {tag.scan:g} s: every value would be late"
    if tag.frozen and tag.type is TagType.STRING:
        yield "frozen", "has no meaning for a text: give `expect`, the time within which one must come"
    elif 0 < tag.frozen <= stale_after(tag):
        what = f"must be more than {stale_after(tag):g} s, after which a silent device makes the value Bad anyway"
        yield "frozen", what


def _write(tag: Tag) -> Iterable[Finding]:
    write = tag.write
    if write is None:
        return
    if write.low is not None and write.high is not None and not write.low <= write.high:
        yield "write.low", f"{write.low:g} is above write.high {write.high:g}"
    if write.confirm not in (1, 2, 3):
        yield "write.confirm", "must be 1, 2 or 3"
    if write.timeout <= 0:
        yield "write.timeout", "must be more than 0 seconds"
    try:
        Role.named(write.role)
    except ValueError as error:
        yield "write.role", str(error)
    if write.pulse and write.feedback is Feedback.ECHO:
        yield "write.feedback", "a bit that the PLC takes back cannot be read back: use status, method or none"
    if write.feedback is Feedback.STATUS and not write.status_tag:
        yield "write.status_tag", "is missing: feedback by status needs the tag that shows it"


_ORDER: Final = (AlarmKind.LOW_LOW, AlarmKind.LOW, AlarmKind.HIGH, AlarmKind.HIGH_HIGH)


def _alarms(tag: Tag) -> Iterable[Finding]:
    seen: set[str] = set()
    for at, alarm in enumerate(tag.alarms):
        if not alarm.id or "/" in alarm.id:
            yield f"alarms[{at}].id", "must not be empty nor contain /"
        if alarm.id in seen:
            yield f"alarms[{at}].id", f"{alarm.id!r} stands twice in this tag"
        seen.add(alarm.id)
        if min(alarm.deadband, alarm.on_delay, alarm.off_delay) < 0:
            yield f"alarms[{at}]", "deadband and delays must not be negative"
        if tag.type is TagType.STRING:
            yield f"alarms[{at}].kind", "a string tag cannot have a limit or off-normal alarm"
    yield from _limit_order(tag.alarms)


def _limit_order(alarms: tuple[Alarm, ...]) -> Iterable[Finding]:
    """LL <= L < H <= HH, and a deadband narrower than the band between L and H."""
    limits: dict[AlarmKind, tuple[int, Alarm]] = {}
    for at, alarm in enumerate(alarms):
        if alarm.kind in _ORDER:
            limits.setdefault(alarm.kind, (at, alarm))
    present = [limits[kind] for kind in _ORDER if kind in limits]
    for (_, lower), (at, upper) in pairwise(present):
        equal_is_fine = (lower.kind, upper.kind) in (
            (AlarmKind.LOW_LOW, AlarmKind.LOW),
            (AlarmKind.HIGH, AlarmKind.HIGH_HIGH),
        )
        if lower.limit > upper.limit or (lower.limit == upper.limit and not equal_is_fine):
            yield f"alarms[{at}].limit", f"{upper.kind} {upper.limit:g} must be above {lower.kind} {lower.limit:g}"
    if AlarmKind.LOW in limits and AlarmKind.HIGH in limits:
        band = limits[AlarmKind.HIGH][1].limit - limits[AlarmKind.LOW][1].limit
        for at, alarm in (limits[AlarmKind.LOW], limits[AlarmKind.HIGH]):
            if 0 < band <= alarm.deadband:
                yield f"alarms[{at}].deadband", f"{alarm.deadband:g} is as wide as the band between L and H ({band:g})"


def check_tags(tags: Iterable[Tag]) -> list[tuple[int, str, str]]:
    """(index of the tag, path inside it, sentence) of what is wrong between tags: doubles and unknown references."""
    found: list[tuple[int, str, str]] = []
    paths: dict[str, int] = {}
    uids: dict[str, str] = {}
    listed = list(tags)
    for at, tag in enumerate(listed):
        if tag.path in paths:
            found.append((at, "path", PATH_TAKEN.format(tag.path)))
        paths.setdefault(tag.path, at)
        if tag.uid in uids:
            found.append((at, "uid", f"{tag.uid!r} already belongs to {uids[tag.uid]}: a copy needs a uid of its own"))
        uids.setdefault(tag.uid, tag.path)
    for at, tag in enumerate(listed):
        found += [(at, where, what) for where, what in check_feedback(tag, paths)]
    return found


def check_feedback(tag: Tag, paths: Container[str]) -> list[Finding]:
    """Whether the tag that shows how a command worked exists; `paths` are those of all tags."""
    if tag.write is None or not tag.write.status_tag or tag.write.status_tag in paths:
        return []
    return [("write.status_tag", f"tag {tag.write.status_tag!r} does not exist")]
