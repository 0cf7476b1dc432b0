"""Whatever is ruined when: nothing that comes after it is lost, and what a file no longer gives is marked."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.batch import Batch, batch_of
from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.historian.reader import StoreReader
from hmi.historian.store import StoreOptions, open_reader
from tests.helpers_historian.plant import LATEST, Plant, at, regrouped
from tests.helpers_historian.ruins import RUINS

OPTIONS = StoreOptions(
    flush_seconds=3600, block_from=20, block_rows=60, run_rows=30, fresh_runs=2, joined_runs=2, compact_flushes=10_000
)
TAGS = (1, 2, 300)
STEPS = st.one_of(
    st.tuples(st.just("live"), st.sampled_from(TAGS), st.integers(1, 40)),
    st.tuples(st.just("late"), st.sampled_from(TAGS), st.integers(1, 40)),
    st.tuples(st.just("file"), st.just(0), st.just(0)),
    st.tuples(st.just("restart"), st.just(0), st.just(0)),
    st.tuples(st.just("ruin"), st.integers(0, 1), st.integers(0, len(RUINS) - 1)),
)


class Model:
    """What was handed over and what of it lies in no ruined file; the value is the number of its step."""

    def __init__(self) -> None:
        self.all: dict[tuple[int, int], float] = {}
        self.journal: dict[tuple[int, int], float] = {}
        self.filed: list[dict[tuple[int, int], float]] = [{}]
        """By part."""
        self.ruined: set[int] = set()
        self.opened = at(11)
        self.newest: dict[int, int] = {}
        """The last time of each tag that came since the present writer opened the store."""

    def take(self, batch: Batch) -> None:
        for tag, time, value in zip(batch.tag.tolist(), batch.time.tolist(), batch.value.tolist(), strict=True):
            self.all[tag, time] = self.journal[tag, time] = value
            if time >= self.opened:
                self.newest[tag] = max(time, self.newest.get(tag, time))

    def file(self) -> None:
        if self.journal and len(self.filed) - 1 in self.ruined:
            self.filed.append({})
        self.filed[-1].update(self.journal)
        self.journal.clear()

    def kept(self) -> dict[tuple[int, int], float]:
        found: dict[tuple[int, int], float] = {}
        for part, samples in enumerate(self.filed):
            if part not in self.ruined:
                found.update(samples)
        return found | self.journal


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, min_size=4, max_size=25))
def test_nothing_is_lost_but_what_a_ruined_file_had_and_that_is_marked(steps: list[tuple[str, int, int]]) -> None:
    with TemporaryDirectory() as folder:
        plant, model = Plant(Path(folder), OPTIONS), Model()
        try:
            for number, (what, which, much) in enumerate([*steps, ("live", 1, 1), ("file", 0, 0)], 1):
                _do(plant, model, number, what, which, much)
                if what == "ruin":
                    _check(plant.writer.reader(), model)
            _check_newest(plant.writer.reader(), model)
            plant.restart()
            _check(open_reader(plant.folder), model)
        finally:
            plant.close()


def _do(plant: Plant, model: Model, number: int, what: str, which: int, much: int) -> None:
    if what in ("live", "late"):
        start = plant.now + SECOND if what == "live" else at(11) + number * 7 * SECOND
        times = start + np.arange(much) * SECOND
        batch = batch_of([which] * much, times, [0] * much, np.full(much, float(number)), [0] * much)
        plant.append(batch)
        model.take(batch)
    elif what == "file":
        plant.writer.tidy()
        model.file()
    elif what == "restart":
        plant.restart()
        model.opened = plant.now
        model.newest.clear()
    elif len(plant.names()) and len(model.ruined) < 8:
        part = len(model.filed) - 1 - which
        if part >= 0 and part not in model.ruined and model.filed[part]:
            plant.let_go()
            RUINS[much](plant.path(f"2026-11.{part}" if part else "2026-11"))
            model.ruined.add(part)


def _check(reader: StoreReader, model: Model) -> None:
    with closing(reader):
        _check_all(reader, model)


def _check_all(reader: StoreReader, model: Model) -> None:
    kept = model.kept()
    for tag in TAGS:
        page = reader.read_raw(tag, -LATEST, LATEST)
        assert len(set(page.time.tolist())) == len(page.time)
        found = dict(zip(page.time.tolist(), zip(page.value.tolist(), page.status.tolist(), strict=True), strict=True))
        for (whose, time), older in kept.items():  # a part may know a newer one, which was lost with another
            if whose == tag:
                assert found[time] in [(older, 0), (model.all[tag, time], 0)]
        for time, (value, status) in found.items():
            assert status == Status.BAD_DATA_LOST or value in (model.all[tag, time], kept.get((tag, time)))
    for tag, time in model.all.keys() - kept.keys():
        page = reader.read_raw(tag, time, time + 1)
        (status,) = page.status.tolist()
        assert status == Status.BAD_DATA_LOST or page.value[0] == model.all[tag, time]


def _check_newest(reader: StoreReader, model: Model) -> None:
    """A tag that does not change any more has its value, whatever was ruined since it came."""
    with closing(reader):
        for tag, time in model.newest.items():
            page = reader.read_raw(tag, None, LATEST, limit=1)
            assert (page.time[0], page.value[0], page.status[0]) == (time, model.all[tag, time], 0)


GROUPS = ("a", "b")
MOVES = st.one_of(
    st.tuples(st.just("live"), st.sampled_from([0, 1]), st.integers(1, 30)),
    st.tuples(st.just("late"), st.sampled_from([0, 1]), st.integers(1, 30)),
    st.tuples(st.just("restart"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("ruin"), st.sampled_from([0, 1]), st.integers(0, len(RUINS) - 1)),
    st.tuples(st.just("mend"), st.sampled_from([0, 1]), st.just(0)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(MOVES, min_size=4, max_size=20))
def test_what_is_lost_is_marked_whichever_groups_a_tag_was_in(steps: list[tuple[str, int, int]]) -> None:
    with TemporaryDirectory() as folder:
        plant = Plant(Path(folder), regrouped(OPTIONS, GROUPS))
        known: dict[tuple[int, int], float] = {}
        whole: dict[Path, bytes] = {}
        try:
            for number, (what, which, much) in enumerate([*steps, ("live", 0, 1), ("live", 1, 1)], 1):
                if what in ("live", "late"):
                    start = plant.now + SECOND if what == "live" else at(11) + number * 7 * SECOND
                    times = start + np.arange(much) * SECOND + number  # no two steps have a time in common
                    plant.file(batch_of([which] * much, times, [0] * much, np.full(much, float(number)), [0] * much))
                    known.update(((which, time), float(number)) for time in times.tolist())
                elif what == "restart":
                    plant.restart(regrouped(OPTIONS, [GROUPS[which & 1], GROUPS[which >> 1]]))
                else:
                    _ruin_or_mend(plant, whole, what, GROUPS[which], much)
                _check_marks(plant, known)
        finally:
            plant.close()


def _ruin_or_mend(plant: Plant, whole: dict[Path, bytes], what: str, group: str, how: int) -> None:
    """The last part of a group is ruined, or what was ruined of it is put back."""
    plant.let_go()
    for name in reversed(plant.names(group)):
        file = plant.path(name.removesuffix(".db"), group)
        if what == "mend" and file in whole:
            file.write_bytes(whole.pop(file))
        elif what == "ruin" and file not in whole and len(plant.names(group)) < 8:
            whole[file] = file.read_bytes()
            RUINS[how](file)
            return


def _check_marks(plant: Plant, known: dict[tuple[int, int], float]) -> None:
    with closing(plant.writer.reader()) as reader:
        for tag in (0, 1):
            page = reader.read_raw(tag, -LATEST, LATEST)
            found = dict(zip(page.time.tolist(), page.value.tolist(), strict=True))
            lacking = [time for whose, time in known if whose == tag and found.get(time) != known[tag, time]]
            for time in lacking:
                (status,) = reader.read_raw(tag, time, time + 1).status.tolist()
                assert status == Status.BAD_DATA_LOST
