"""System libraries that Qt loads and no Python package brings.

A library counts as there when this process can load it: a package list would be wrong on machines that have the
library from elsewhere, and would not notice one that is installed and broken.
"""

import ctypes
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.problem import SetupError

OS_RELEASE = Path("/etc/os-release")


@dataclass(frozen=True, slots=True)
class Library:
    """One shared library and the package that brings it on Debian, Fedora and Arch."""

    soname: str
    debian: str
    fedora: str
    arch: str


QT = (
    Library("libEGL.so.1", "libegl1", "libglvnd-egl", "libglvnd"),
    Library("libGL.so.1", "libgl1", "libglvnd-glx", "libglvnd"),
    Library("libglib-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
    Library("libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "dbus"),
    Library("libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig"),
    Library("libfreetype.so.6", "libfreetype6", "freetype", "freetype2"),
    Library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon", "libxkbcommon"),
    Library("libgssapi_krb5.so.2", "libgssapi-krb5-2", "krb5-libs", "krb5"),
)
"""What Qt needs even without a screen."""

X11 = (
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    Library("libxcb-shape.so.0", "libxcb-shape0", "libxcb", "libxcb"),
)
"""What a window on an X server needs in addition."""


def loads(soname: str) -> bool:
    """Whether the dynamic linker finds this library and everything it needs in turn."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def missing(environment: Mapping[str, str], found: Callable[[str], bool] = loads) -> list[Library]:
    """The libraries Qt would fail without on this machine, given the display it would open."""
    opens_window = environment.get("DISPLAY") and "xcb" in (environment.get("QT_QPA_PLATFORM") or "xcb")
    wanted = QT + X11 if opens_window else QT
    return [library for library in wanted if not found(library.soname)]


def os_release(text: str) -> dict[str, str]:
    """The fields of an os-release file; quotes are taken off."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip().strip("\"'") for key, value in pairs}


def is_like(system: Mapping[str, str], family: str) -> bool:
    """Whether a distribution is of this family (`debian`, `fedora`, `arch`) or made from it."""
    return family in (system.get("ID", ""), *system.get("ID_LIKE", "").split())


def debian_names(libraries: Iterable[Library], system: Mapping[str, str]) -> list[str]:
    """Package names on this release: Debian 13 and Ubuntu 24.04 renamed GLib's for 64-bit time."""
    first = {"ubuntu": (24, 4), "linuxmint": (22,)}.get(system.get("ID", ""), (13,))
    version = tuple(int(part) for part in re.findall(r"\d+", system.get("VERSION_ID", "")))
    unreleased = not version
    renamed = {"libglib2.0-0": "libglib2.0-0t64"} if unreleased or version >= first else {}
    return [renamed.get(library.debian, library.debian) for library in libraries]


def install_command(libraries: Iterable[Library], system: Mapping[str, str]) -> str | None:
    """The one command a person types to get these libraries, or None on a system this table does not know."""
    libraries = list(libraries)
    if is_like(system, "debian"):
        return "apt-get install " + " ".join(debian_names(libraries, system))
    if is_like(system, "fedora"):
        return "dnf install " + " ".join(dict.fromkeys(library.fedora for library in libraries))
    if is_like(system, "arch"):
        return "pacman -S " + " ".join(dict.fromkeys(library.arch for library in libraries))
    return None


def apt_install(packages: list[str], say: Callable[[str], None]) -> None:
    """Install Debian packages as root; the package lists are renewed first, a fresh container has none."""
    say(f"Installing system packages: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    update = ["apt-get", "-qq", "update"]
    install = [
        "apt-get",
        "-qq",
        "-o",
        "DPkg::Lock::Timeout=120",
        "install",
        "--yes",
        "--no-install-recommends",
        *packages,
    ]
    for command in (update, install):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[-1]
        raise SetupError(
            f"apt-get could not install {' '.join(packages)} ({reason}): check the network and the package sources of "
            f"this machine, then run 'apt-get update && apt-get install {' '.join(packages)}'."
        )


def read_os_release() -> dict[str, str]:
    """What this machine says about itself; empty where it says nothing."""
    try:
        return os_release(OS_RELEASE.read_text(encoding="utf-8"))
    except OSError:
        return {}


def may_install(system: Mapping[str, str]) -> bool:
    """Whether set-up installs system packages by itself: as root on Debian and what is made from it, nowhere else."""
    return is_like(system, "debian") and hasattr(os, "geteuid") and os.geteuid() == 0


def provide(environment: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Make sure that Qt finds its libraries: install them where that is ours to do, else say which are missing."""
    if sys.platform != "linux":
        return
    lacking = missing(environment)
    if not lacking:
        return
    system = read_os_release()
    if may_install(system):
        apt_install(debian_names(lacking, system), say)
        lacking = missing(environment)
    if lacking:
        names = ", ".join(library.soname for library in lacking)
        command = install_command(lacking, system)
        what = f"as root, run: {command}" if command else "install the packages of your system that contain them"
        raise SetupError(f"Qt needs system libraries that this machine does not load: {names}; {what}")
