"""Where a client finds a station; apart from the client, so that a command line need not load it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from hmi.station.places import KEY_FILE, listening_file

DEFAULT_URL: Final = "ws://127.0.0.1:8470"


def key_file_for(url: str) -> Path | None:
    """The key file of the station that listens at a URL, when it runs on this PC under this user."""
    note = listening_file(url)
    try:
        return Path(json.loads(note.read_text("utf-8"))["data"]) / KEY_FILE
    except (OSError, ValueError, KeyError):
        return None
