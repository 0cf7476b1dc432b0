"""The soft controller, and a connection under test to it."""

import pytest

from plugins.s7.tests.device import SoftS7
from tests.helpers_drivers.fixtures import make_rig, rig_of

__all__ = ["make_rig", "rig_of"]


@pytest.fixture
async def device():
    device = SoftS7()
    await device.start()
    yield device
    await device.kill()
