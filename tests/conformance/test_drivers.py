"""Both built-in drivers pass the suite that every driver must pass."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from hmi.drivers.conformance import CHECKS, Harness
from tests.helpers_drivers.harness import ModbusHarness, OpcUaHarness, OpcUaProcess
from tests.helpers_drivers.modbus_device import ModbusDevice
from tests.helpers_drivers.modbus_rtu_device import PtyDevice, RtuOverTcpDevice

each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
Check = Callable[[Harness], Awaitable[None]]


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
    yield harness
    await harness.kill()


@pytest.fixture(params=["tcp", "rtu", "rtu_over_tcp"])
async def modbus(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Harness]:
    devices = {"tcp": ModbusDevice, "rtu": lambda: PtyDevice(tmp_path / "tty"), "rtu_over_tcp": RtuOverTcpDevice}
    harness = ModbusHarness(devices[request.param]())
    await harness.start()
    yield harness
    await harness.kill()


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """The library reports lost connections and garbage as errors of its own; the driver tells them its way."""
    caplog.set_level(logging.CRITICAL + 1, logger="asyncua")


@each_check
async def test_modbus_conforms(modbus: Harness, check: Check) -> None:
    await check(modbus)


@each_check
@pytest.mark.usefixtures("quiet")
async def test_opcua_conforms(opcua: Harness, check: Check) -> None:
    await check(opcua)
