"""audit.head: the end of the audit trail in a file of its own, so that a trail cut short, or an old events.db put in
its place, is found."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from hmi.historian.audit import Head

HEAD_NAME: Final = "audit.head"


def write_head(folder: Path, head: Head) -> None:
    """Replaces the file as a whole.

    Raises:
        OSError: the disk does not take it.
    """
    path = folder / HEAD_NAME
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump({"seq": head.seq, "hash": head.hash}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def read_head(folder: Path) -> Head | None:
    """What the file says; None when it is missing or unreadable."""
    try:
        found = json.loads((folder / HEAD_NAME).read_text(encoding="utf-8"))
        return Head(int(found["seq"]), str(found["hash"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
