"""Filing goes on beside a ruined data file: nothing that comes after is lost, and what it no longer gives is marked."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hmi.core.batch import batch_of
from hmi.core.instants import SECOND
from hmi.historian import datafile, disk, parts, sqlite
from hmi.historian.api import StoreError
from hmi.historian.compaction import Compactor
from hmi.historian.inventory import inventory
from hmi.historian.sqlite import Connection
from hmi.historian.store import StoreOptions, open_reader
from hmi.historian.trend_read import Part
from tests.helpers_historian.plant import LATEST, OPTIONS, Plant, at, ramp, read, regrouped, samples
from tests.helpers_historian.ruins import RUINS, break_header, break_tree, empty, wipe_page

DAY = 86_400


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    made = Plant(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("ruin", RUINS)
@pytest.mark.parametrize("restarted", [True, False])
def test_filing_goes_on_in_the_next_part_and_the_ruined_file_is_not_touched(
    plant: Plant, ruin: Callable[[Path], None], restarted: bool
) -> None:
    plant.file(ramp(1, at(11), 1200), ramp(2, at(11), 1))
    plant.let_go()
    if restarted:
        plant.writer.close()
    file = plant.path("2026-11")
    ruin(file)
    ruined = file.read_bytes()
    if restarted:
        plant.writer = plant._opened()
    later = [ramp(1, at(11, 1 + n), 150) for n in range(1, 5)]
    for batch in later:
        plant.file(batch)
    assert plant.names() == ["2026-11.1.db", "2026-11.db"]
    assert file.read_bytes() == ruined
    ((kind, text),) = plant.told()
    assert kind == "damaged"
    assert "default/2026-11.db" in text
    assert "default/2026-11.1.db" in text
    end = at(11, 1, 1199)
    hole = [(at(11), None), (end if restarted else end - 1, None)]
    kept = [] if restarted else [(end, 1199.0)]
    assert read(plant.folder, 1) == hole + kept + samples(*later)
    setpoint = [(at(11), None), (end, None)] if restarted else [(at(11), 0.0)]
    assert read(plant.folder, 2) == setpoint
    reader = open_reader(plant.folder)
    assert reader.verify()
    assert all("2026-11 (group default)" in fault.what for fault in reader.verify())
    reader.close()
    assert [(month.month, month.samples) for month in inventory(plant.folder).months][1] == (
        "2026-11.1",
        600 + (0 if restarted else 2),
    )


def test_reads_in_the_station_have_no_seam_while_the_part_is_begun(plant: Plant) -> None:
    plant.file(ramp(1, at(11), 300))
    plant.let_go()
    break_header(plant.path("2026-11"))
    reader = plant.writer.reader()
    for n in range(5):
        plant.append(ramp(1, at(11, 2, 10 * n), 10))
        page = reader.read_raw(1, at(11, 2), LATEST)
        assert page.time[page.status == 0].tolist() == [at(11, 2, i) for i in range(10 * n + 10)]
    plant.writer.tidy()
    page = reader.read_raw(1, at(11, 2), LATEST)
    assert page.time.tolist() == [at(11, 2, i) for i in range(50)]
    assert (page.status == 0).all()
    reader.close()


def test_a_setpoint_keeps_its_value_and_only_what_came_before_it_is_lost(plant: Plant) -> None:
    text = batch_of([3], [at(11, 3)], [0], ["closed"], [0])
    plant.file(ramp(1, at(11), 50), ramp(2, at(11, 2), 1, first=7.0), text, ramp(4, at(10), 1, first=8.0))
    plant.let_go()
    break_tree(plant.path("2026-11"))
    plant.file(ramp(1, at(11, 4), 10))
    assert read(plant.folder, 2) == [(at(11), None), (at(11, 2) - 1, None), (at(11, 2), 7.0)]
    assert read(plant.folder, 4) == [(at(10), 8.0)]  # nothing of it was in the ruined file
    reader = open_reader(plant.folder)
    for tag, value in ((2, 7.0), (4, 8.0)):
        assert reader.read_raw(tag, at(11, 20), at(11, 21), bounds=True).value[0] == value
    page = reader.read_raw(3, at(11, 20), at(11, 21), bounds=True)
    assert page.text[int(page.value[0])] == "closed"
    assert page.time[0] == at(11, 3)
    reader.close()


def test_what_a_station_did_not_see_itself_is_lost_up_to_the_last_filing(plant: Plant) -> None:
    plant.file(ramp(1, at(11), 50), ramp(2, at(11, 2), 1, first=7.0))
    plant.now = at(11, 3)
    plant.append(ramp(3, at(11, 2, 5), 1))
    plant.restart()
    break_header(plant.path("2026-11"))
    plant.file(ramp(1, at(11, 4), 10), ramp(2, at(11), 1, first=1.0))
    end = at(11, 2)  # what was in the journal then is not lost
    assert read(plant.folder, 2) == [(at(11), 1.0), (end, None)]
    assert read(plant.folder, 3) == [(at(11), None), (end, None), (at(11, 2, 5), 0.0)]
    assert read(plant.folder, 1)[:3] == [(at(11), None), (end, None), (at(11, 4), 0.0)]


def test_a_late_sample_is_no_proof_that_nothing_later_was_lost(plant: Plant) -> None:
    plant.file(ramp(1, at(11), 50))
    plant.restart()
    plant.file(ramp(1, at(11, 1, 10) + 5, 1))
    plant.let_go()
    break_header(plant.path("2026-11"))
    plant.file(ramp(2, at(11, 2), 1))
    end = at(11, 1, 49)
    assert read(plant.folder, 1) == [(at(11), None), (at(11, 1, 10) + 5, 0.0), (end, None)]


def test_a_tag_that_was_never_filed_has_lost_nothing(plant: Plant) -> None:
    plant.file(ramp(1, at(11), 50))
    plant.let_go()
    break_header(plant.path("2026-11"))
    plant.file(ramp(2, at(11, 1, 20), 1))
    assert read(plant.folder, 2) == [(at(11, 1, 20), 0.0)]
    assert read(plant.folder, 1, at(11), at(11, 1, 49)) == [(at(11), None), (at(11, 1, 49) - 1, None)]


def test_of_files_without_their_journal_nothing_is_known(plant: Plant) -> None:
    plant.file(ramp(1, at(11), 50), ramp(2, at(11, 2), 5))
    plant.writer.close()
    for file in plant.folder.glob("journal.db*"):
        file.unlink()
    plant.writer = plant._opened()
    plant.file(ramp(1, at(11, 1, 20) + 5, 1))
    plant.let_go()
    break_header(plant.path("2026-11"))
    plant.file(ramp(1, at(11, 3), 1))
    assert read(plant.folder, 1)[-1] == (at(12) - 1, None)
    assert (at(11, 3), 0.0) in read(plant.folder, 1)


def test_late_samples_in_the_hole_read_and_the_hole_stays_around_them(plant: Plant) -> None:
    plant.file(ramp(1, at(11), 500))
    plant.let_go()
    break_header(plant.path("2026-11"))
    late = ramp(1, at(11, 1, 100) + 5, 10, first=900.0)
    plant.file(ramp(1, at(11, 2), 10))
    plant.file(late)
    end = at(11, 1, 499)
    assert read(plant.folder, 1)[:14] == [
        (at(11), None),
        *samples(late),
        (end - 1, None),
        (end, 499.0),
        (at(11, 2), 0.0),
    ]
    inside = at(11, 1, 105)
    assert read(plant.folder, 1, inside, inside + 1) == [(inside, None)]
    reader = open_reader(plant.folder)
    backwards = reader.read_raw(1, None, at(11, 2), limit=4)
    assert backwards.time.tolist() == [at(11, 2), end, end - 1, int(late.time[-1])]
    reader.close()


@pytest.mark.parametrize("index", ["run_bucket", "block_tag"])
def test_what_still_reads_of_a_ruined_file_reads_and_nothing_twice(plant: Plant, index: str) -> None:
    plant.file(*[ramp(tag, at(11), 700) for tag in (1, 2)], ramp(300, at(11), 20))
    plant.let_go()
    wipe_page(plant.path("2026-11"), index)
    rewritten = ramp(1, at(11, 1, 650), 50, first=-50.0)
    for n in range(2, 5):
        plant.file(ramp(1, at(11, n), 150), ramp(300, at(11, n), 30))
    plant.file(rewritten)
    assert plant.names() == ["2026-11.1.db", "2026-11.db"]
    found = dict(read(plant.folder, 1))
    assert len(found) == len(read(plant.folder, 1))
    assert all(found[time] == value for time, value in samples(rewritten))
    for n in range(2, 5):
        assert [found[time] for time, _ in samples(ramp(1, at(11, n), 150))] == list(range(150))
    if index == "run_bucket":  # filing needs it, and blocks are whole
        assert [found[time] for time, _ in samples(ramp(1, at(11), 650))] == list(range(650))
        assert sum(kind == "damaged" for kind, _ in plant.told()) == 1
    assert len(plant.told()) <= 2


def test_a_file_that_takes_samples_but_cannot_be_kept_in_order_takes_no_more(plant: Plant) -> None:
    plant.file(ramp(1, at(11), 700))
    plant.let_go()
    wipe_page(plant.path("2026-11"), "block_tag")
    plant.restart(replace(OPTIONS, block_from=150))
    before = [ramp(1, at(11, 2), 100), ramp(1, at(11, 3), 100)]
    plant.file(before[0])
    with pytest.raises(StoreError):  # there would be enough for a block
        plant.file(before[1])
    after = [ramp(1, at(11, day), 100) for day in (4, 5)]
    for batch in after:
        plant.file(batch)
    assert plant.names() == ["2026-11.1.db", "2026-11.db"]
    assert [kind for kind, _ in plant.told()] == ["upkeep-failed", "damaged"]
    assert read(plant.folder, 1, at(11, 4)) == samples(*after)
    found = read(plant.folder, 1)
    assert set(samples(*before)) <= set(found)  # the runs read, though the blocks do not
    assert [pair for pair in found if pair[1] is None] == [(at(11), None), (at(11, 3, 99) - 1, None)]


def test_parts_are_ruined_in_their_turn_and_not_without_end(plant: Plant) -> None:
    plant.file(ramp(1, at(11), 50))
    names = ["2026-11", *(f"2026-11.{n}" for n in range(1, 10))]
    for n, name in enumerate(names):
        plant.let_go()
        break_header(plant.path(name))
        if n < 9:
            plant.file(ramp(1, at(11, 2 + n), 5), ramp(2, at(11, 2), 1))
    assert plant.names() == sorted(f"{name}.db" for name in names)
    with pytest.raises(StoreError):
        plant.file(ramp(1, at(11, 20), 5))
    assert [kind for kind, _ in plant.told()] == ["damaged"] * 9 + ["upkeep-failed"]
    assert read(plant.folder, 1) == [(at(11), None), *samples(ramp(1, at(11, 20), 5)), (at(12) - 1, None)]


def test_the_hole_of_a_ruined_file_goes_on_over_a_ruined_part(plant: Plant) -> None:
    plant.file(ramp(1, at(11), 50))
    for name, day in (("2026-11", 5), ("2026-11.1", 10)):
        plant.let_go()
        break_header(plant.path(name))
        plant.file(ramp(1, at(11, day), 5))
    kept = (at(11, 5, 4), 4.0)
    assert read(plant.folder, 1) == [(at(11), None), (kept[0] - 1, None), kept, *samples(ramp(1, at(11, 10), 5))]


def test_a_disk_that_takes_nothing_is_no_damage(tmp_path: Path) -> None:
    refusing: list[str] = []

    def prepare(connection: Connection) -> None:
        name = connection.execute("PRAGMA database_list").fetchone()[2]
        if refusing and "2026-11" in name:
            connection.execute(refusing[0])

    plant = Plant(tmp_path, replace(OPTIONS, prepare=prepare))
    plant.file(ramp(1, at(11), 50))
    for statement in ("PRAGMA query_only=1", "PRAGMA max_page_count=1"):
        plant.let_go()
        refusing[:] = [statement]
        with pytest.raises(StoreError):
            plant.file(*[ramp(tag, at(11, 2), 90) for tag in range(1, 4000, 256)])
        refusing.clear()
        plant.file(ramp(1, at(11, 3), 50))
    assert plant.names() == ["2026-11.db"]
    assert {kind for kind, _ in plant.told()} == {"upkeep-failed"}
    plant.close()


class CutError(StoreError):
    """Whatever comes to its mind."""


CUTS: list[tuple[Any, str]] = [
    (datafile, "make"),
    (sqlite, "remove"),
    (parts.part_table, "put"),
    (parts.run_table, "insert"),
    (Compactor, "_add"),
    (disk.journal, "remove"),
]


@pytest.mark.parametrize(("owner", "name"), CUTS, ids=[name for _, name in CUTS])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("restarted", [True, False])
def test_a_crash_between_any_two_steps_loses_nothing(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, when: str, restarted: bool
) -> None:
    plant.file(ramp(1, at(11), 50), ramp(2, at(11, 2), 1, first=7.0))
    plant.let_go()
    break_header(plant.path("2026-11"))
    real = getattr(owner, name)

    def cut(*arguments: object, **named: object) -> None:
        if when == "after":
            real(*arguments, **named)
        raise CutError("cut", "off")

    later = [ramp(1, at(11, day), 20) for day in (3, 4)]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, cut)
        with pytest.raises(StoreError):
            plant.file(later[0])
    if restarted:
        plant.restart()
    plant.file(later[1])
    assert plant.names() == ["2026-11.1.db", "2026-11.db"]
    assert not list(plant.folder.glob("data/*/*.part*"))
    found = read(plant.folder, 1)
    assert [pair for pair in found if pair[0] >= at(11, 3)] == samples(*later)
    assert found[0] == (at(11), None)
    cut_short = restarted or (name, when) == ("make", "after")  # nobody is left who knows that it was begun just now
    assert cut_short or sum(kind == "damaged" for kind, _ in plant.told()) == 1
    setpoint = read(plant.folder, 2, at(11), at(11, 2) + 1)
    assert setpoint[0] == (at(11), None)
    assert setpoint[-1] in [(at(11, 2), 7.0), (at(11, 2), None)]


def test_what_the_ruined_file_took_and_was_not_confirmed_is_filed_again(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant.file(ramp(1, at(11), 50))

    def cut(*_: object) -> None:
        raise CutError("cut", "off")

    with monkeypatch.context() as patch:
        patch.setattr(disk.journal, "remove", cut)
        with pytest.raises(StoreError):
            plant.file(ramp(1, at(11, 2), 20), ramp(2, at(11, 2), 3))
    plant.restart()
    break_header(plant.path("2026-11"))
    plant.file(ramp(1, at(11, 3), 20))
    assert [pair for pair in read(plant.folder, 1) if pair[1] is not None] == samples(
        ramp(1, at(11, 2), 20), ramp(1, at(11, 3), 20)
    )
    assert read(plant.folder, 2)[-3:] == samples(ramp(2, at(11, 2), 3))


def test_a_file_that_reads_again_has_no_hole_and_filing_stays_in_its_part(plant: Plant) -> None:
    plant.file(ramp(1, at(11), 500), ramp(2, at(11), 1))
    plant.let_go()
    whole = plant.path("2026-11").read_bytes()
    break_header(plant.path("2026-11"))
    later = [ramp(1, at(11, day), 150) for day in (2, 3, 4)]
    plant.file(later[0])
    plant.writer.close()
    plant.path("2026-11").write_bytes(whole)
    plant.writer = plant._opened()
    for batch in later[1:]:
        plant.file(batch)
    assert read(plant.folder, 1) == samples(ramp(1, at(11), 500), *later)
    assert read(plant.folder, 2) == [(at(11), 0.0)]
    reader = open_reader(plant.folder)
    assert reader.verify() == []
    reader.close()
    assert plant.path("2026-11").read_bytes() == whole
    assert plant.names() == ["2026-11.1.db", "2026-11.db"]


def test_an_older_copy_in_the_place_of_a_ruined_file_is_a_hole_from_its_end(plant: Plant) -> None:
    plant.file(ramp(1, at(11), 100))
    plant.let_go()
    older = plant.path("2026-11").read_bytes()
    plant.file(ramp(1, at(11, 5), 100))
    plant.let_go()
    break_header(plant.path("2026-11"))
    plant.file(ramp(1, at(11, 9), 100))
    plant.writer.close()
    plant.path("2026-11").write_bytes(older)
    plant.writer = plant._opened()
    end = at(11, 5, 99)
    hole = [(at(11, 1, 99) + 1, None), (end - 1, None), (end, 99.0)]
    assert read(plant.folder, 1) == [*samples(ramp(1, at(11), 100)), *hole, *samples(ramp(1, at(11, 9), 100))]


def test_a_ruined_file_that_was_moved_away_is_still_a_hole(plant: Plant) -> None:
    plant.file(ramp(1, at(11), 500))
    plant.let_go()
    break_header(plant.path("2026-11"))
    plant.file(ramp(1, at(11, 2), 10))
    found = read(plant.folder, 1)
    plant.path("2026-11").unlink()
    assert read(plant.folder, 1) == found
    reader = open_reader(plant.folder)
    (fault,) = reader.verify()
    assert "default/2026-11.db is missing" in fault.what
    assert (fault.start, fault.end) == (at(11), at(12) - 1)
    reader.close()


def test_a_tag_stays_in_the_group_whose_part_has_its_month(tmp_path: Path) -> None:
    plant = Plant(tmp_path, regrouped(OPTIONS, ["", "a", "b"]))
    plant.file(ramp(1, at(11), 50), ramp(2, at(11), 50))
    plant.let_go()
    break_header(plant.path("2026-11", "a"))
    plant.file(ramp(1, at(11, 2), 5), ramp(2, at(11, 2), 5))
    assert (plant.names("a"), plant.names("b")) == (["2026-11.1.db", "2026-11.db"], ["2026-11.db"])
    plant.restart(regrouped(OPTIONS, ["", "b", "a"]))
    later = [ramp(tag, at(11, 3), 5, first=100.0) for tag in (1, 2)]
    again = [ramp(tag, at(11, 2, 4), 1, first=9.0) for tag in (1, 2)]
    plant.file(*later, *again)
    assert (plant.names("a"), plant.names("b")) == (["2026-11.1.db", "2026-11.db"], ["2026-11.db"])
    for tag in (1, 2):
        assert read(plant.folder, tag)[-6:] == [(at(11, 2, 4), 9.0), *samples(later[tag - 1])]
    # Tag 2 was never in the ruined file, and the part knows that nothing of it was lost after its first new sample.
    assert read(plant.folder, 2, at(11, 1, 49)) == [
        (at(11, 1, 49), 49.0),
        *samples(ramp(2, at(11, 2), 4)),
        *read(plant.folder, 2)[-6:],
    ]
    plant.close()


def test_tags_of_another_group_have_lost_nothing(tmp_path: Path) -> None:
    plant = Plant(tmp_path, regrouped(OPTIONS, ["", "a", "b"]))
    plant.file(ramp(1, at(11), 50), ramp(2, at(11), 50))
    plant.let_go()
    break_header(plant.path("2026-11", "a"))
    plant.file(ramp(1, at(11, 2), 50), ramp(2, at(11, 2), 50))
    assert read(plant.folder, 2) == samples(ramp(2, at(11), 50), ramp(2, at(11, 2), 50))
    assert read(plant.folder, 1)[:2] == [(at(11), None), (at(11, 1, 49) - 1, None)]
    plant.close()


def test_a_tag_that_moved_to_another_group_while_its_file_was_ruined_has_lost_what_was_there(tmp_path: Path) -> None:
    plant = Plant(tmp_path, regrouped(OPTIONS, ["", "b", "b"]), now=at(10))
    plant.file(ramp(1, at(10), 1, first=5.0), ramp(2, at(10), 1))
    plant.file(ramp(1, at(11), 50), ramp(2, at(11), 50))
    plant.restart()
    plant.let_go()
    break_header(plant.path("2026-11", "b"))
    plant.restart(regrouped(OPTIONS, ["", "a", "b"]))
    plant.file(ramp(1, at(11, 2), 5), ramp(2, at(11, 2), 5))
    assert (plant.names("a"), plant.names("b")) == (["2026-11.db"], ["2026-10.db", "2026-11.1.db", "2026-11.db"])
    assert read(plant.folder, 1, at(11), at(11, 1, 60)) == [(at(11), None), (at(11, 1, 60) - 1, None)]
    assert read(plant.folder, 1, at(11, 2)) == [
        *samples(ramp(1, at(11, 2), 4)),
        (at(11, 2, 4) - 1, None),
        (at(11, 2, 4), 4.0),
    ]
    plant.close()


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_tag_with_its_month_in_two_groups_has_lost_what_was_in_the_ruined_one(
    tmp_path: Path, comes_back: bool
) -> None:
    before, after = regrouped(OPTIONS, ["", "b", "b"]), regrouped(OPTIONS, ["", "a", "b"])
    plant = Plant(tmp_path, before)
    plant.file(ramp(1, at(11), 50), ramp(2, at(11), 50))
    plant.restart(after)
    file = plant.path("2026-11", "b")
    whole = file.read_bytes()
    break_header(file)
    plant.file(ramp(1, at(11, 2), 5))  # to the other group: nobody can tell where its month lies
    plant.restart()
    if comes_back:
        file.write_bytes(whole)
    plant.file(ramp(1, at(11, 3), 5))
    plant.let_go()
    break_header(file)
    plant.file(ramp(1, at(11, 4), 5), ramp(2, at(11, 4), 5))
    assert plant.names("b") == ["2026-11.1.db", "2026-11.db"]
    assert read(plant.folder, 1, at(11), at(11, 1, 60)) == [(at(11), None), (at(11, 1, 60) - 1, None)]
    plant.close()


def test_a_tag_with_nothing_but_a_damaged_run_in_another_group_keeps_its_hole(tmp_path: Path) -> None:
    plant = Plant(tmp_path, regrouped(OPTIONS, ["", "b", "b"]))
    plant.file(ramp(1, at(11), 50), ramp(2, at(11), 50))
    plant.restart(regrouped(OPTIONS, ["", "a", "b"]))
    file = plant.path("2026-11", "b")
    connection = sqlite.connect_writer(file)
    connection.execute("UPDATE run SET data = zeroblob(length(data))")
    sqlite.close(connection)
    plant.file(ramp(1, at(11, 2), 5))
    assert plant.names("a") == ["2026-11.db"]
    assert read(plant.folder, 1, at(11), at(11, 1, 50)) == [(at(11), None), (at(11, 1, 49), None)]
    plant.let_go()
    break_header(file)
    plant.file(ramp(2, at(11, 3), 5))
    assert read(plant.folder, 1, at(11), at(11, 1, 50)) == [(at(11), None), (at(11, 1, 50) - 1, None)]
    plant.close()


@pytest.mark.parametrize("restarted", [True, False])
def test_tags_whose_month_was_looked_for_in_the_other_group_have_lost_nothing(tmp_path: Path, restarted: bool) -> None:
    plant = Plant(tmp_path, regrouped(OPTIONS, ["", "a", "b"]))
    plant.file(ramp(1, at(11), 50), ramp(2, at(11), 50))
    if restarted:
        plant.restart()
    plant.file(ramp(1, at(11, 2), 50), ramp(2, at(11, 2), 50))
    plant.let_go()
    break_header(plant.path("2026-11", "a"))
    plant.file(ramp(1, at(11, 3), 50))
    assert read(plant.folder, 2) == samples(ramp(2, at(11), 50), ramp(2, at(11, 2), 50))
    plant.close()


def test_a_stamp_of_next_month_does_not_make_the_hole_longer(plant: Plant) -> None:
    plant.file(ramp(1, at(11), 50))
    plant.writer.append(ramp(1, at(12, 5), 1))  # by a clock that is ahead of the station's
    plant.writer.tidy()
    plant.let_go()
    break_header(plant.path("2026-11"))
    later = [ramp(1, at(11, day), 50) for day in (2, 3)]
    for batch in later:
        plant.file(batch)
    assert read(plant.folder, 1, at(11, 2), at(11, 4)) == samples(*later)
    assert read(plant.folder, 1, at(11), at(11, 2)) == [(at(11), None), (at(11, 1, 49), None)]


def test_days_behind_the_hole_have_their_rollups(plant: Plant) -> None:
    plant.restart(StoreOptions(flush_seconds=3600))
    plant.file(ramp(1, at(11), 9000, 10 * SECOND))
    plant.let_go()
    break_header(plant.path("2026-11"))
    for day in (2, 3, 4):
        plant.file(ramp(1, at(11, day, 3700), 8000, 10 * SECOND))
    plant.now = at(12, 5)
    plant.file(ramp(1, at(12, 4), 10))
    reader = open_reader(plant.folder)
    first = at(11) // (DAY * SECOND)
    rolled = [day - first + 1 for day, _ in reader._rollups(1, first, first + 29, Part.HOURS)]
    assert rolled == [3, 4]  # the hole ends on the second
    reader.close()


def test_copies_of_the_store_say_the_same(plant: Plant, tmp_path_factory: pytest.TempPathFactory) -> None:
    plant.file(ramp(1, at(11), 500))
    plant.let_go()
    empty(plant.path("2026-11"))
    plant.file(ramp(1, at(11, 2), 10))
    plant.writer.close()
    copy = tmp_path_factory.mktemp("copy") / "history"
    shutil.copytree(plant.folder, copy)
    assert read(copy, 1) == read(plant.folder, 1)
    plant.writer = plant._opened()
