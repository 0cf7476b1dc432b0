"""A real broker, a client that publishes, and a connection under test."""

import pytest

from plugins.mqtt.driver import DRIVER
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
async def rig_of(proxy):
    made = []

    def make(endpoint="", secrets=None, folder=None, **options):
        made.append(Rig(DRIVER, endpoint or f"mqtt://127.0.0.1:{proxy.port}", options, secrets, folder))
        return made[-1]

    yield make
    for rig in made:
        await rig.stop()


@pytest.fixture
async def device(broker):
    """Publishes what a test says."""
    client = SoftClient(broker.port, "device")
    await client.connect()
    yield client
    await client.close()
