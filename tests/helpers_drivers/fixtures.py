"""Fixtures that the tests of several drivers share: a conftest imports those that it needs."""

import pytest

from tests.helpers_drivers.harness import Proxy
from tests.helpers_drivers.mosquitto import Mosquitto
from tests.helpers_drivers.rig import Rig


@pytest.fixture
async def make_rig():
    """Makes connections under test; they are stopped at the end."""
    made = []

    def make(driver, endpoint, options, secrets=None, folder=None):
        made.append(Rig(driver, endpoint, options, secrets, folder))
        return made[-1]

    yield make
    for rig in made:
        await rig.stop()


@pytest.fixture
def rig_of(device, make_rig):
    """A connection to the soft device of these tests."""

    def make(**options):
        return make_rig(device.driver, device.endpoint, options)

    return make


@pytest.fixture
async def broker(tmp_path):
    made = Mosquitto(tmp_path)
    await made.start()
    yield made
    made.kill()


@pytest.fixture
async def proxy(broker):
    """The way to the broker, which can be cut."""
    made = Proxy(broker.port)
    await made.start()
    yield made
    await made.stop()
