"""Samples and what people do are apart: an acknowledgement never waits for history to be tidied up."""

import threading
from pathlib import Path

import numpy as np

from hmi.core.batch import Batch
from hmi.core.instants import SECOND, Instants
from hmi.historian.event_tables import EventLine
from hmi.historian.events import open_events
from hmi.historian.sqlite import Connection
from hmi.historian.store import StoreOptions, open_store

WAIT = 20.0


def clock() -> Instants:
    return Instants(5, 1_000 * SECOND)


def test_events_are_committed_while_a_data_file_is_being_written(tmp_path: Path) -> None:
    filing, go_on = threading.Event(), threading.Event()

    def stall() -> None:
        filing.set()
        assert go_on.wait(WAIT)

    def prepare(connection: Connection) -> None:
        if connection.execute("SELECT count(*) FROM main.sqlite_schema WHERE name = 'run'").fetchone()[0]:
            connection.create_function("stall", 0, stall)
            connection.execute("CREATE TEMP TRIGGER stalls BEFORE INSERT ON main.run BEGIN SELECT stall(); END")

    writer = open_store(tmp_path, clock=clock, options=StoreOptions(compact_flushes=1, prepare=prepare))
    events = open_events(tmp_path, clock=clock)
    time = np.arange(100, dtype=np.int64)
    writer.append(Batch(np.ones(100, np.int32), time, time, np.ones(100), np.zeros(100, np.uint32)))
    writer.flush()
    assert filing.wait(WAIT)
    try:
        events.note([EventLine(7, "operator", "panel", "acknowledged")]).result(WAIT)
    finally:
        go_on.set()
    events.close()
    writer.close()
