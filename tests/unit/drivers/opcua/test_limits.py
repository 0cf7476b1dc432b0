"""Large requests go in parts that the server takes."""

import pytest
from asyncua import ua
from hypothesis import given
from hypothesis import strategies as st

from hmi.drivers.opcua.limits import CHUNK, Limits, in_parts


@given(count=st.integers(0, 60), limit=st.integers(1, 70), takes=st.integers(1, 70))
async def test_parts_are_halved_until_the_server_takes_them(count, limit, takes):
    async def one(part):
        if len(part) > takes:
            raise ua.uaerrors.BadTooManyOperations
        return [2 * item for item in part]

    assert await in_parts(range(count), limit, one) == [2 * n for n in range(count)]


async def test_a_server_that_takes_nothing_is_a_fault():
    async def one(_part):
        raise ua.uaerrors.BadTooManyOperations

    with pytest.raises(ua.uaerrors.BadTooManyOperations):
        await in_parts([1, 2, 3], 2, one)


async def test_an_answer_for_another_number_of_nodes_is_a_fault():
    async def one(part):
        return list(part)[1:]

    with pytest.raises(ValueError, match="1 of 2"):
        await in_parts([1, 2, 3], 2, one)


def test_limits_as_the_server_tells_them():
    told = [ua.DataValue(ua.Variant(value, ua.VariantType.UInt32)) for value in (50, 0, 20_000, 7)]
    limits = Limits.of([*told, ua.DataValue(ua.Variant("x")), ua.DataValue()])
    assert (limits.read, limits.write, limits.browse, limits.method) == (50, CHUNK, CHUNK, 7)
    assert (limits.monitor, limits.history) == (CHUNK, 100)
