"""What an engineer asks of devices before there are tags: which drivers there are, their directories, one value."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from hmi.core.errors import LinesideError
from hmi.core.tag import TagType
from hmi.drivers.api import BrowseItem, Browser, Described, Driver, OptionField, Point
from hmi.drivers.registry import Found, load
from hmi.link.messages import (
    BrowseDevice,
    DeviceItem,
    DevicePage,
    DeviceValue,
    DriverInfo,
    Drivers,
    GetDrivers,
    Message,
    OptionInfo,
    ReadDevice,
)
from hmi.station.cutting import cut
from hmi.station.links import Link

BROWSE_PATIENCE: Final = 20.0
READ_PATIENCE: Final = 5.0
"""Seconds until a device that does not answer is given up."""
_LONGEST: Final = 300
"""Characters of a description."""

Send = Callable[[Message], None]


class Devices:
    """Answers about drivers and running connections; changes nothing."""

    def __init__(self, links: Mapping[str, Link], known: Callable[[], Mapping[str, Found]]) -> None:
        """`known` finds the drivers there are."""
        self._links = links
        self._known = known

    async def drivers(self, request: GetDrivers, send: Send) -> None:
        """Every driver, with what it says of itself; one that cannot be used says why."""
        send(Drivers(request.request, await asyncio.to_thread(self._infos)))

    async def browse(self, request: BrowseDevice, send: Send) -> None:
        """The places below a node, in parts."""
        connection = self._running(request.connection)
        error, items = "", []
        if isinstance(connection, Browser):
            try:
                async with asyncio.timeout(BROWSE_PATIENCE):
                    items = [_item(item) for item in await connection.browse(request.node)]
            except TimeoutError:
                error = f"{request.connection} did not list its places within {BROWSE_PATIENCE:g} s. Try again."
            except LinesideError as fault:
                error = str(fault)
        else:
            error = f"{request.connection} has no directory: {self._why_not(request.connection)}"
        for part, done in cut(items):
            send(DevicePage(request.request, list(part), done, error))

    async def read(self, request: ReadDevice, send: Send) -> None:
        """One value of an address, as the device has it."""
        try:
            value = await self._read(request)
        except TimeoutError:
            value = _no_value(f"{request.connection} did not answer within {READ_PATIENCE:g} s.")
        except (LinesideError, ValueError) as fault:
            value = _no_value(str(fault))
        send(msgspec.structs.replace(value, request=request.request))

    async def _read(self, request: ReadDevice) -> DeviceValue:
        link = self._links.get(request.connection)
        if link is None or link.connection is None:
            return _no_value(self._why_not(request.connection))
        type_ = TagType(request.type)
        address = link.parse_address(request.address, type_)
        point = Point(-1, request.address, address, type_, 1.0, options=request.driver)
        async with asyncio.timeout(READ_PATIENCE):
            [sample] = await link.connection.read([point])
        return DeviceValue(0, sample.value, sample.status, sample.time)

    def _running(self, name: str) -> object:
        link = self._links.get(name)
        return None if link is None else link.connection

    def _why_not(self, name: str) -> str:
        link = self._links.get(name)
        if link is None:
            return f"no connection {name!r} runs."
        return "its driver does not offer one." if link.connection is not None else "it is switched off."

    def _infos(self) -> list[DriverInfo]:
        known = self._known()
        drivers, faults = load(known, known)
        return [
            _info(name, drivers[name]) if name in drivers else DriverInfo(name, name, error=str(faults[name]))
            for name in known
        ]


def _info(name: str, driver: Driver) -> DriverInfo:
    if not isinstance(driver, Described):
        return DriverInfo(name, name)
    options = [_option(field) for field in driver.fields]
    return DriverInfo(name, driver.title, driver.endpoint_example, driver.address_example, options)


def _option(field: OptionField) -> OptionInfo:
    choices = list(field.choices)
    return OptionInfo(field.name, field.help, field.default, field.low, field.high, choices, field.secret)


def _item(item: BrowseItem) -> DeviceItem:
    return DeviceItem(
        item.node,
        item.name,
        item.kind.value,
        item.below,
        item.address,
        item.type.value if item.type is not None else "",
        item.unit,
        item.low,
        item.high,
        dict(item.states),
        item.description[:_LONGEST],
        item.writable,
    )


def _no_value(why: str) -> DeviceValue:
    return DeviceValue(0, None, 0, 0, why)
