import getpass
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hmi.cli import main, service
from hmi.resources import assets

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="systemd")

DEMO = str(assets() / "demo")


def unit(*arguments: str) -> list[str]:
    result = CliRunner().invoke(main, ["service", "install", DEMO, "--print", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_all_that_the_station_writes_lies_in_its_state_directory() -> None:
    lines = unit()
    assert "StateDirectory=lineside" in lines
    assert 'Environment="LINESIDE_DATA=/var/lib/lineside"' in lines
    assert next(line for line in lines if line.startswith("ExecStart=")).endswith('--data "/var/lib/lineside/demo"')
    assert not [line for line in lines if line.startswith("ReadWritePaths")]
    assert "WatchdogSec=10" in lines


def test_a_folder_elsewhere_may_be_written_and_need_not_be_there_yet() -> None:
    lines = unit("--data", "/srv/my line")
    assert 'ReadWritePaths="-/srv/my line"' in lines
    assert next(line for line in lines if line.startswith("ExecStart=")).endswith('--data "/srv/my line"')


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PC on which services may be installed, without asking its systemd."""
    monkeypatch.setattr(service, "UNITS", tmp_path)
    monkeypatch.setattr(service, "SYSTEM_ROOT", tmp_path / "lib")
    done = subprocess.CompletedProcess([], 0, "", "")
    monkeypatch.setattr("hmi.cli.service.subprocess.run", lambda *_, **__: done)
    return tmp_path


def test_the_data_folder_is_made_for_its_account_and_the_password_command_is_told(place: Path) -> None:
    data, me = place / "data", getpass.getuser()
    result = CliRunner().invoke(main, ["service", "install", DEMO, "--user", me, "--data", str(data)])
    assert result.exit_code == 0, result.output
    assert data.stat().st_mode & 0o777 == 0o700
    assert f"sudo -u {me} {sys.executable} -m hmi user --project {DEMO} --data {data} passwd NAME" in result.stdout


def test_an_account_that_does_not_exist_is_told_before_anything_is_written(place: Path) -> None:
    result = CliRunner().invoke(main, ["service", "install", DEMO, "--user", "no-such-account"])
    assert result.exit_code == 1
    assert "This PC has no account 'no-such-account'" in result.stderr
    assert list(place.iterdir()) == []


@pytest.mark.skipif(os.getuid() != 0, reason="another owner")
def test_services_of_two_accounts_would_fight_over_one_folder(place: Path) -> None:
    (place / "lib").mkdir()
    os.chown(place / "lib", 1, 1)
    result = CliRunner().invoke(main, ["service", "install", DEMO, "--user", "root"])
    assert result.exit_code == 1
    assert "use --user for that one" in result.stderr
