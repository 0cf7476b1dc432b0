"""The second pass: a checked file into a store that nobody else writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from hmi.core.batch import Batch, Int32
from hmi.core.errors import LinesideError
from hmi.core.instants import Clock, Instants
from hmi.core.project import DEFAULT_GROUP
from hmi.historian.api import StoreError, Writer
from hmi.historian.backfill.columns import ColumnReader, Columns
from hmi.historian.backfill.content import Content, Progress, stamp_of
from hmi.historian.backfill.csv_rows import read_chunks
from hmi.historian.catalogue import Catalogue
from hmi.historian.health import HealthEvent, HealthKind
from hmi.historian.store import StoreOptions, open_store

_PATIENCE_S: Final = 60.0
"""For the disk to take a chunk, tidying up included."""


_TIDY_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    rows: int
    made: dict[str, str]
    """The uids of new tags by path."""
    notes: tuple[str, ...]
    """What the store told meanwhile, for a person."""


class _OutsideClock:
    """The clock of a writer that is no station. A store notes with every commit that its station is alive, and the
    station marks the time since then as unknown when it starts; an import must not move that mark."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.alive: int | None = None

    def __call__(self) -> Instants:
        now = self._clock()
        return now if self.alive is None else Instants(now.mono, self.alive)


def import_file(content: Content, folder: Path, clock: Clock, progress: Progress) -> Imported:
    """Stores every row of a checked file; of samples with the same tag and time the last one written counts, also
    against what the store had.

    Raises:
        StoreLockedError: a station writes the store.
        StoreError: the disk does not take it; the text tells how far it came.
        LinesideError: the file was changed meanwhile.
    """
    outside, told, groups = _OutsideClock(clock), list[HealthEvent](), dict[int, str]()
    options = StoreOptions(group_of=lambda tag: groups.get(tag) or DEFAULT_GROUP)
    writer = open_store(folder, clock=outside, options=options, on_health=told.append)
    try:
        alive = writer.recovered()
        outside.alive = content.last if alive is None else alive
        ids, made = _numbers(content, folder, groups)
        _store(content, ids, writer, told, progress)
        with suppress(StoreError):  # every row is on the disk; what cannot be filed now is told and filed later
            writer.tidy(_TIDY_SECONDS)
    finally:
        writer.close()
    return Imported(content.rows, made, tuple(event.text for event in told))


def _numbers(content: Content, folder: Path, groups: dict[int, str]) -> tuple[Int32, dict[str, str]]:
    """The catalogue's number of each target, new ones made, and the uids of these by path; fills in `groups`."""
    entries = content.targets.entries()
    with Catalogue(folder) as catalogue:
        # As of the oldest sample: the name was the tag's when they were taken.
        found = catalogue.ids_for(entries, content.first or 0)
        groups.update(catalogue.groups())
    made = {path: uid for uid, path, _, _ in entries}
    targets = content.targets.list
    ids = [t.tag.id if t.tag is not None else found[made[t.name]] for t in targets]
    return np.array(ids, np.int32), made


def _store(content: Content, ids: Int32, writer: Writer, told: list[HealthEvent], progress: Progress) -> None:
    stored = 0
    try:
        for columns, done in _columns(content):
            # Full queues drop: only when the disk has the last chunk does the writer get the next.
            _flush(writer, told)
            writer.append(_batch(columns, ids))
            stored += len(columns)
            progress(done)
        _flush(writer, told)
    except StoreError as error:
        raise StoreError(
            f"{error.what} At most {stored:,} of {content.rows:,} rows of {content.path} were imported.",
            f"{error.do} Then import the file again: no sample is doubled.".lstrip(),
        ) from error


def _columns(content: Content) -> Iterator[tuple[Columns, float]]:
    changed = LinesideError(f"{content.path} was changed while it was imported.", "Import it again.")
    reader = ColumnReader(content.targets)
    for chunk in read_chunks(content.path):
        columns = reader.read(chunk)
        if columns.findings or stamp_of(content.path) != content.stamp:
            raise changed
        yield columns, chunk.done


def _flush(writer: Writer, told: list[HealthEvent]) -> None:
    writer.flush(_PATIENCE_S)
    if any(event.kind is HealthKind.OVERFLOW for event in told):
        raise StoreError("The store lost rows that it had taken.", "Report this defect.")


def _batch(columns: Columns, ids: Int32) -> Batch:
    value, texts = columns.value.copy(), dict[str, int]()
    for row, text in columns.text.items():
        value[row] = texts.setdefault(text, len(texts))
    return Batch(
        ids[columns.target],
        columns.time,
        np.zeros(len(columns), np.int64),
        value,
        columns.status.astype(np.uint32),
        tuple(texts),
        np.array(list(columns.text), np.int32),
        backfill=True,
    )
