"""Large requests go in parts that the server takes."""

import pytest
from asyncua import ua
from hypothesis import given
from hypothesis import strategies as st

from hmi.drivers.opcua.limits import in_parts


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
