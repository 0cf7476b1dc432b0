"""The soft controller, and a connection under test to it."""

import pytest

from plugins.s7.driver import DRIVER
from plugins.s7.tests.device import SoftS7
from tests.helpers_drivers.rig import Rig


@pytest.fixture
async def device():
    device = SoftS7()
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
