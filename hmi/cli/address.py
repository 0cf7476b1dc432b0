"""Where a client finds a station; apart from the client, so that a command line need not load it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from hmi.station.places import KEY_FILE, SYSTEM_ROOT, listening_file

DEFAULT_URL: Final = "ws://127.0.0.1:8470"


def key_file_for(url: str) -> Path | None:
    """The key file of the station that listens at a URL, when it runs on this PC under this user, as a service too."""
    own = _key_file(listening_file(url))
    return own if own is not None else _service_key_file(url)


def _service_key_file(url: str) -> Path | None:
    file = _key_file(listening_file(url, SYSTEM_ROOT))
    try:
        # A service's note is another account's word: a key that anybody can read proves nothing about who listens.
        return file if file is not None and os.name == "posix" and not file.stat().st_mode & 0o077 else None
    except OSError:
        return None


def _key_file(note: Path) -> Path | None:
    try:
        return Path(json.loads(note.read_text("utf-8"))["data"]) / KEY_FILE
    except (OSError, ValueError, KeyError):
        return None
