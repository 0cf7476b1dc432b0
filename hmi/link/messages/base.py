"""What every message has in common, and the figures both sides keep to."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

PROTOCOL: Final = 2
"""Raised by any change that an older side would misread."""

MAX_MESSAGE: Final = 256 * 1024
"""Bytes; anything larger is cut into several messages by the sender."""

BEAT_INTERVAL: Final = 500_000_000
"""ns; a station sends a beat at least this often."""

BEAT_TIMEOUT: Final = 2_000_000_000
"""ns without a beat, or with a scan counter that stands still, until every value is Bad_NoCommunication."""

SEEN_TIMEOUT: Final = 5_000_000_000
"""ns without `Seen` until the station ends a session."""

FRAMES_UNDER_WAY: Final = 2


class Message(Struct, frozen=True, array_like=True, tag=True, tag_field="t"):
    """Base of everything on the wire."""
