"""Which drivers there are: built in, in folders of plugins, by entry point; loaded only when a project names them.

Nothing registers itself by being imported, and a driver that cannot be loaded costs only its own connections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, TypeVarTuple

from hmi.drivers.api import API_VERSION, Driver
from hmi.drivers.plugin.fault import DriverError
from hmi.drivers.plugin.folder import names_in, owned_plugin, shipped_plugin
from hmi.drivers.plugin.manifest import Manifest, missing
from hmi.drivers.plugin.place import Place, at, fetch
from hmi.drivers.plugin.trial import tried
from hmi.resources import plugins

GROUP: Final = "lineside.drivers"
"""Entry point group; the entry's name is the driver's name in `connections.toml`."""

Where = TypeVarTuple("Where")


@dataclass(frozen=True, slots=True)
class Found:
    """A driver that is there, not loaded yet."""

    place: Place | None
    """None: `fault` says why it cannot be used."""
    manifest: Manifest | None = None
    """None for built-in drivers and installed packages."""
    fault: DriverError | None = None


def builtin() -> Mapping[str, Found]:
    """The drivers that are part of the program."""
    homes = {"opcua": "hmi.drivers.opcua:DRIVER", "modbus": "hmi.drivers.modbus:DRIVER"}
    return {name: Found(at(name, home, built_in=True)) for name, home in homes.items()}


def available(owned: Path | None = None) -> dict[str, Found]:
    """Every driver by name; of two with one name the one counts that is nearer to the station's owner.

    `owned`: the folder of plugins in the station's data folder.
    """
    known = dict(builtin())
    folder, package = plugins()
    for name in names_in(folder):
        known[name] = _found(shipped_plugin, folder / name, package)
    for point in entry_points(group=GROUP):
        # The program announces its own drivers too.
        if point.name not in known or known[point.name].place != at(point.name, point.value, built_in=True):
            known[point.name] = Found(at(point.name, point.value))
    if owned is not None:
        known.update({name: _found(owned_plugin, owned / name) for name in names_in(owned)})
    return known


def _found(plugin: Callable[[*Where], tuple[Manifest, Place]], *where: *Where) -> Found:
    try:
        manifest, place = plugin(*where)
    except DriverError as fault:
        return Found(None, fault=fault)
    return Found(place, manifest)


Trial = Callable[[Iterable[Place]], Mapping[str, str]]
"""Imports code where it can do no harm; what is wrong, by the driver's name."""


def load(
    names: Iterable[str], known: Mapping[str, Found], trial: Trial = tried
) -> tuple[dict[str, Driver], dict[str, DriverError]]:
    """The drivers by these names, and by its name why each of the others cannot run."""
    drivers: dict[str, Driver] = {}
    faults: dict[str, DriverError] = {}
    places: list[Place] = []
    for name in sorted(set(names)):
        try:
            places.append(usable(name, known))
        except DriverError as fault:
            faults[name] = fault
    wrong = trial(place for place in places if not place.built_in)
    for place in places:
        try:
            if place.name in wrong:
                raise _unloadable(place, wrong[place.name])
            drivers[place.name] = _load(place)
        except DriverError as fault:
            faults[place.name] = fault
    return drivers, faults


def _load(place: Place) -> Driver:
    driver = _fetched(place)
    if not isinstance(driver, Driver):
        what = f"{place} of driver '{place.name}' is not a driver."
        raise DriverError(what, "Install a version made for this station.")
    _require_version(place.name, driver.api_version)
    return driver


def usable(name: str, known: Mapping[str, Found]) -> Place:
    """Where a driver is that may be loaded, as far as can be said before any of its code runs.

    Raises:
        DriverError: there is no such driver, or it was made for another station, or something it needs is missing.
    """
    found = known.get(name)
    if found is None:
        raise DriverError(f"There is no driver '{name}'.", f"Drivers here: {', '.join(sorted(known)) or 'none'}.")
    if found.place is None:
        raise found.fault or DriverError(f"Driver '{name}' cannot be used.", "Repair or remove it.")
    if found.manifest is not None:
        _require_version(name, found.manifest.api)
        lacking = missing(found.manifest)
        if lacking:
            raise DriverError(lacking)
    return found.place


def _require_version(name: str, version: int) -> None:
    if version != API_VERSION:
        raise DriverError(
            f"Driver '{name}' was built for driver API {version}, this station has {API_VERSION}.",
            "Install a matching version of the driver.",
        )


def _fetched(place: Place) -> object:
    try:
        return fetch(place)
    except (Exception, SystemExit) as fault:  # Foreign code runs here, and nothing of it may stop the others
        raise _unloadable(place, f"{type(fault).__name__}: {fault}") from fault


def _unloadable(place: Place, why: str) -> DriverError:
    return DriverError(f"Driver '{place.name}' ({place}) cannot be loaded: {why}.", "Repair or remove it.")
