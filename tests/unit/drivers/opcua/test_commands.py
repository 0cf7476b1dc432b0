"""One element of an array is written only where the server writes nothing else."""

import pytest
from asyncua import ua

from hmi.core.tag import TagType
from hmi.drivers.api import Point, WriteOutcome
from hmi.drivers.conformance import Recorder
from hmi.drivers.opcua.address import parse_address
from hmi.drivers.opcua.commands import Commands

from .fake_session import FakeSession

VALUE = ua.AttributeIds.Value


@pytest.fixture
def session():
    made = FakeSession()
    made.answers[ua.WriteRequest] = lambda request: ua.WriteResponse(
        Results=[ua.StatusCode(0) for _ in request.Parameters.NodesToWrite]
    )
    return made


def point(text):
    return Point(1, "tag", parse_address(text, TagType.FLOAT), TagType.FLOAT, 1.0, writable=True)


def array(*values):
    return ua.DataValue(ua.Variant(list(values), ua.VariantType.Int16))


async def test_a_server_that_knows_index_ranges(session):
    session.values = {("V", VALUE, None): array(1, 2, 3), ("V", VALUE, "1"): array(2)}
    result = await Commands(session, Recorder()).write(point("nsu=urn:plant;s=V#[1]"), 7.4)
    assert (result.outcome, result.sent) == (WriteOutcome.DONE, 7.0)
    (request,) = session.asked
    (written,) = request.Parameters.NodesToWrite
    assert (written.IndexRange, written.NodeId.NamespaceIndex) == ("1", 2)
    assert written.Value.Value == ua.Variant([7], ua.VariantType.Int16)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({("V", VALUE, None): array(1, 2, 3), ("V", VALUE, "1"): array(1, 2, 3)}, "nsu=urn:plant;s=V#[1]"),
        ({("V", VALUE, None): array(9), ("V", VALUE, "1"): array(9)}, "nsu=urn:plant;s=V#[1]"),
        ({("V", VALUE, None): array(1, 2)}, "nsu=urn:plant;s=V#[1]"),
        ({}, "nsu=urn:plant;s=V#Speed"),
        ({}, "nsu=urn:plant;s=V#[1][1]"),
        ({}, "nsu=urn:elsewhere;s=V#[1]"),
    ],
    ids=["overlooks the range", "one element", "refuses the range", "field", "matrix", "no such namespace"],
)
async def test_nothing_is_sent_otherwise(session, values, text):
    session.values = values
    result = await Commands(session, Recorder()).write(point(text), 7.0)
    assert result.outcome is WriteOutcome.REFUSED
    assert result.text
    assert session.asked == []


async def test_what_does_not_fit_the_element_is_refused(session):
    session.values = {("V", VALUE, None): array(1, 2, 3), ("V", VALUE, "1"): array(2)}
    result = await Commands(session, Recorder()).write(point("nsu=urn:plant;s=V#[1]"), 1e6)
    assert (result.outcome, session.asked) == (WriteOutcome.REFUSED, [])
