"""How much a store keeps in memory and how often it writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hmi.historian.merge import ROW_SAMPLES
from hmi.historian.sqlite import Connection


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """The defaults suit a station of 20,000 changes/s."""

    flush_seconds: float = 1.0
    """Longest time a sample waits before it is written."""
    flush_rows: int = 65_536
    """So many waiting rows are written at once, without waiting for the time to pass."""
    max_rows: int = 1_000_000
    """Rows that may wait while the disk takes nothing; beyond, the oldest are dropped."""
    max_bytes: int = 64 * 1024 * 1024
    """The same in bytes of memory."""
    merge_rows: int = 262_144
    """So many samples in flush rows are merged into rows sorted by tag."""
    merge_flushes: int = 1024
    """So many flush rows are merged, however few samples they hold."""
    merged_size: int = ROW_SAMPLES
    """Samples of a merged row."""
    retry_seconds: float = 1.0
    """Pause after the disk refused."""
    prepare: Callable[[Connection], None] | None = None
    """Called with each new writing connection (a test limits the file's size by it)."""
