"""Names of data files: a month, and its later parts."""

from pathlib import Path

import pytest

from hmi.historian.files import Key, by_month, last_parts, listed, missing, present, sizes, sweep


def made(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / "data" / "default" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12")


@pytest.mark.parametrize(("part", "name"), [(0, "2026-11"), (1, "2026-11.1"), (9, "2026-11.9")])
def test_a_file_is_listed_by_the_name_that_its_key_gives(tmp_path: Path, part: int, name: str) -> None:
    key = Key((2026 - 1970) * 12 + 10, "default", part)
    assert (key.name, str(key)) == (name, f"default/{name}.db")
    assert key.path(tmp_path) == tmp_path / "data" / "default" / f"{name}.db"
    made(tmp_path, f"{name}.db", f"{name}.db-wal")
    assert present(tmp_path) == [key]
    assert sizes(tmp_path) == [(key, 4)]


@pytest.mark.parametrize(
    "name",
    [
        "2026-11.0.db",
        "2026-11.10.db",
        "2026-11.01.db",
        "2026-11..db",
        "2026-11.x.db",
        "2026-11.1.db.part",
        "2026-13.1.db",
        "2026-11.damaged",
        "2026-11.1.1.db",
        "2026-11.\u0661.db",
    ],
)
def test_other_names_are_no_data_files(tmp_path: Path, name: str) -> None:
    made(tmp_path, name, "carry.db")
    assert listed(tmp_path) == ([], ["default"])


def test_parts_follow_their_month_in_order(tmp_path: Path) -> None:
    made(tmp_path, "2026-12.db", "2026-11.2.db", "2026-11.db", "2026-11.1.db")
    assert [key.name for key in present(tmp_path)] == ["2026-11", "2026-11.1", "2026-11.2", "2026-12"]


def test_what_must_have_been_before_a_part_is_missing() -> None:
    assert missing([Key(5, "a"), Key(6, "a")]) == []
    assert missing([Key(5, "a", 3), Key(5, "a", 1), Key(5, "b", 1), Key(5, "b")]) == [Key(5, "a"), Key(5, "a", 2)]


def test_a_log_without_its_part_is_swept(tmp_path: Path) -> None:
    made(tmp_path, "2026-11.1.db-wal", "2026-11.db", "2026-11.db-wal")
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("data/default/*")) == ["2026-11.db", "2026-11.db-wal"]


def test_the_last_part_of_each_month_and_group_takes_its_samples() -> None:
    keys = [Key(10, "a", 1), Key(10, "a"), Key(10, "b"), Key(11, "a")]
    assert last_parts(keys) == {(10, "a"): Key(10, "a", 1), (10, "b"): Key(10, "b"), (11, "a"): Key(11, "a")}


def test_months_come_in_order_with_what_is_missing_of_them() -> None:
    keys = [Key(9, "a"), Key(10, "a", 1), Key(10, "b"), Key(12, "a")]
    of_ten = ([Key(10, "a"), Key(10, "a", 1), Key(10, "b")], [Key(10, "a", 1), Key(10, "b")])
    assert by_month(keys, 10, 12) == [of_ten, ([Key(12, "a")], [Key(12, "a")])]
    assert by_month(keys, 13, 14) == []
