"""The plugin passes the suite that every driver must pass, against a real broker."""

import pytest

from hmi.drivers.conformance import CHECKS
from plugins.mqtt.tests.device import MqttHarness


@pytest.fixture
async def harness(tmp_path):
    made = MqttHarness(tmp_path)
    await made.start()
    yield made
    await made.kill()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_mqtt_conforms(harness, check):
    await check(harness)
