import json
import os
from pathlib import Path

import pytest

from hmi.cli import address
from hmi.station.data_folder import write_private
from hmi.station.places import KEY_FILE, listening_file

URL = "ws://127.0.0.1:8470"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="systemd")


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the PC's services."""
    root = tmp_path / "lib"
    monkeypatch.setattr(address, "SYSTEM_ROOT", root)
    monkeypatch.setenv("LINESIDE_DATA", str(tmp_path / "own"))
    return root


def note(root: Path, data: Path) -> Path:
    """What a station that keeps its data there leaves for local clients."""
    data.mkdir(parents=True)
    write_private(data / KEY_FILE, bytes(32))
    file = listening_file(URL, root)
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"data": str(data)}))
    return data / KEY_FILE


def test_nobody_listens(system: Path) -> None:
    assert address.key_file_for(URL) is None


def test_the_key_of_a_service_is_found_by_its_own_account(system: Path) -> None:
    key = note(system, system / "line")
    assert address.key_file_for(URL) == key


def test_a_station_of_ones_own_comes_first(system: Path, tmp_path: Path) -> None:
    note(system, system / "line")
    own = note(tmp_path / "own", tmp_path / "own" / "line")
    assert address.key_file_for(URL) == own


def test_a_service_whose_key_anybody_can_read_is_not_believed(system: Path) -> None:
    note(system, system / "line").chmod(0o644)
    assert address.key_file_for(URL) is None
