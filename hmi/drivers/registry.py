"""Which drivers there are: found by entry point, loaded only when a project names them.

Nothing registers itself by being imported, and a driver that cannot be loaded costs only its own connections.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Final

from hmi.core.errors import LinesideError
from hmi.drivers.api import API_VERSION, Driver

GROUP: Final = "lineside.drivers"
"""Entry point group; the entry's name is the driver's name in `connections.toml`."""


class DriverError(LinesideError):
    """A driver that is missing or cannot run here."""


def builtin() -> Mapping[str, str]:
    """Where the drivers that come with Lineside are, for a checkout that is not installed."""
    return {"opcua": "hmi.drivers.opcua:DRIVER", "modbus": "hmi.drivers.modbus:DRIVER"}


def available(fallback: Mapping[str, str]) -> dict[str, str]:
    """`module:attribute` of every driver by name; installed entry points and, where none is, `fallback`."""
    return {**fallback, **{point.name: point.value for point in entry_points(group=GROUP)}}


def load(names: Iterable[str], fallback: Mapping[str, str]) -> tuple[dict[str, Driver], list[DriverError]]:
    """The drivers of these names, and a sentence for each that cannot run."""
    places = available(fallback)
    drivers: dict[str, Driver] = {}
    faults: list[DriverError] = []
    for name in sorted(set(names)):
        try:
            drivers[name] = _load(name, places)
        except DriverError as fault:
            faults.append(fault)
    return drivers, faults


def _load(name: str, places: Mapping[str, str]) -> Driver:
    place = places.get(name)
    if place is None:
        known = ", ".join(sorted(places)) or "none"
        raise DriverError(f"There is no driver '{name}'.", f"Drivers here: {known}.")
    driver = _import(name, place)
    if not isinstance(driver, Driver):
        raise DriverError(f"{place} of driver '{name}' is not a driver.", "Install a version made for this station.")
    if driver.api_version != API_VERSION:
        raise DriverError(
            f"Driver '{name}' was built for driver API {driver.api_version}, this station has {API_VERSION}.",
            "Install a matching version of the driver.",
        )
    return driver


def _import(name: str, place: str) -> object:
    module, _, attribute = place.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except Exception as fault:  # Foreign code runs here, and nothing of it may stop the others
        why = f"{type(fault).__name__}: {fault}"
        raise DriverError(f"Driver '{name}' ({place}) cannot be loaded: {why}.", "Repair or remove it.") from fault
