"""Condition events become the station's: each change once, and what vanished during an outage is told."""

from datetime import UTC, datetime

import pytest
from asyncua import ua

from hmi.drivers.api import WriteOutcome
from hmi.drivers.conformance import Recorder
from hmi.drivers.opcua.conditions import HANDLE, Conditions

from .fake_session import FakeSession

START = ua.NodeId(ua.ObjectIds.RefreshStartEventType)
END = ua.NodeId(ua.ObjectIds.RefreshEndEventType)
ALARM = ua.NodeId(ua.ObjectIds.AlarmConditionType)
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def event(name, number=1, active=True, acked=False, retain=True, branch=None, kind=ALARM):
    node = None if name is None else ua.NodeId(name, 2)
    fields = [number.to_bytes(2, "big"), kind, "Mixer", NOON, ua.LocalizedText("hot"), 700, node, name, branch, retain,
              acked, active]  # fmt: skip
    return HANDLE, fields


def refresh(*events):
    return [event(None, kind=START), *events, event(None, kind=END)]


@pytest.fixture
def sink():
    return Recorder()


@pytest.fixture
def conditions(sink):
    return Conditions(sink)


def told(sink):
    return [(one.name, one.active, one.acknowledged, one.retain) for one in sink.conditions]


def test_what_an_event_says(conditions, sink):
    conditions.take([event("Overheat")])
    (one,) = sink.conditions
    assert (one.key, one.event, one.source, one.message, one.severity) == (
        "ns=2;s=Overheat",
        "0001",
        "Mixer",
        "hot",
        700,
    )
    assert one.time == 1767355200 * 10**9


def test_each_change_once_in_order(conditions, sink):
    conditions.take([event("A"), event("A"), event("A", 2, acked=True), event("A", 3, active=False, acked=True)])
    assert told(sink) == [("A", True, False, True), ("A", True, True, True), ("A", False, True, True)]


def test_a_refresh_tells_what_is_new_and_what_has_gone(conditions, sink):
    conditions.take(refresh(event("A"), event("B")))
    assert told(sink) == [("A", True, False, True), ("B", True, False, True)]
    sink.conditions.clear()
    conditions.take(refresh(event("A"), event("C")))
    assert told(sink) == [("C", True, False, True), ("B", False, True, False)]
    assert sink.conditions[-1].event == "", "nobody can acknowledge what is gone"


def test_branches_are_conditions_of_their_own(conditions, sink):
    conditions.take([event("A"), event("A", 2, branch=ua.NodeId("old", 2))])
    assert len({one.key for one in sink.conditions}) == 2


def test_what_is_no_condition_is_left_out(conditions, sink):
    conditions.take([event(None), (HANDLE, [1, 2]), (7, event("A")[1]), (HANDLE, [None] * 12)])
    assert sink.conditions == []


def test_a_server_cannot_fill_the_memory(conditions, monkeypatch):
    monkeypatch.setattr("hmi.drivers.opcua.conditions._MOST", 3)
    conditions.take([event(f"A{n}") for n in range(10)])
    assert len(conditions._known) == 3


async def test_an_acknowledgement_is_sent_once_to_the_condition(conditions, sink):
    session = FakeSession()
    session.answers[ua.CallRequest] = lambda _request: ua.CallResponse(Results=[ua.CallMethodResult()])
    conditions.take([event("A", branch=ua.NodeId("old", 2))])
    (one,) = sink.conditions
    result = await conditions.acknowledge(session, one.key, one.event, "ann", "seen")
    assert result.outcome is WriteOutcome.DONE
    ((call,),) = [request.Parameters.MethodsToCall for request in session.asked]
    assert call.ObjectId == ua.NodeId("A", 2)
    assert [argument.Value for argument in call.InputArguments] == [b"\x00\x01", ua.LocalizedText("seen (ann)")]


@pytest.mark.parametrize("outcome", [WriteOutcome.REFUSED, WriteOutcome.UNKNOWN])
async def test_a_refused_and_an_unanswered_acknowledgement(conditions, outcome):
    session = FakeSession()

    def answer(_request):
        if outcome is WriteOutcome.UNKNOWN:
            raise TimeoutError
        status = ua.StatusCode(ua.StatusCodes.BadConditionBranchAlreadyAcked)
        return ua.CallResponse(Results=[ua.CallMethodResult(StatusCode=status)])

    session.answers[ua.CallRequest] = answer
    assert (await conditions.acknowledge(session, "ns=2;s=A", "01", "ann", "")).outcome is outcome
    assert len(session.asked) == 1
