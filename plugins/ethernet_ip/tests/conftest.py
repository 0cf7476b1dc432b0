"""The soft controller, and a connection under test to it."""

import pytest

from plugins.ethernet_ip.tests.device import SoftController
from tests.helpers_drivers.fixtures import make_rig, rig_of

__all__ = ["make_rig", "rig_of"]


@pytest.fixture
async def device():
    device = SoftController()
    await device.start()
    yield device
    await device.kill()
