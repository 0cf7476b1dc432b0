"""Where a driver's code is, and how it is fetched from there."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from msgspec import Struct

_FOLDERS: str = "lineside_plugin_"
"""Begins the module name of a plugin that is no part of an installed package."""


class Place(Struct, frozen=True):
    """The code of one driver; can be told to another process."""

    name: str
    """The driver's name in `connections.toml`."""
    module: str
    attribute: str
    folder: str = ""
    """The plugin's folder where Python does not find it by itself."""
    built_in: bool = False
    """Part of the program: trusted to be importable and to share the station's event loop."""

    def __str__(self) -> str:
        return self.folder or f"{self.module}:{self.attribute}"


def at(name: str, target: str, *, built_in: bool = False) -> Place:
    """The place an entry point names: `module:ATTRIBUTE`."""
    module, _, attribute = target.partition(":")
    return Place(name, module, attribute, built_in=built_in)


def inside(name: str, target: str, package: str) -> Place:
    """The place a manifest names, in a package that Python finds."""
    module, _, attribute = target.partition(":")
    return Place(name, f"{package}.{name}.{module}", attribute)


def in_folder(name: str, target: str, folder: Path) -> Place:
    """The place a manifest names, in a folder of its own."""
    module, _, attribute = target.partition(":")
    return Place(name, f"{_FOLDERS}{name}.{module}", attribute, str(folder))


def fetch(place: Place) -> object:
    """What the place holds. Raises whatever the code there raises."""
    if place.folder:
        _add_package(place.module.partition(".")[0], Path(place.folder))
    return getattr(import_module(place.module), place.attribute)


def _add_package(name: str, folder: Path) -> None:
    """Makes a folder importable under a name that no other package has; `sys.path` stays as it is."""
    if name in sys.modules:
        return
    spec = spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=[str(folder)])
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} is no package")
    package = module_from_spec(spec)
    sys.modules[name] = package
    try:
        spec.loader.exec_module(package)
    except BaseException:
        del sys.modules[name]
        raise
