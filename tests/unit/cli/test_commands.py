import math
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from hmi.cli import link_client, live, main, start
from hmi.link.messages import TagInfo
from hmi.resources import assets
from hmi.station.data_folder import open_data_folder


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("LINESIDE_DATA", str(tmp_path / "data"))
    return CliRunner()


def test_the_demo_project_has_no_errors(run: CliRunner) -> None:
    result = run.invoke(main, ["check", str(assets() / "demo")])
    assert (result.exit_code, result.stderr) == (0, "")
    assert "no errors" in result.stdout


def test_check_lists_every_error_and_exits_1(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "tags").mkdir()
    (tmp_path / "project.toml").write_text("name = 3\n")
    (tmp_path / "tags" / "a.jsonl").write_text("{}\n[\n")
    result = run.invoke(main, ["check", str(tmp_path)])
    assert result.exit_code == 1
    assert {line.split(": ")[0] for line in result.stdout.splitlines()} >= {"project.toml:1", "tags/a.jsonl:2"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["check", "/nowhere"], 1, "There is no project"),
        (["station", "/nowhere"], 1, "There is no project"),
        (["status", "--connect", "ws://127.0.0.1:1"], 3, "No station answers"),
        (["read", "x", "--connect", "ws://127.0.0.1:1"], 3, "at ws://127.0.0.1:1: Connection refused. Start"),
        (["status", "--connect", "nonsense"], 1, "nonsense is no address of a station. Write it like ws://"),
        (["demo", "--seconds", "-1"], 2, "-1"),
        (["demo", "--scenario", "party"], 1, "There is no scenario 'party'"),
        (["plc", "--scenario", "party"], 1, "There is no scenario 'party'"),
        (["run", "/nowhere"], 1, "There is no project"),
        (["write", "x", "1", "--connect", "ws://127.0.0.1:1"], 1, "Name the user with --user."),
        (["alarms", "ack", "1", "--connect", "ws://127.0.0.1:1"], 1, "Name the user with --user."),
        (["station", "x", "--listen", "here"], 2, "HOST:PORT"),
        (["history", "info", "--store", "/nowhere"], 1, ""),
        (["audit", "verify", "--store", "/nowhere"], 1, ""),
        (["read"], 2, "Missing argument"),
    ],
)
def test_errors_are_sentences_with_their_exit_code(run: CliRunner, arguments: list[str], code: int, words: str) -> None:
    result = run.invoke(main, arguments)
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_users_are_added_listed_and_disabled(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "project.toml").write_text('name = "Line"\n')
    (tmp_path / "users.toml").write_text("# kept\n")
    user = ["user", "--project", str(tmp_path)]
    password = "a good long one\n"
    added = run.invoke(main, [*user, "add", "ann", "--role", "operator"], input=password * 2)
    assert added.exit_code == 0, added.output
    assert (tmp_path / "users.toml").read_text() == '# kept\nann = "operator"\n'
    assert run.invoke(main, [*user, "list"]).stdout == "ann  operator  active\n"
    assert run.invoke(main, [*user, "disable", "ann"]).exit_code == 0
    assert run.invoke(main, [*user, "list"]).stdout == "ann  operator  disabled\n"
    assert run.invoke(main, [*user, "passwd", "bob"], input=password * 2).exit_code == 1
    weak = run.invoke(main, [*user, "add", "bob", "--role", "viewer"], input="short\n" * 2)
    assert weak.exit_code == 1
    assert "bob" not in (tmp_path / "users.toml").read_text()


def test_a_stale_note_does_not_attach_to_another_lines_station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = open_data_folder(tmp_path / "ours"), open_data_folder(tmp_path / "theirs")
    (ours.path / "listening.json").write_text('{"url": "ws://127.0.0.1:1"}')

    class Answers:
        """Whoever listens at the address that the note names."""

        def __init__(self, _: str) -> None:
            self.opened = SimpleNamespace(proved=True, welcome=SimpleNamespace(station=listening.station))

        def __enter__(self) -> "Answers":
            return self

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr(link_client, "LinkClient", Answers)
    listening = theirs
    assert start._running(ours.path) is None
    listening = ours
    assert start._running(ours.path) == "ws://127.0.0.1:1"


def test_the_folder_in_which_passwords_were_looked_for_is_named(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "project.toml").write_text('name = "Line"\n')
    (tmp_path / "users.toml").write_text('ann = "operator"\n')
    result = run.invoke(main, ["user", "--project", str(tmp_path), "list"])
    assert result.stdout == "ann  operator  no password\n"
    assert str(tmp_path / "data") in result.stderr


@pytest.mark.parametrize(
    ("value", "words"),
    [(9.0, "below the lowest allowed value of a, 10 bar"), (91.0, "above the highest"), (math.nan, "no value")],
)
def test_a_value_out_of_its_limits_is_refused_before_it_is_confirmed(
    value: float, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        live._require_possible(TagInfo(1, "a", "float", "bar", write_low=10.0, write_high=90.0), value)
    assert words in capsys.readouterr().err
    live._require_possible(TagInfo(1, "a", "float", write_low=10.0, write_high=90.0), 90.0)


def test_a_state_that_a_tag_does_not_have_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    info = TagInfo(1, "a", "enum", states={"0": "Off", "1": "On"})
    live._require_possible(info, 1.0)
    with pytest.raises(SystemExit):
        live._require_possible(info, 2.0)
    assert "0 (Off), 1 (On)" in capsys.readouterr().err


def test_commands_load_no_numpy_before_they_need_it() -> None:
    code = "import sys, hmi.cli, hmi.cli.start; print(sorted({'numpy', 'pydantic', 'websockets'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
