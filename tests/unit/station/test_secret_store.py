"""Secrets are kept for their owner only, listed by name and given to their connection."""

import os
from pathlib import Path

import pytest

from hmi.core.errors import LinesideError
from hmi.station.driver_data import DriverData
from hmi.station.secret_store import FILE, SecretStore


def test_a_secret_is_kept_replaced_and_forgotten(tmp_path: Path) -> None:
    store = SecretStore(tmp_path)
    assert store.names() == []
    store.put("mixer", "password", "one")
    store.put("mixer", "password", "two")
    store.put("packer", "user_key", "-----BEGIN\nkey\n")
    assert SecretStore(tmp_path).of("mixer") == {"password": "two"}
    assert store.of("packer") == {"user_key": "-----BEGIN\nkey\n"}
    assert store.names() == [("mixer", "password"), ("packer", "user_key")]
    store.put("mixer", "password", "")
    assert store.names() == [("packer", "user_key")]
    assert store.of("mixer") == {}


@pytest.mark.skipif(os.name != "posix", reason="POSIX modes")
def test_only_the_owner_reads_them(tmp_path: Path) -> None:
    SecretStore(tmp_path).put("mixer", "password", "one")
    file = tmp_path / FILE
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    with pytest.raises(LinesideError, match="chmod 600"):
        SecretStore(tmp_path).of("mixer")


@pytest.mark.parametrize("content", ["{", "[]", '{"mixer": "hidden-word"}'])
def test_a_damaged_file_is_said_without_what_it_holds(tmp_path: Path, content: str) -> None:
    file = tmp_path / FILE
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(LinesideError, match="hmi secret set") as refusal:
        SecretStore(tmp_path).of("mixer")
    assert "hidden-word" not in str(refusal.value)


def test_a_driver_has_a_folder_of_its_own(tmp_path: Path) -> None:
    kept = DriverData(tmp_path)
    assert kept.folder("opcua") == tmp_path / "drivers" / "opcua"
    assert kept.folder("opcua").is_dir()
    SecretStore(tmp_path).put("mixer", "password", "one")
    assert kept.secrets("mixer") == {"password": "one"}
