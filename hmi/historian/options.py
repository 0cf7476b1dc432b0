"""How much a store keeps in memory and how often it writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hmi.core.project import DEFAULT_GROUP, Retention
from hmi.historian.blocks import BLOCK_ROWS
from hmi.historian.merge import ROW_SAMPLES
from hmi.historian.sqlite import Connection


def _default_group(_tag: int) -> str:
    return DEFAULT_GROUP


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
    compact_rows: int = 524_288
    """So many samples in the journal are filed into the data files."""
    compact_flushes: int = 1024
    """So many flushes are filed, however few samples they hold."""
    run_rows: int = ROW_SAMPLES
    """Samples of a run."""
    fresh_runs: int = 16
    """So many fresh runs of neighbouring tags are joined."""
    joined_runs: int = 6
    """So many joined ones are joined once more."""
    block_from: int = 4096
    """A tag with so many samples in runs gets a block of its own."""
    block_rows: int = BLOCK_ROWS
    """Most samples of a block."""
    group_of: Callable[[int], str] = _default_group
    """Names the retention group of a tag."""
    retention: Mapping[str, Retention] = field(default_factory=dict)
    """What each retention group may come to; a group that is not named is kept for ever."""
    retry_seconds: float = 1.0
    """Pause after the disk refused."""
    prepare: Callable[[Connection], None] | None = None
    """Called with each new writing connection (a test limits the file's size by it)."""
