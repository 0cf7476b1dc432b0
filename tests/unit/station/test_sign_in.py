import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from hmi.cli import main
from hmi.core.rights import Role
from hmi.station.data_folder import open_data_folder
from hmi.station.places import data_folder
from hmi.station.sign_in import SignIns, no_passwords
from hmi.station.users import Users
from tests.unit.station.fakes import FakeClock

PASSWORD = "a good long one"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LINESIDE_DATA", str(tmp_path / "root"))
    folder = tmp_path / "my line"
    folder.mkdir()
    (folder / "project.toml").write_text('name = "Line"\n')
    (folder / "users.toml").write_text('ann = "operator"\n')
    return folder


@pytest.mark.parametrize("usual", [True, False])
async def test_the_command_that_is_advised_before_the_first_password_works(project: Path, usual: bool) -> None:
    data = open_data_folder(data_folder(project) if usual else project.parent / "other data").path

    async def record(*_: str) -> None:
        return None

    desk = SignIns(Users(data, {"ann": "operator"}), FakeClock(), record, no_passwords(project, data))
    role, told = await desk.sign_in("ann", PASSWORD, "panel")
    assert role is Role.NONE
    assert told.startswith("No password is set yet: run `hmi user --project ")
    assert ("--data" in told) is not usual
    typed = shlex.split(told.split("`")[1].replace("NAME", "ann"))
    assert CliRunner().invoke(main, typed[1:], input=f"{PASSWORD}\n").exit_code == 0
    assert await desk.sign_in("ann", PASSWORD, "panel") == (Role.OPERATOR, "")
