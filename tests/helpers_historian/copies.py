"""A store with everything in it, what lies in a folder, and the way back from a backup."""

from pathlib import Path

import numpy as np

from hmi.core.batch import Batch, batch_of
from hmi.core.instants import SECOND, Instants
from hmi.historian.annotations import Annotations
from hmi.historian.audit import AuditEntry
from hmi.historian.catalogue import Catalogue
from hmi.historian.events import open_events
from hmi.historian.restore import Restored, restore
from hmi.historian.store import StoreOptions, open_reader, open_store

SMALL = StoreOptions(
    flush_seconds=0.001,
    compact_rows=3000,
    compact_flushes=20,
    run_rows=300,
    fresh_runs=2,
    block_from=100,
    block_rows=500,
)
LATEST = 1 << 62
NOW = Instants(0, 1_800_000_000 * SECOND)
MONTH = 31 * 86_400 * SECOND
BASE = 1_780_000_000 * SECOND


def clock() -> Instants:
    return NOW


def quiet(_event: object) -> None:
    """Nobody listens."""


def piece(number: int, tags: int = 3, rows: int = 50, start: int = BASE, step: int = 1) -> Batch:
    """Batch n of a stream: its values say which one it is, and no time comes twice."""
    times = start + (number * rows + np.arange(rows)) * step
    return batch_of(
        np.repeat(np.arange(1, tags + 1), rows).astype(np.int32),
        np.tile(times, tags),
        np.zeros(tags * rows, np.int64),
        np.full(tags * rows, float(number)),
        np.zeros(tags * rows, np.uint32),
    )


def whole_store(folder: Path, batches: int = 60) -> None:
    """A store with three months, names, annotations, events and an audit trail."""
    writer = open_store(folder, clock=clock, options=SMALL, on_health=quiet)
    step = 2 * MONTH // (50 * batches)
    for n in range(batches - 1):
        writer.append(piece(n, step=step))
    writer.tidy()
    writer.append(piece(batches - 1, step=step))
    writer.close()
    events = open_events(folder, clock=clock)
    for n in range(5):
        events.audit(AuditEntry("anna", "operator", "pc1", "write", "line/speed", new=n)).result(30)
    events.close()
    with Catalogue(folder) as catalogue:
        catalogue.ids_for([(f"u{n}", f"line/t{n}", False, False) for n in (1, 2, 3)], 1)
        Annotations(catalogue).annotate("Filter changed.", "anna", 5, BASE, BASE, 1)


def samples_of(folder: Path, tag: int = 1) -> list[tuple[int, float]]:
    reader = open_reader(folder)
    page = reader.read_raw(tag, 0, LATEST)
    reader.close()
    return list(zip(page.time.tolist(), page.value.tolist(), strict=True))


def contents(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def put_back(source: Path, folder: Path) -> Restored:
    return restore(source, folder, now=NOW, by="eve")
