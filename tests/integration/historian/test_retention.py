"""A running writer deletes the months that are too old, one of each group an hour."""

import threading
from pathlib import Path

from hmi.core.instants import Instants
from hmi.core.project import Retention
from hmi.historian import files
from hmi.historian.health import HealthEvent, HealthKind
from hmi.historian.options import StoreOptions
from hmi.historian.store import StoreWriter, open_store
from tests.helpers_historian.bench import END, Bench, at, key
from tests.helpers_historian.columns import rows, shown


class Watch:
    """A clock that stands until it is moved, and an ear for what retention deleted."""

    def __init__(self, utc: int) -> None:
        self.utc = utc
        self.pruned: list[str] = []
        self._heard = threading.Condition()

    def clock(self) -> Instants:
        return Instants(0, self.utc)

    def hear(self, event: HealthEvent) -> None:
        assert event.kind is HealthKind.PRUNED, event.text
        with self._heard:
            self.pruned.append(event.text.split()[2])
            self._heard.notify_all()

    def wait(self, count: int) -> list[str]:
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.pruned) >= count, 30)
            return list(self.pruned)


def _running(folder: Path, watch: Watch, **retention: Retention) -> StoreWriter:
    options = StoreOptions(
        flush_seconds=0.001, compact_rows=2, compact_flushes=1, block_from=1, fresh_runs=1, retention=retention
    )
    return open_store(folder, clock=watch.clock, options=options, on_health=watch.hear)


def test_a_running_writer_prunes_a_month_of_each_group_an_hour(bench: Bench, tmp_path: Path) -> None:
    for month in range(1, 6):
        bench.file(rows((1, at(month, 3), float(month))))
        bench.file(rows((2, at(month, 3), float(month))), group="other")
    bench.file(rows((3, at(1, 3), 33.0)))
    bench.shelf.close()
    watch = Watch(at(6, 1))
    writer = _running(bench.folder, watch, default=Retention(max_age_days=60))
    inside = writer.reader()
    assert watch.wait(1) == ["default/2026-01.db"]
    writer.append(rows((1, at(6), 6.0)))
    writer.flush()
    assert len(watch.pruned) == 1
    watch.utc += 3600 * 10**9
    assert watch.wait(2) == ["default/2026-01.db", "default/2026-02.db"]
    watch.utc += 3600 * 10**9
    assert watch.wait(3)[-1] == "default/2026-03.db"
    assert shown(inside.read_raw(3, at(6), at(6) + 1, bounds=True))[0] == (at(1, 3), 33.0)
    assert shown(inside.read_raw(1, 0, END)) == [
        (at(3, 3), 3.0),
        (at(4, 3), 4.0),
        (at(5, 3), 5.0),
        (at(6), 6.0),
    ]
    inside.close()
    writer.close()
    assert len([k for k in files.present(bench.folder) if k.group == "other"]) == 5


def test_a_late_sample_of_a_pruned_month_goes_at_the_next_look(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 1.0)))
    bench.shelf.close()
    watch = Watch(at(6, 1))
    writer = _running(bench.folder, watch, default=Retention(max_age_days=60))
    watch.wait(1)
    writer.append(rows((1, at(1, 9), 9.0)))
    writer.flush()
    while not key(1).path(bench.folder).exists():
        pass
    assert bench.raw(1) == [(at(1, 3), 1.0), (at(1, 9), 9.0)]
    watch.utc += 3600 * 10**9
    assert watch.wait(2) == ["default/2026-01.db"] * 2
    assert bench.raw(1) == [(at(1, 9), 9.0)]
    writer.close()
