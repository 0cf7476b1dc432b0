"""Every driver passes the same suite when its connection runs in a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from hmi.drivers.conformance import Harness
from hmi.drivers.conformance.hosted import in_process
from hmi.drivers.plugin.place import at
from tests.conformance.test_drivers import Check, each_check
from tests.helpers_drivers.harness import ModbusHarness, OpcUaHarness, OpcUaProcess
from tests.helpers_drivers.modbus_device import ModbusDevice


@pytest.fixture
async def modbus() -> AsyncIterator[Harness]:
    harness = ModbusHarness(ModbusDevice())
    await harness.start()
    yield in_process(harness, at("modbus", "hmi.drivers.modbus:DRIVER"))
    await harness.kill()


@pytest.fixture(scope="module")
def server() -> Iterator[OpcUaProcess]:
    process = OpcUaProcess()
    process.start()
    yield process
    process.kill()


@pytest.fixture
async def opcua(server: OpcUaProcess) -> AsyncIterator[Harness]:
    harness = OpcUaHarness(server)
    await server.ask(forget=None)
    await harness.start()
    yield in_process(harness, at("opcua", "hmi.drivers.opcua:DRIVER"))
    await harness.kill()


@each_check
async def test_opcua_conforms_in_a_process(opcua: Harness, check: Check) -> None:
    await check(opcua)


@each_check
async def test_modbus_conforms_in_a_process(modbus: Harness, check: Check) -> None:
    await check(modbus)
