"""`plugin.toml`: what a plugin says of itself before any of its code runs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from hmi.drivers.plugin.fault import DriverError

FILE: Final = "plugin.toml"
_REQUIREMENT: Final = re.compile(r"([A-Za-z0-9][\w.-]*)((?:\s*,?\s*(?:>=|<|==)\s*[0-9][0-9.]*)*)")
_BOUND: Final = re.compile(r"(>=|<|==)\s*([0-9.]+)")


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """The facts in `plugin.toml`."""

    name: str
    """The plugin's folder, and the driver's name in `connections.toml`."""
    title: str
    version: str
    api: int
    """`API_VERSION` of the door it was written for."""
    driver: str
    """`module:ATTRIBUTE` below the plugin's own package."""
    description: str
    """One sentence."""
    licence: str
    requires: tuple[str, ...] = ()
    """Python distributions beside those of the station: a name with bounds such as `>=2.5,<3`."""
    extra: str = ""
    """Extra of the distribution `lineside` that installs what it requires; empty: there is none."""


def read_manifest(folder: Path) -> Manifest:
    """What the plugin in this folder says of itself.

    Raises:
        DriverError: it says nothing, or nothing that can be understood.
    """
    file = folder / FILE
    try:
        found = msgspec.convert(tomllib.loads(file.read_text("utf-8")), Manifest)
    except (OSError, ValueError, msgspec.ValidationError) as fault:
        why = getattr(fault, "strerror", None) or fault
        raise DriverError(f"{file} cannot be read: {why}.", "Repair or remove the plugin.") from fault
    if found.name != folder.name:
        raise DriverError(f"{file} names the plugin '{found.name}'.", f"Name it '{folder.name}', as its folder.")
    if not re.fullmatch(r"[a-z]\w*(\.\w+)*:\w+", found.driver):
        raise DriverError(f"{file}: driver is '{found.driver}'.", "Write module:ATTRIBUTE, e.g. driver:DRIVER.")
    for text in found.requires:
        if _REQUIREMENT.fullmatch(text) is None:
            raise DriverError(f"{file}: '{text}' is no requirement.", "Write a name with bounds, e.g. aiomqtt>=2.5,<3.")
    return found


def missing(manifest: Manifest) -> str:
    """One sentence on what the plugin requires and this Python does not have; empty: it has everything."""
    lacking = list(_lacking(manifest))
    if not lacking:
        return ""
    how = f"lineside[{manifest.extra}]" if manifest.extra else " ".join(text.replace(" ", "") for text in lacking)
    return f"Driver '{manifest.name}' needs {' and '.join(lacking)}. Install it: pip install \"{how}\"."


def _lacking(manifest: Manifest) -> Iterator[str]:
    for text in manifest.requires:
        match = _REQUIREMENT.fullmatch(text)
        if match is None:
            raise AssertionError("a manifest is checked when it is read")
        try:
            here = version(match[1])
        except PackageNotFoundError:
            yield text
            continue
        if not all(_within(_release(here), operator, _release(bound)) for operator, bound in _BOUND.findall(match[2])):
            yield f"{text} (here is {here})"


def _within(here: tuple[int, ...], operator: str, bound: tuple[int, ...]) -> bool:
    width = max(len(here), len(bound))
    a, b = (part + (0,) * (width - len(part)) for part in (here, bound))
    return {">=": a >= b, "<": a < b, "==": a == b}[operator]


def _release(text: str) -> tuple[int, ...]:
    """The numbers a version begins with: what bounds are about."""
    leading = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in leading[0].split(".")) if leading else ()
