"""Directories, single values and drivers, as an engineer asks for them; nothing hangs, nothing is changed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from hmi.core.errors import ConnectError
from hmi.drivers.api import BrowseItem, BrowseKind
from hmi.drivers.registry import available
from hmi.link.messages import (
    MAX_MESSAGE,
    BrowseDevice,
    DevicePage,
    DeviceValue,
    Drivers,
    GetDrivers,
    Message,
    ReadDevice,
)
from hmi.station import devices as module
from hmi.station.devices import Devices
from tests.helpers_drivers.wild import plugin
from tests.unit.station.fakes import FakeClock, FakeConnection, link


class Directory(FakeConnection):
    """A device with a directory; without an answer when it hangs."""

    def __init__(self, count: int = 2) -> None:
        super().__init__()
        self.count = count
        self.hangs = False

    async def browse(self, node: str) -> Sequence[BrowseItem]:
        if self.hangs:
            await asyncio.Event().wait()
        if node == "nowhere":
            raise ConnectError("The PLC does not answer.", "Look at its cable.")
        return [BrowseItem(f"{node}{at}", f"n{at}", BrowseKind.VARIABLE, below=False) for at in range(self.count)]


def of(connection: FakeConnection) -> tuple[Devices, list[Message]]:
    return Devices({"plc": link(connection, FakeClock())}, available), []


async def test_a_directory_comes_in_parts():
    devices, said = of(Directory(10_000))
    await devices.browse(BrowseDevice(7, "plc", ""), said.append)
    pages = [page for page in said if isinstance(page, DevicePage)]
    assert [(page.request, page.done, page.error) for page in pages[:-1]] == [(7, False, "")] * (len(pages) - 1)
    assert (pages[-1].request, pages[-1].done, pages[-1].error) == (7, True, "")
    assert [item.name for page in pages for item in page.items] == [f"n{at}" for at in range(10_000)]
    assert len(pages) > 1
    assert all(len(msgspec.msgpack.encode(page)) <= MAX_MESSAGE for page in pages)
    assert (pages[0].items[0].name, pages[0].items[0].kind) == ("n0", "variable")


@pytest.mark.parametrize(
    ("connection", "name", "node", "why"),
    [
        (Directory(), "plc", "nowhere", "The PLC does not answer. Look at its cable."),
        (Directory(), "other", "", "other has no directory: no connection 'other' runs."),
        (FakeConnection(), "plc", "", "plc has no directory: its driver does not offer one."),
    ],
)
async def test_what_cannot_be_browsed_says_why(connection, name, node, why):
    devices, said = of(connection)
    await devices.browse(BrowseDevice(1, name, node), said.append)
    assert said == [DevicePage(1, [], True, why)]


async def test_a_device_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(module, "BROWSE_PATIENCE", 0.0)
    directory = Directory()
    directory.hangs = True
    devices, said = of(directory)
    await devices.browse(BrowseDevice(1, "plc", ""), said.append)
    [page] = said
    assert isinstance(page, DevicePage)
    assert page.error == "plc did not list its places within 0 s. Try again."


async def test_an_address_is_read_once():
    connection = FakeConnection()
    connection.held[-1] = 42.5
    devices, said = of(connection)
    await devices.read(ReadDevice(3, "plc", "holding:1", "float"), said.append)
    assert said == [DeviceValue(3, 42.5, 0, 0)]
    assert connection.writes == []


@pytest.mark.parametrize(
    ("name", "type_", "why"),
    [("other", "float", "no connection 'other' runs."), ("plc", "double", "'double' is not a valid TagType")],
)
async def test_what_cannot_be_read_says_why(name, type_, why):
    devices, said = of(FakeConnection())
    await devices.read(ReadDevice(3, name, "holding:1", type_), said.append)
    assert said == [DeviceValue(3, None, 0, 0, why)]


async def test_every_driver_describes_itself():
    devices, said = of(FakeConnection())
    await devices.drivers(GetDrivers(5), said.append)
    [answer] = said
    assert isinstance(answer, Drivers)
    by_name = {driver.name: driver for driver in answer.drivers}
    assert {"opcua", "modbus", "simulator", "mqtt"} <= set(by_name)
    assert by_name["modbus"].title.startswith("Modbus")
    assert by_name["modbus"].endpoint_example
    assert [option.name for option in by_name["modbus"].options][:1] == ["unit"]
    assert all(not driver.error for driver in answer.drivers), [d.error for d in answer.drivers if d.error]


async def test_a_driver_that_says_nothing_of_itself_says_why(tmp_path):
    (plugin(tmp_path / "plugins", "wild") / "plugin.toml").write_text("name = 1")
    devices = Devices({}, lambda: available(tmp_path / "plugins"))
    said: list[Message] = []
    await devices.drivers(GetDrivers(5), said.append)
    [answer] = said
    assert isinstance(answer, Drivers)
    [error] = [driver.error for driver in answer.drivers if driver.name == "wild"]
    assert "plugin.toml cannot be read" in error
