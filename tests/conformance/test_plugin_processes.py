"""Plugins pass the suite when their connection runs in a process of its own, where the panel may put it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hmi.drivers.conformance import Harness
from hmi.drivers.conformance.hosted import in_process
from hmi.drivers.plugin.place import inside
from plugins.mqtt.tests.device import MqttHarness
from plugins.sparkplug.tests.harness import SparkplugHarness
from tests.conformance.test_drivers import Check, each_check


@pytest.fixture(params=[MqttHarness, SparkplugHarness], ids=lambda made: made.driver.name)
async def harness(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Harness]:
    made = request.param(tmp_path)
    await made.start()
    yield in_process(made, inside(made.driver.name, "driver:DRIVER", "plugins"))
    await made.kill()


@each_check
async def test_a_plugin_conforms_in_a_process(harness: Harness, check: Check) -> None:
    await check(harness)
