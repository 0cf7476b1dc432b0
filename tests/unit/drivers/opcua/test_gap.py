"""What an outage left open is filled once, in parts, and without what servers add at the ends."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from asyncua import ua

from hmi.core.instants import SECOND
from hmi.core.tag import TagType
from hmi.drivers.api import Point
from hmi.drivers.conformance import Recorder, SystemClock
from hmi.drivers.opcua.address import parse_address
from hmi.drivers.opcua.gap import Gap, fill, gaps
from hmi.drivers.opcua.limits import Limits

from .fake_session import FakeSession

T = 20_000 * 86_400 * SECOND
BOUND = 0x80D70000


def point(tag, text="nsu=urn:plant;s=V"):
    return Point(tag, f"t{tag}", parse_address(text, TagType.FLOAT), TagType.FLOAT, 1.0)


def stamp(time):
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time // 1000)


def row(time, value=1.0, status=0):
    variant = None if value is None else ua.Variant(value, ua.VariantType.Double)
    return ua.DataValue(variant, ua.StatusCode(status), stamp(time), stamp(time))


def answer(rows, more=None, status=0):
    result = ua.HistoryReadResult(StatusCode=ua.StatusCode(status), ContinuationPoint=more)
    result.HistoryData = ua.HistoryData(DataValues=rows)
    return result


@pytest.fixture
def session():
    return FakeSession()


@pytest.fixture
def line(session):
    first = {1: T + 9 * SECOND, 2: T + 20 * SECOND}
    intake = SimpleNamespace(first_times=lambda: first)
    return SimpleNamespace(session=session, begun=T + 10 * SECOND, intake=intake,
                           structures=SimpleNamespace(opened=lambda value: value))  # fmt: skip


def answers(session, *given):
    """One list of results an answer."""
    rest = list(given)
    session.answers[ua.HistoryReadRequest] = lambda _request: ua.HistoryReadResponse(Results=rest.pop(0))


def test_a_gap_reaches_from_the_last_sample_to_the_first(line):
    points = [point(1), point(2), point(3), point(4), point(5, "method:ns=2;s=M"), point(6, "nsu=urn:x;s=V")]
    last = {1: T, 2: T + SECOND, 4: T + 11 * SECOND, 5: T, 6: T}
    found = gaps(line, points, last)
    assert [(gap.point.tag, gap.after, gap.before) for gap in found] == [
        (1, T, T + 9 * SECOND),
        (2, T + SECOND, T + 10 * SECOND),
    ]


async def test_neither_end_nor_a_bound_comes_twice(line, session):
    rows = [row(T), row(T + 1000, 2.0), row(T + 2000, None, BOUND), row(T + 3000, 3.0, 0x40A40000),
            row(T + 9 * SECOND, 4.0), row(T + 10 * SECOND, None, BOUND)]  # fmt: skip
    answers(session, [answer(rows)])
    sink = Recorder()
    await fill(line, [Gap(point(1), ua.NodeId("V", 2), T, T + 9 * SECOND)], sink, SystemClock())
    assert sink.rows(1) == [(2.0, 0, T + 1000), (3.0, 0x40A40000, T + 3000)]
    assert all(batch.backfill for batch in sink.batches)
    details = session.asked[0].Parameters.HistoryReadDetails
    assert (details.ReturnBounds, details.IsReadModified) == (False, False)


async def test_answers_that_go_on_and_nodes_without_history(line, session):
    missing = [Gap(point(tag), ua.NodeId(f"V{tag}", 2), T, T + 9 * SECOND) for tag in (1, 2, 3)]
    session.limits = Limits(history=2)
    no_history = answer([], status=ua.StatusCodes.BadHistoryOperationUnsupported)
    answers(
        session,
        [answer([row(T + 1000)], b"more"), no_history],
        [answer([row(T + 2000)])],
        [answer([row(T + 3000)])],
    )
    sink = Recorder()
    await fill(line, missing, sink, SystemClock())
    assert [[time for _, _, time in sink.rows(tag)] for tag in (1, 2, 3)] == [[T + 1000, T + 2000], [], [T + 3000]]
    asked = [[one.ContinuationPoint for one in request.Parameters.NodesToRead] for request in session.asked]
    assert asked == [[None, None], [b"more"], [None]]
    assert sink.counters["backfilled"] == 3


async def test_a_server_that_never_ends_is_let_go(line, session, monkeypatch):
    monkeypatch.setattr("hmi.drivers.opcua.gap._MOST_ANSWERS", 5)
    session.answers[ua.HistoryReadRequest] = lambda _request: ua.HistoryReadResponse(
        Results=[answer([row(T + 1000)], b"again")]
    )
    await fill(line, [Gap(point(1), ua.NodeId("V", 2), T, T + 9 * SECOND)], Recorder(), SystemClock())
    assert len(session.asked) == 6
    assert session.asked[-1].Parameters.ReleaseContinuationPoints
