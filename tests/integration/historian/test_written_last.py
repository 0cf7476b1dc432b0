"""Of several samples of a tag at the same time the last written wins, and none is lost, whatever was cut off or
happened meanwhile."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from hmi.core.batch import Batch, batch_of
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.historian import block_table, datafile
from hmi.historian.api import RawPage, StoreError
from hmi.historian.compaction import Compactor, Filed
from hmi.historian.files import present
from hmi.historian.health import HealthEvent
from hmi.historian.shelf import OpenFile
from hmi.historian.sqlite import Connection, close, connect_writer
from hmi.historian.store import StoreOptions, StoreWriter, open_reader, open_store

NOVEMBER = 1_793_491_200 * SECOND
"""2026-11-01."""
LATEST = 1 << 62


def samples(tag: int, value: float, count: int = 3, start: int = NOVEMBER) -> Batch:
    times = start + np.arange(count) * SECOND
    return batch_of([tag] * count, times, [0] * count, [value] * count, [0] * count)


def unheard(_event: HealthEvent) -> None:
    pass


def opened(folder: Path, groups: Mapping[int, str] | None = None) -> StoreWriter:
    names = groups or {}
    options = StoreOptions(block_from=100, block_rows=100, group_of=lambda tag: names.get(tag, "default"))
    return open_store(folder, clock=lambda: Instants(5, NOVEMBER), options=options, on_health=unheard)


def read(folder: Path, tag: int) -> RawPage:
    reader = open_reader(folder)
    try:
        return reader.read_raw(tag, -LATEST, LATEST)
    finally:
        reader.close()


@pytest.mark.parametrize("count", [3, 150], ids=["in runs", "in blocks"])
@pytest.mark.parametrize("known", [False, True], ids=["new tag", "tag with a home"])
def test_a_change_of_group_after_filing_was_cut_off_between_two_files_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, known: bool
) -> None:
    before = {1: "a", 2: "b"}
    if known:
        writer = opened(tmp_path, before)
        writer.append(samples(2, 7.0, 3, NOVEMBER - 3600 * SECOND))
        writer.append(samples(2, 7.0, 3, NOVEMBER + 86_400 * SECOND))
        writer.tidy()
        writer.close()
    writer = opened(tmp_path, before)
    writer.append(samples(1, 1.0, count))
    writer.append(samples(2, 2.0, count))

    def cut_off(compactor: Compactor, file: OpenFile, batch: Batch, applied: int, filed: Filed) -> None:
        if file.key.group == "b":
            raise StoreError("cut", "off")
        whole(compactor, file, batch, applied, filed)

    whole = Compactor._add
    with monkeypatch.context() as patch:
        patch.setattr(Compactor, "_add", cut_off)
        with pytest.raises(StoreError):
            writer.tidy()
        writer.close()
    assert "a" in [key.group for key in present(tmp_path)]  # the first of the two files has its part
    for groups in ({1: "a", 2: "a"}, {1: "b", 2: "a"}):
        writer = opened(tmp_path, groups)
        writer.tidy()
        writer.close()
        for tag in (1, 2):
            assert (read(tmp_path, tag).value == tag).sum() == count


@pytest.mark.parametrize("count", [3, 150], ids=["in runs", "in blocks"])
def test_an_older_journal_beside_newer_data_files_does_not_win(tmp_path: Path, count: int) -> None:
    """So it is after a restore: the journal is copied first."""
    writer = opened(tmp_path / "store")
    writer.append(samples(1, 1.0, count))
    writer.flush()
    writer.close()
    older = tmp_path / "journal.db"
    shutil.copy(tmp_path / "store" / "journal.db", older)
    writer = opened(tmp_path / "store")
    writer.append(samples(1, 2.0, count))
    writer.tidy()
    writer.close()
    shutil.copy(older, tmp_path / "store" / "journal.db")
    assert read(tmp_path / "store", 1).value.tolist() == [2.0] * count
    writer = opened(tmp_path / "store")
    reader = writer.reader()
    assert reader.read_raw(1, -LATEST, LATEST).value.tolist() == [2.0] * count
    writer.append(samples(1, 3.0, 1))
    assert reader.read_raw(1, -LATEST, LATEST).value.tolist() == [3.0] + [2.0] * (count - 1)
    writer.flush()
    assert reader.read_raw(1, -LATEST, LATEST).value.tolist() == [3.0] + [2.0] * (count - 1)
    writer.tidy()
    assert reader.read_raw(1, -LATEST, LATEST).value.tolist() == [3.0] + [2.0] * (count - 1)
    reader.close()
    writer.close()


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("limit", [0, 750])
def test_damage_that_is_marked_while_a_read_goes_on_is_shown_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forward: bool, limit: int
) -> None:
    writer = opened(tmp_path)
    writer.append(samples(1, 1.0, 1000))
    writer.tidy()
    writer.close()
    file = present(tmp_path)[0].path(tmp_path)

    def listed(connection: Connection, *window: int) -> list[tuple[datafile.Stored, bytes]]:
        found = whole(connection, *window)
        monkeypatch.setattr(block_table, "damaged", whole)
        _mark(file, 4)  # the writer finds it right after the reader has asked
        return found

    whole = block_table.damaged
    monkeypatch.setattr(block_table, "damaged", listed)
    reader = open_reader(tmp_path)
    ends = (NOVEMBER, LATEST) if forward else (LATEST, NOVEMBER - 1)
    page = reader.read_raw(1, *ends, limit=limit)
    reader.close()
    assert (page.status == 0).sum() == (limit or 902) - 2
    hole = sorted(page.time[page.status == Status.BAD_DATA_LOST].tolist())
    assert hole == [NOVEMBER + 300 * SECOND, NOVEMBER + 399 * SECOND]


def _mark(file: Path, block: int) -> None:
    connection = connect_writer(file)
    connection.execute("UPDATE block SET data = x'00' WHERE id = ?", (block,))
    datafile.mark_damaged(connection, "block", block)
    close(connection)


def test_samples_that_were_written_again_count_again_until_their_month_has_its_last_form(tmp_path: Path) -> None:
    day = 86_400 * SECOND
    for now in (NOVEMBER + 30 * day, NOVEMBER + 32 * day):
        writer = open_store(tmp_path, clock=lambda now=now: Instants(5, now), on_health=unheard)
        for value in (1.0, 2.0):
            for tag in (1, 2):
                writer.append(samples(tag, value, 10 if tag == 1 else 2000, NOVEMBER + day))
            writer.tidy()
        reader = writer.reader()
        found = reader.info().samples
        assert found > 2010 if now < NOVEMBER + 31 * day else found == 2010
        assert [len(reader.read_raw(tag, 0, LATEST).time) for tag in (1, 2)] == [10, 2000]
        reader.close()
        writer.close()
