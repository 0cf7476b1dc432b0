"""A file appears whole or not at all."""

import os
from pathlib import Path

import pytest

from hmi.core.errors import LinesideError
from hmi.historian.export.new_file import new_file


def test_it_appears_at_the_end_and_replaces_an_older_one(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    with new_file(target) as stream:
        stream.write(b"new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def half_written(target: Path, error: type[BaseException]) -> None:
    with new_file(target) as stream:
        stream.write(b"half")
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_nothing_stays_after_an_error(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    with pytest.raises(error):
        half_written(target, error)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to(target)
    with new_file(link) as stream:
        stream.write(b"x")
    assert link.is_symlink()
    assert target.read_bytes() == b"x"


def test_a_device_is_written_and_not_replaced() -> None:
    with new_file(Path(os.devnull)) as stream:
        stream.write(b"x")
    assert not Path(os.devnull).is_file()
    assert not Path(os.devnull + ".part").exists()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LinesideError, match="cannot be written: No such file"), new_file(tmp_path / "no" / "x.csv"):
        pass
