import json
import os
from pathlib import Path

import pytest

from hmi.core.errors import LinesideError
from hmi.link.proof import KEY_BYTES
from hmi.resources import assets
from hmi.station.data_folder import announce, open_data_folder
from hmi.station.places import KEY_FILE, data_folder, listening_file


def test_key_and_id_are_made_once(tmp_path: Path) -> None:
    first = open_data_folder(tmp_path / "data")
    again = open_data_folder(tmp_path / "data")
    assert len(first.key) == KEY_BYTES
    assert (again.key, again.station) == (first.key, first.station)
    assert open_data_folder(tmp_path / "other").key != first.key


@pytest.mark.skipif(os.name != "posix", reason="POSIX modes")
def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    folder = open_data_folder(tmp_path)
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    (folder.path / KEY_FILE).chmod(0o644)
    with pytest.raises(LinesideError, match="chmod 600"):
        open_data_folder(tmp_path)


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    open_data_folder(tmp_path)
    (tmp_path / KEY_FILE).write_bytes(b"short")
    with pytest.raises(LinesideError, match="damaged"):
        open_data_folder(tmp_path)


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LinesideError, match="cannot be used"):
        open_data_folder(tmp_path / "file" / "data")


def test_local_clients_find_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINESIDE_DATA", str(tmp_path / "root"))
    folder = open_data_folder(tmp_path / "data")
    note = announce(folder, "ws://127.0.0.1:8470", tmp_path / "project")
    assert note == listening_file("ws://127.0.0.1:8470")
    assert json.loads(note.read_text())["data"] == str((tmp_path / "data").resolve())


def test_a_profile_that_cannot_be_written_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LINESIDE_DATA", str(tmp_path / "file" / "root"))
    with pytest.raises(LinesideError, match=r"cannot be written: Not a directory.*LINESIDE_DATA"):
        announce(open_data_folder(tmp_path / "data"), "ws://127.0.0.1:8470", tmp_path / "project")


def test_projects_of_one_name_have_their_own_data(tmp_path: Path) -> None:
    assert data_folder(tmp_path / "a" / "line") != data_folder(tmp_path / "b" / "line")
    assert data_folder(tmp_path / "a" / "line") == data_folder(tmp_path / "a" / "x" / ".." / "line")


def test_the_demo_has_one_data_folder_however_it_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINESIDE_DATA", str(tmp_path))
    assert data_folder(assets() / "demo") == tmp_path / "demo"
    assert data_folder(tmp_path / "demo") != tmp_path / "demo"
