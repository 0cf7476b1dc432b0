import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from hmi.cli import main
from hmi.core.rights import Role
from hmi.station.data_folder import open_data_folder
from hmi.station.places import data_folder
from hmi.station.sign_in import SignIns, no_passwords
from hmi.station.turned_away import TurnedAway
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

    def ignored(*_: str) -> None:
        return None

    desk = SignIns(
        Users(data, {"ann": "operator"}),
        FakeClock(),
        record,
        TurnedAway(FakeClock(), ignored),
        no_passwords(project, data),
    )
    role, told = await desk.sign_in("ann", PASSWORD, "panel")
    assert role is Role.NONE
    assert told.startswith("No password is set yet: run `hmi user --project ")
    assert ("--data" in told) is not usual
    typed = shlex.split(told.split("`")[1].replace("NAME", "ann"))
    assert CliRunner().invoke(main, typed[1:], input=f"{PASSWORD}\n").exit_code == 0
    assert await desk.sign_in("ann", PASSWORD, "panel") == (Role.OPERATOR, "")


class Bench:
    """A front desk that knows ann, with its audit trail and event journal in lists."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.audited: list[str] = []
        self.events: list[tuple[str, str, str]] = []
        users = Users(folder, {"ann": "operator"})
        users.set_password("ann", PASSWORD)
        away = TurnedAway(self.clock, lambda *line: self.events.append(line))
        self.desk = SignIns(users, self.clock, self.record, away, "")

    async def record(self, user: str, terminal: str, result: str) -> None:
        self.audited.append(result)

    async def guess(self) -> str:
        role, sentence = await self.desk.sign_in("ann", "guess", "panel at pc")
        assert role is Role.NONE
        return sentence


async def test_a_wrong_password_is_a_sentence_an_audit_record_and_an_event(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert await bench.guess() == "User name or password is wrong."
    assert bench.audited == ["refused: wrong user or password"]
    [(kind, source, text)] = bench.events
    assert (kind, source) == ("sign-in-refused", "panel at pc")
    assert "'ann'" in text


async def test_an_attempt_too_soon_is_told_once_a_minute_however_often_it_comes(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    said = [await bench.guess() for _ in range(50)]
    assert said[-1].startswith("Too many wrong passwords: wait 1 s")
    assert [kind for kind, _, _ in bench.events] == ["sign-in-refused", "sign-in-held-off"]
    assert bench.audited == ["refused: wrong user or password"] * 3 + ["refused: too many wrong passwords"]


async def test_the_right_password_is_no_event(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert await bench.desk.sign_in("ann", PASSWORD, "panel at pc") == (Role.OPERATOR, "")
    assert bench.audited == ["signed in"]
    assert not bench.events
