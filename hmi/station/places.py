"""Where a station keeps its data and how a local client finds it: folders and small files of the user's profile.

The station's data folder holds the link key, the password hashes and the history; it never lies inside a project.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path
from typing import Final

from hmi.resources import assets

SYSTEM_ROOT: Final = Path("/var/lib/lineside")
"""The folder of all stations that are services of a Linux PC: a service has no profile of its own to write to."""


def data_root() -> Path:
    """The folder of all stations of this user (`LINESIDE_DATA` overrides it)."""
    chosen = os.environ.get("LINESIDE_DATA")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "Lineside"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Lineside"
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "lineside"


def data_folder(project: Path) -> Path:
    """The data folder of a project: the same for the same place, whoever asks, and `demo` for the demo."""
    place = project.resolve()
    if place.name == "demo" and place == assets() / "demo":
        return data_root() / "demo"
    digest = hashlib.sha256(str(place).encode()).hexdigest()[:8]
    return data_root() / f"{place.name}-{digest}"


def url_for(host: str, port: int) -> str:
    """The URL under which this PC reaches a station that listens at an address, perhaps at all of the PC's."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - replaced, not bound
    return f"ws://{f'[{host}]' if ':' in host else host}:{port}"


def listening_file(url: str, root: Path | None = None) -> Path:
    """The file in which a running station tells local clients where its key lies; `root` is `data_root` if left out."""
    place = url.split("://", 1)[-1].split("/", 1)[0].lower()
    name = re.sub(r"^localhost(?=:|$)", "127.0.0.1", place).replace(":", "_")
    return (data_root() if root is None else root) / "listening" / f"{name}.json"


KEY_FILE = "link.key"
"""32 random bytes, readable by the station's user alone."""
