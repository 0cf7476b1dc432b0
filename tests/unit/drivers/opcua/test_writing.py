"""Values take exactly the node's data type, or are not sent."""

import math

import pytest
from asyncua import ua
from hypothesis import given
from hypothesis import strategies as st

from hmi.drivers.api import WriteOutcome
from hmi.drivers.opcua.items import queue_size
from hmi.drivers.opcua.writing import ValueRefusedError, answered, failed, held, to_variant

V = ua.VariantType


@pytest.mark.parametrize(
    ("kind", "value", "sent"),
    [(V.Boolean, 1, True), (V.Int16, -7.0, -7), (V.Int16, 2.5, 2), (V.UInt32, 2**32 - 1, 2**32 - 1),
     (V.Double, 0.1, 0.1), (V.String, "x", "x")],
)  # fmt: skip
def test_types(kind, value, sent):
    variant = to_variant(kind, value)
    assert (variant.Value, variant.VariantType, type(variant.Value)) == (sent, kind, type(sent))
    assert held(variant) == sent


def test_a_float_tells_what_it_holds():
    assert held(to_variant(V.Float, 0.1)) == 0.10000000149011612


@pytest.mark.parametrize(
    ("kind", "value"),
    [(V.Boolean, 2), (V.SByte, 128), (V.Byte, -1), (V.Int16, 40000), (V.UInt64, 2.0**64), (V.Float, 1e39),
     (V.Double, math.nan), (V.Int32, "1"), (V.String, 1.0), (V.DateTime, 1.0), (V.ExtensionObject, 1.0)],
)  # fmt: skip
def test_refuses_what_does_not_fit(kind, value):
    with pytest.raises(ValueRefusedError):
        to_variant(kind, value)


def test_outcomes():
    assert answered("a", 0x00300000).outcome is WriteOutcome.DONE
    assert answered("a", 0x803C0000).outcome is WriteOutcome.REFUSED
    assert failed("a", TimeoutError()).outcome is WriteOutcome.UNKNOWN
    assert failed("a", ConnectionError()).outcome is WriteOutcome.UNKNOWN
    assert failed("a", ua.uaerrors.BadTimeout()).outcome is WriteOutcome.UNKNOWN
    assert failed("a", ua.uaerrors.BadSessionIdInvalid()).outcome is WriteOutcome.REFUSED


@given(st.floats(0.01, 1), st.floats(0.001, 3600))
def test_queues_hold_what_comes_between_two_packets(publishing, sampling):
    size = queue_size(publishing, sampling)
    assert 10 <= size <= 10_000
    assert size >= min(10_000, math.ceil(publishing / sampling) * 2)
