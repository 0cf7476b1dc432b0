"""A Modbus device that does what devices do, and a connection to it over a real socket."""

import pytest

from hmi.drivers.backoff import Backoff
from hmi.drivers.modbus import DRIVER
from hmi.drivers.modbus import poller as poller_module
from tests.helpers_drivers.modbus_device import ModbusDevice


@pytest.fixture
async def device():
    made = ModbusDevice()
    made.holding.update({n: n for n in range(50)})
    made.coils.update(dict.fromkeys(range(20), 0))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def rig(rig_of, device):
    return rig_of(DRIVER, f"127.0.0.1:{device.port}")


@pytest.fixture
def hasty(monkeypatch):
    """No waiting after a failure, so that many of them fit into a test."""
    monkeypatch.setattr("hmi.drivers.modbus.connection.Backoff", lambda: Backoff(first=0.001, cap=0.001))
    monkeypatch.setattr(poller_module, "_FAILURE", Backoff(first=0, cap=0))
    monkeypatch.setattr(poller_module, "REPROBE", 0)
    monkeypatch.setattr(poller_module, "PROBE", 0)
