"""Retention, backup and restore of a month that goes on in a part after its file was ruined."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from hmi.cli.main import main
from hmi.core.batch import batch_of
from hmi.core.instants import Instants
from hmi.core.project import Retention
from hmi.historian.api import StoreError
from hmi.historian.backup import back_up
from hmi.historian.files import Key, present
from hmi.historian.health import HealthKind
from hmi.historian.offline import delete_months
from hmi.historian.restore import restore
from hmi.historian.shelf import Shelf
from hmi.historian.soundness import faults
from hmi.historian.store import StoreOptions
from tests.helpers_historian.plant import Plant, at, ramp, read, samples
from tests.helpers_historian.ruins import break_header

HOUR = 3600


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    """October is sound, November ruined on its fifth day: tag 1 changes, 2 and 3 have a setpoint of each month."""
    made = Plant(tmp_path / "history", now=at(10))
    made.file(ramp(1, at(10), 50), ramp(2, at(10, 2), 1, first=5.0), ramp(4, at(10, 3), 1, first=6.0))
    made.file(ramp(1, at(11), 50))
    made.restart()
    made.file(ramp(3, at(11, 2), 1, first=7.0))
    made.let_go()
    break_header(made.path("2026-11"))
    made.file(ramp(1, at(11, 5), 50))
    yield made
    made.close()


CARRIED = {
    1: [(at(11, 5, 49), 49.0)],
    2: [(at(11, 1, 49), None)],  # what it was in November before the start nobody knows
    3: [(at(11, 2), 7.0)],
    4: [(at(11, 1, 49), None)],
}


def look(plant: Plant, hours: int) -> None:
    """The hours go by, and the station looks at each after what has expired."""
    for _ in range(hours):
        plant.now += HOUR * 10**9
        plant.writer.tidy()


def test_by_age_all_parts_of_a_month_go_at_once_and_leave_their_last_values(plant: Plant) -> None:
    assert [str(key) for key in present(plant.folder)][1:] == ["default/2026-11.db", "default/2026-11.1.db"]
    plant.now = at(12, 1)
    plant.restart(StoreOptions(flush_seconds=3600, retention={"default": Retention(max_age_days=30)}))
    look(plant, 2)
    assert plant.names() == ["2026-11.1.db", "2026-11.db", "carry.db"]  # October alone has expired
    plant.now = at(12, 31)
    look(plant, 2)
    assert plant.names() == ["carry.db"]
    told = [event.text for event in plant.heard if event.kind is HealthKind.PRUNED]
    assert [text.split()[2] for text in told] == [f"default/2026-1{name}.db" for name in ("0", "1", "1.1")]
    assert "an unknown number of samples" in told[1]
    plant.writer.close()
    assert {tag: read(plant.folder, tag) for tag in CARRIED} == CARRIED
    plant.writer = plant._opened()


def test_a_value_of_before_the_month_stays_when_the_ruined_file_had_nothing_of_its_tag(tmp_path: Path) -> None:
    plant = Plant(tmp_path, now=at(10))
    plant.file(ramp(1, at(10), 50), ramp(2, at(10, 2), 1, first=5.0))
    plant.file(ramp(1, at(11), 50))
    plant.let_go()
    break_header(plant.path("2026-11"))
    plant.file(ramp(1, at(11, 5), 50))
    plant.close()
    list(delete_months(tmp_path, present(tmp_path), by="eve", now=Instants(0, at(12))))
    assert read(tmp_path, 2) == [(at(10, 2), 5.0)]
    assert read(tmp_path, 1) == [(at(11, 5, 49), 49.0)]


def test_by_size_no_part_of_a_month_goes_alone(plant: Plant) -> None:
    plant.file(ramp(1, at(12, 1), 50))
    plant.now = at(12, 2)
    sizes = {name: plant.path(name).stat().st_size for name in ("2026-11.1", "2026-12")}
    policy = {"default": Retention(max_bytes=sum(sizes.values()) + 1)}
    plant.restart(StoreOptions(flush_seconds=3600, retention=policy))
    look(plant, 4)
    assert plant.names() == ["2026-12.db", "carry.db"]
    plant.writer.close()
    assert read(plant.folder, 3) == CARRIED[3]
    plant.writer = plant._opened()


def test_offline_both_go_also_when_the_first_one_was_moved_away(plant: Plant) -> None:
    plant.writer.close()
    plant.path("2026-11").unlink()
    keys = present(plant.folder)
    gone = list(delete_months(plant.folder, keys, by="eve", now=Instants(0, at(12))))
    assert [str(month.key) for month in gone] == ["default/2026-10.db", "default/2026-11.1.db"]
    assert present(plant.folder) == []
    assert {tag: read(plant.folder, tag) for tag in CARRIED} == CARRIED
    plant.writer = plant._opened()


def test_prune_counts_a_month_once(plant: Plant) -> None:
    plant.writer.close()
    for name in ("2026-11", "2026-11.1"):
        plant.path(name).rename(plant.path(name.replace("2026", "2020")))
    command = ["history", "prune", "--store", str(plant.folder), "--older-than", "700d", "--dry-run"]
    told = CliRunner().invoke(main, command).output.splitlines()
    assert [line.split(" (")[0] for line in told[:2]] == [
        "default/2020-11.db would be deleted",
        "default/2020-11.1.db would be deleted",
    ]
    assert told[2].startswith("1 months,")
    plant.writer = plant._opened()


def test_a_late_sample_of_a_deleted_month_begins_it_afresh(plant: Plant) -> None:
    plant.writer.close()
    list(delete_months(plant.folder, present(plant.folder), by="eve", now=Instants(0, at(12))))
    plant.writer = plant._opened()
    plant.file(ramp(3, at(11, 7), 1, first=70.0))
    assert plant.names() == ["2026-11.db", "carry.db"]
    assert read(plant.folder, 3) == [*CARRIED[3], (at(11, 7), 70.0)]


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[tuple[Plant, bytes]]:
    """November was ruined after a restart and its part is begun; tag 2 had two values in it. Its file of the first."""
    made = Plant(tmp_path / "restored")
    made.file(ramp(1, at(11), 100), ramp(2, at(11), 1, first=5.0))
    made.let_go()
    older = made.path("2026-11").read_bytes()
    made.file(ramp(2, at(11, 5), 1, first=6.0))
    made.restart()
    break_header(made.path("2026-11"))
    made.file(ramp(1, at(11, 9), 100))
    made.writer.close()
    yield made, older
    made.close()


def test_what_an_older_copy_lacks_is_not_carried_as_if_it_were_known(restored: tuple[Plant, bytes]) -> None:
    plant, older = restored
    plant.path("2026-11").write_bytes(older)
    lost = (at(11, 5), None)
    assert read(plant.folder, 2) == [(at(11), 5.0), (at(11, 1, 99) + 1, None), lost]
    list(delete_months(plant.folder, present(plant.folder), by="eve", now=Instants(0, at(12))))
    assert read(plant.folder, 2) == [lost]
    assert read(plant.folder, 1) == [(at(11, 9, 99), 99.0)]


def test_damage_found_while_asking_for_what_an_older_copy_lacks_costs_nothing_carried(
    restored: tuple[Plant, bytes],
) -> None:
    plant, older = restored
    stated, impossible = b"\x03\x1d\x06time_max", b"\x03\x1d\x7ftime_max"  # longer than its row
    assert older.count(stated) == 1
    plant.path("2026-11").write_bytes(older.replace(stated, impossible))
    list(delete_months(plant.folder, present(plant.folder), by="eve", now=Instants(0, at(12))))
    assert sorted(path.name for path in (plant.folder / "data" / "default").iterdir()) == ["carry.db"]
    assert read(plant.folder, 2) == [(at(11, 5), None)]
    assert read(plant.folder, 1) == [(at(11, 9, 99), 99.0)]


def test_a_known_value_stays_known_when_a_crash_comes_between_the_deleted_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant = Plant(tmp_path)
    plant.file(ramp(1, at(11), 100), ramp(2, at(11), 1, first=5.0))
    plant.restart()
    whole = plant.path("2026-11").read_bytes()
    break_header(plant.path("2026-11"))
    plant.file(ramp(1, at(11, 9), 100))
    plant.close()
    plant.path("2026-11").write_bytes(whole)
    real, deleted = Shelf.delete, list[Key]()

    def cut(shelf: Shelf, key: Key) -> None:
        if deleted:
            raise StoreError("cut", "off")
        deleted.append(key)
        real(shelf, key)

    with monkeypatch.context() as patch:
        patch.setattr(Shelf, "delete", cut)
        with pytest.raises(StoreError):
            list(delete_months(tmp_path, present(tmp_path), by="eve", now=Instants(0, at(12))))
    assert len(present(tmp_path)) == 1
    list(delete_months(tmp_path, present(tmp_path), by="eve", now=Instants(0, at(12))))
    assert present(tmp_path) == []
    assert read(tmp_path, 2) == [(at(11), 5.0)]
    assert read(tmp_path, 1) == [(at(11, 9, 99), 99.0)]


def test_a_backup_has_the_hole_of_a_ruined_file_that_nothing_was_filed_to_yet(tmp_path: Path) -> None:
    plant = Plant(tmp_path / "history")
    plant.file(ramp(2, at(10), 1, first=5.0))
    plant.file(ramp(1, at(11), 50), ramp(2, at(11), 1, first=6.0))
    plant.close()
    break_header(plant.path("2026-11"))
    made = back_up(plant.folder, tmp_path / "backup", utc=at(11, 7))
    assert len(made.left_out) == 1
    restore(tmp_path / "backup", tmp_path / "other", now=Instants(0, at(11, 8)), by="eve")
    hole = [(at(11), None), (at(11, 1, 49), None)]
    for folder in (tmp_path / "backup", tmp_path / "other"):
        assert read(folder, 2) == [(at(10), 5.0), *hole]
        assert read(folder, 1) == hole
        assert sorted(path.name for path in (folder / "data" / "default").iterdir()) == ["2026-10.db", "2026-11.1.db"]
    again = Plant(tmp_path / "other", now=at(11, 9))
    again.file(ramp(1, at(11, 9), 5))
    assert again.names() == ["2026-10.db", "2026-11.1.db"]
    assert read(again.folder, 1) == [*hole, *samples(ramp(1, at(11, 9), 5))]
    again.close()


def test_a_restored_backup_has_the_part_and_the_hole(plant: Plant, tmp_path: Path) -> None:
    plant.append(ramp(1, at(11, 6), 5))
    before = {tag: read(plant.folder, tag) for tag in CARRIED}
    assert before[1][-5:] == samples(ramp(1, at(11, 6), 5))
    assert before[3] == [(at(11), None), (at(11, 2) - 1, None), (at(11, 2), 7.0)]
    made = back_up(plant.folder, tmp_path / "backup", utc=at(11, 7))
    (left_out,) = made.left_out
    assert "data/default/2026-11.db is not in the backup" in left_out
    assert [file.path for file in made.files if "2026-11" in file.path] == ["data/default/2026-11.1.db"]
    restore(tmp_path / "backup", tmp_path / "other", now=Instants(0, at(11, 8)), by="eve")
    for folder in (tmp_path / "backup", tmp_path / "other"):
        assert {tag: read(folder, tag) for tag in CARRIED} == before
        assert any("default/2026-11.db is missing" in fault for fault in faults(folder))
    again = Plant(tmp_path / "other", now=at(11, 9))
    again.file(ramp(1, at(11, 9), 5))
    assert again.names() == ["2026-10.db", "2026-11.1.db"]
    assert read(again.folder, 1)[:-5] == before[1]
    again.close()


def test_verify_and_info_name_the_ruined_file_and_its_part(plant: Plant) -> None:
    runner = CliRunner()
    found = runner.invoke(main, ["history", "verify", "--store", str(plant.folder)])
    assert found.exit_code == 1
    assert "The history of 2026-11 (group default) cannot be read" in found.output
    assert "2026-11.1" not in found.output
    found = runner.invoke(main, ["history", "info", "--store", str(plant.folder)])
    assert "default/2026-11: 0 samples" in found.output
    assert "default/2026-11.1: 51 samples" in found.output


def test_a_store_that_waited_for_its_file_files_all_that_it_kept(plant: Plant, tmp_path: Path) -> None:
    """As one does that ran before with a program that filed nothing beside a ruined file."""
    late = Plant(tmp_path / "late", StoreOptions(flush_seconds=3600), now=at(11))
    late.file(ramp(1, at(11), 50), batch_of([2], [at(11)], [0], [3.0], [0]))
    late.writer.close()
    break_header(late.path("2026-11"))
    late.writer = late._opened()
    waited = [ramp(1, at(11, day), 20) for day in range(2, 10)]
    late.append(*waited)
    late.restart()
    late.file(ramp(2, at(11, 10), 1))
    assert read(late.folder, 1) == [(at(11), None), (at(11, 1, 49), None), *samples(*waited)]
    late.close()
