"""A real broker, a soft edge node and a connection under test."""

import pytest

from plugins.sparkplug.driver import DRIVER
from plugins.sparkplug.tests.edge import SoftEdge
from tests.helpers_drivers.harness import Proxy
from tests.helpers_drivers.mosquitto import Mosquitto
from tests.helpers_drivers.mqtt_client import SoftClient
from tests.helpers_drivers.rig import Rig


@pytest.fixture
async def broker(tmp_path):
    made = Mosquitto(tmp_path)
    await made.start()
    yield made
    made.kill()


@pytest.fixture
async def proxy(broker):
    made = Proxy(broker.port)
    await made.start()
    yield made
    await made.stop()


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
async def rig_of(proxy):
    made = []

    def make(**options):
        made.append(Rig(DRIVER, f"mqtt://127.0.0.1:{proxy.port}", options))
        return made[-1]

    yield make
    for rig in made:
        await rig.stop()


@pytest.fixture
async def observer(broker):
    """A client of the broker that hears all."""
    client = SoftClient(broker.port, "observer")
    await client.connect()
    await client.subscribe("#")
    yield client
    await client.close()
