"""A real broker, a soft edge node and a connection under test."""

import pytest

from plugins.sparkplug.driver import DRIVER
from plugins.sparkplug.tests.edge import SoftEdge
from tests.helpers_drivers.fixtures import broker, make_rig, proxy
from tests.helpers_drivers.mqtt_client import SoftClient

__all__ = ["broker", "make_rig", "proxy"]


@pytest.fixture
async def edge_of(broker):
    made = []

    async def start(edge="Press", **metrics):
        node = SoftEdge(broker.port, edge=edge)
        for name, (datatype, value) in metrics.items():
            node.add(name, datatype, value)
        made.append(node)
        await node.start()
        return node

    yield start
    for node in made:
        await node.kill()


@pytest.fixture
def rig_of(proxy, make_rig):
    def make(**options):
        return make_rig(DRIVER, f"mqtt://127.0.0.1:{proxy.port}", options)

    return make


@pytest.fixture
async def observer(broker):
    """A client of the broker that hears all."""
    client = SoftClient(broker.port, "observer")
    await client.connect()
    await client.subscribe("#")
    yield client
    await client.close()
