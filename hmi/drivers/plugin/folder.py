"""Folders of plugins: one that comes with the program, and one of the station's owner."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from hmi.drivers.plugin.fault import DriverError
from hmi.drivers.plugin.manifest import FILE, Manifest, read_manifest
from hmi.drivers.plugin.place import Place, in_folder, inside


def names_in(folder: Path) -> list[str]:
    """The plugins in a folder: its folders with a manifest."""
    return sorted(file.parent.name for file in folder.glob(f"*/{FILE}")) if folder.is_dir() else []


def shipped_plugin(folder: Path, package: str) -> tuple[Manifest, Place]:
    """A plugin that came with the program.

    Raises:
        DriverError: its manifest cannot be understood.
    """
    manifest = read_manifest(folder)
    return manifest, inside(manifest.name, manifest.driver, package)


def owned_plugin(folder: Path) -> tuple[Manifest, Place]:
    """A plugin in a folder of the station's owner; its code is refused where anybody else could have put it.

    Raises:
        DriverError: others may change it, or its manifest cannot be understood.
    """
    require_owned(folder)
    manifest = read_manifest(folder)
    return manifest, in_folder(manifest.name, manifest.driver, folder)


def require_owned(folder: Path) -> None:
    """Checks that nobody but the station's user (and the administrator) can change code in or above a plugin.

    Windows: the data folder lies in the user's profile, which the system keeps from others.

    Raises:
        DriverError: with the file that others can change, and the command that changes this.
    """
    if os.name != "posix":
        return
    for file in _code(folder):
        held = file.lstat()
        if held.st_uid not in {0, os.geteuid()}:
            what = f"{file} belongs to another user, so the plugin '{folder.name}' is not run."
            raise DriverError(what, "Give it to the station's user with chown, if you know what it does.")
        # A link's own mode says nothing; what it leads to is checked by its own place among the parents.
        if file.is_symlink():
            raise DriverError(f"{file} is a link, so the plugin '{folder.name}' is not run.", "Copy what it leads to.")
        if held.st_mode & 0o022:
            what = f"{file} can be changed by others, so the plugin '{folder.name}' is not run."
            raise DriverError(what, f"Run `chmod -R go-w {folder.parent}`, if you know what is in there.")


def _code(folder: Path) -> Iterator[Path]:
    """The folder of plugins, the plugin and everything in it."""
    yield folder.parent
    yield folder
    yield from sorted(folder.rglob("*"))
