"""A store with a clock that a test sets: samples come, are filed, and the station restarts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from hmi.core.batch import Batch, batch_of
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.historian.health import HealthEvent
from hmi.historian.store import StoreOptions, StoreWriter, open_reader, open_store

LATEST = 1 << 62
OPTIONS = StoreOptions(flush_seconds=3600, block_from=100, block_rows=400, run_rows=200)


def at(month: int, day: int = 1, second: int = 0) -> int:
    """ns UTC in 2026."""
    return (int(datetime(2026, month, day, tzinfo=UTC).timestamp()) + second) * SECOND


def ramp(tag: int, start: int, count: int, step: int = SECOND, first: float = 0.0) -> Batch:
    times = start + np.arange(count) * step
    return batch_of([tag] * count, times, [0] * count, first + np.arange(count), [0] * count)


class Plant:
    """One after the other writes the store in `folder`; `heard` is what they told."""

    def __init__(self, folder: Path, options: StoreOptions = OPTIONS, now: int = at(11)) -> None:
        self.folder, self.options, self.now = folder, options, now
        self.heard: list[HealthEvent] = []
        self.writer = self._opened()

    def _opened(self) -> StoreWriter:
        return open_store(
            self.folder, clock=lambda: Instants(0, self.now), options=self.options, on_health=self.heard.append
        )

    def restart(self, options: StoreOptions | None = None) -> None:
        self.writer.close()
        self.options = options or self.options
        self.writer = self._opened()

    def file(self, *batches: Batch) -> None:
        """Time goes on to the newest sample, and everything is filed."""
        self.append(*batches)
        self.writer.tidy()

    def append(self, *batches: Batch) -> None:
        """The same, in the journal."""
        for batch in batches:
            self.now = max(self.now, int(batch.time.max()))
            self.writer.append(batch)
        self.writer.flush()

    def let_go(self) -> None:
        """The data files are closed, as if others had been written meanwhile; for a writer that has nothing to do."""
        self.writer._tidying.close()

    def path(self, name: str, group: str = "default") -> Path:
        return self.folder / "data" / group / f"{name}.db"

    def names(self, group: str = "default") -> list[str]:
        return sorted(path.name for path in self.path("x", group).parent.glob("*.db"))

    def told(self) -> list[tuple[str, str]]:
        return [(event.kind.value, event.text) for event in self.heard]

    def close(self) -> None:
        self.writer.close()


def read(folder: Path, tag: int, low: int = -LATEST, high: int = LATEST) -> list[tuple[int, float | None]]:
    """Time and value of each sample; None where it says that samples are lost."""
    reader = open_reader(folder)
    page = reader.read_raw(tag, low, high)
    reader.close()
    lost = page.status == Status.BAD_DATA_LOST
    assert (lost | (page.status == 0)).all()
    return [
        (time, None if gone else value)
        for time, value, gone in zip(page.time.tolist(), page.value.tolist(), lost.tolist(), strict=True)
    ]


def samples(*batches: Batch) -> list[tuple[int, float]]:
    """What a read of these batches gives."""
    return [pair for batch in batches for pair in zip(batch.time.tolist(), batch.value.tolist(), strict=True)]


def regrouped(options: StoreOptions, groups: Sequence[str]) -> StoreOptions:
    """The group of each tag by its number."""
    return replace(options, group_of=lambda tag: groups[tag])
