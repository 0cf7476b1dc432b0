"""Fills what an outage left open from the server's own history: raw samples, each once, for history only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from asyncua import ua

from hmi.core.batch import Batch, batch_of
from hmi.core.quality import Status
from hmi.drivers.api import Clock, Point, Sample, Sink
from hmi.drivers.opcua.line import Line
from hmi.drivers.opcua.nodes import node_id, variable_of
from hmi.drivers.opcua.reading import to_sample

_SAMPLES: Final = 1000
"""Samples of one node in one answer; more are fetched by continuation point."""
_MOST_ANSWERS: Final = 1000
"""Answers for one part of the nodes: a server whose continuation never ends must not hold the station for ever."""
_PATIENCE: Final = 30.0
"""Seconds for one answer: reading history is slow work for a PLC."""
_UNIX: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing of one point: after its last sample of before the outage, and before its first of after it."""

    point: Point
    node: ua.NodeId
    after: int
    """ns UTC, both excluded."""
    before: int


def gaps(line: Line, points: Sequence[Point], last: Mapping[int, int]) -> list[Gap]:
    """The gap of every point that had a sample before the outage (`last`: its time by tag, ns UTC)."""
    found: list[Gap] = []
    first = line.intake.first_times()
    for point in points:
        variable = variable_of(point)
        node = None if variable is None else node_id(variable, line.session.indexes)
        # The first live sample may be one of the outage itself: it is stored already.
        before = min(first.get(point.tag, line.begun), line.begun)
        if node is not None and last.get(point.tag, before) < before:
            found.append(Gap(point, node, last[point.tag], before))
    return found


async def fill(line: Line, missing: Sequence[Gap], sink: Sink, clock: Clock) -> None:
    """Delivers the samples of the gaps as backfill; nodes without history are left out.

    Raises:
        FAULTS: the server does not answer.
    """
    limit = line.session.limits.history
    for at in range(0, len(missing), limit):
        await _fill_part(line, missing[at : at + limit], sink, clock)


async def _fill_part(line: Line, part: Sequence[Gap], sink: Sink, clock: Clock) -> None:
    rest: list[tuple[Gap, bytes | None]] = [(gap, None) for gap in part]
    for _ in range(_MOST_ANSWERS):
        if not rest:
            return
        results = await _read(line, rest)
        more: list[tuple[Gap, bytes | None]] = []
        for (gap, _), result in zip(rest, results, strict=True):
            samples = _samples(line, gap, result, clock)
            if samples:
                sink.count("backfilled", len(samples))
                sink.deliver(_batch(gap.point, samples, clock))
            if result.ContinuationPoint and result.StatusCode.is_good():
                more.append((gap, result.ContinuationPoint))
        rest = more
    await _read(line, rest, release=True)


async def _read(
    line: Line, wanted: Sequence[tuple[Gap, bytes | None]], *, release: bool = False
) -> list[ua.HistoryReadResult]:
    request = ua.HistoryReadRequest()
    parameters = request.Parameters
    parameters.HistoryReadDetails = ua.ReadRawModifiedDetails(
        IsReadModified=False,
        StartTime=_stamp(min(gap.after for gap, _ in wanted)),
        EndTime=_stamp(max(gap.before for gap, _ in wanted)),
        NumValuesPerNode=_SAMPLES,
        ReturnBounds=False,
    )
    parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
    parameters.ReleaseContinuationPoints = release
    parameters.NodesToRead = [ua.HistoryReadValueId(NodeId=gap.node, ContinuationPoint=point) for gap, point in wanted]
    return list((await line.session.call(request, ua.HistoryReadResponse, _PATIENCE)).Results)


def _samples(line: Line, gap: Gap, result: ua.HistoryReadResult, clock: Clock) -> list[Sample]:
    data: object = result.HistoryData
    if not result.StatusCode.is_good() or not isinstance(data, ua.HistoryData):
        return []
    now = clock.now()
    read = [
        to_sample(value, gap.point, now, line.structures.opened) for value in data.DataValues or () if _stamped(value)
    ]
    inside = [one for one in read if gap.after < one.time < gap.before]
    # Some servers add bounds although they were not asked for: rows without a value at the ends.
    return [one for one in inside if one.status & 0xFFFF0000 not in {Status.BAD_NO_DATA, _BOUND_NOT_FOUND}]


_BOUND_NOT_FOUND: Final = 0x80D70000


def _stamped(value: ua.DataValue) -> bool:
    return value.SourceTimestamp is not None or value.ServerTimestamp is not None


def _batch(point: Point, samples: Sequence[Sample], clock: Clock) -> Batch:
    count = len(samples)
    return batch_of(
        [point.tag] * count,
        [one.time for one in samples],
        [clock.now().mono] * count,
        [one.value for one in samples],
        [one.status for one in samples],
        backfill=True,
    )


def _stamp(time: int) -> datetime:
    return _UNIX + timedelta(microseconds=time // 1000)
