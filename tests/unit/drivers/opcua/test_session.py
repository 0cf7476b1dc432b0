"""A session that is taken up again after a loss, or refused because the server is not what it was."""

from types import SimpleNamespace

import pytest
from asyncua import ua
from asyncua.ua.uaerrors import UaError

from hmi.drivers.opcua.options import parse_options
from hmi.drivers.opcua.session import Session

OPTIONS = parse_options("opc.tcp://plc:4840", {})


class Resumed(Session):
    """A session without a network; `uris` are the server's namespaces."""

    uris = ("urn:ua", "urn:plant")

    async def _channel(self):
        pass

    async def _activate(self):
        pass

    async def read(self, nodes, _attribute):
        return [ua.DataValue(ua.Variant(list(self.uris))), *(ua.DataValue() for _ in nodes[1:])]

    async def call(self, _request, _response, _patience=None):
        return SimpleNamespace(Parameters=SimpleNamespace(Results=[ua.StatusCode()]))


@pytest.fixture
async def session():
    client = SimpleNamespace(uaclient=SimpleNamespace(session=SimpleNamespace(rebind_authentication_token=list)))
    made = Resumed(client, "plc", OPTIONS, None)
    await made.learn()
    return made


async def test_the_same_server_goes_on(session):
    await session.resume(7)
    assert session.indexes == {"urn:ua": 0, "urn:plant": 1}


async def test_other_namespaces_are_refused_and_those_of_its_items_stay_known(session):
    session.uris = ("urn:ua", "urn:new", "urn:plant")
    with pytest.raises(UaError, match="namespaces have changed"):
        await session.resume(7)
    # A new session is compared with these: a subscription must not be taken over into other namespaces.
    assert session.indexes == {"urn:ua": 0, "urn:plant": 1}
