"""The soft controller, and a connection under test to it."""

import pytest

from plugins.ethernet_ip.driver import DRIVER
from plugins.ethernet_ip.tests.device import SoftController
from tests.helpers_drivers.rig import Rig


@pytest.fixture
async def device():
    device = SoftController()
    await device.start()
    yield device
    await device.kill()


@pytest.fixture
async def rig_of(device):
    made = []

    def make(**options):
        made.append(Rig(DRIVER, device.endpoint, options))
        return made[-1]

    yield make
    for rig in made:
        await rig.stop()
