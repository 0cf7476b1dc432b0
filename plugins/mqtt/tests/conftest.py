"""A real broker, a client that publishes, and a connection under test."""

import pytest

from plugins.mqtt.driver import DRIVER
from tests.helpers_drivers.fixtures import broker, make_rig, proxy
from tests.helpers_drivers.mqtt_client import SoftClient

__all__ = ["broker", "make_rig", "proxy"]


@pytest.fixture
def rig_of(proxy, make_rig):
    def make(endpoint="", secrets=None, folder=None, **options):
        return make_rig(DRIVER, endpoint or f"mqtt://127.0.0.1:{proxy.port}", options, secrets, folder)

    return make


@pytest.fixture
async def device(broker):
    """Publishes what a test says."""
    client = SoftClient(broker.port, "device")
    await client.connect()
    yield client
    await client.close()
