"""How a station starts when something is missing or broken: it runs with what it has, or says in one sentence why."""

import shutil
import socket

import pytest

from hmi.core.quality import Status
from hmi.link.messages import ConnectionStatus
from tests.helpers_station.client import LinkUser
from tests.helpers_station.line import Line, lasting_ports, until

pytestmark = pytest.mark.timeout(180)

LEVEL = "plant/bottling/mixer/level"


def refused(line: Line, *arguments: object) -> str:
    """The sentence with which a command ends; never a traceback, always exit code 1."""
    child = line.hmi(*[str(a) for a in arguments])
    code, said = line.end_of(child)
    assert code == 1, f"{code}: {said} {child.stderr}"
    assert "Traceback" not in child.stderr
    assert said == ""
    [*problems, last] = child.stderr.splitlines()
    assert all(problem.strip() for problem in problems)
    assert last.endswith("."), last
    return child.stderr


def test_plc_that_is_absent_is_waited_for(line: Line) -> None:
    line.start_station()
    with line.client() as client:
        client.subscribe(LEVEL)
        waiting = client.until(LEVEL, lambda v: True)
        assert waiting.status & 0xFFFF0000 == Status.BAD_WAITING_FOR_INITIAL_DATA
        until(lambda: process_of(client).state == "down", "the first attempt to fail")
        assert "process" in process_of(client).text
        line.start_plcs("process")
        client.until(LEVEL, lambda v: v.is_good, 45)
        assert process_of(client).state == "up"


@pytest.mark.soak
def test_plc_that_stays_away_is_given_up_after_the_grace(line: Line) -> None:
    line.start_station()
    with line.client() as client:
        client.subscribe(LEVEL)
        client.until(LEVEL, lambda v: v.status & 0xFFFF0000 == Status.BAD_WAITING_FOR_INITIAL_DATA)
        client.until(LEVEL, lambda v: v.status & 0xFFFF0000 == Status.BAD_NO_COMMUNICATION, 45)


def process_of(client: LinkUser) -> ConnectionStatus:
    """The process PLC's connection."""
    return next(c for c in client.status().connections if c.name == "process")


def test_taken_port_is_a_sentence(line: Line) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refused(line, "station", line.project, "--data", line.data, "--listen", f"127.0.0.1:{port}")
    assert f"cannot listen on 127.0.0.1:{port}" in said
    assert "--listen" in said


def test_address_of_another_machine_is_a_sentence(line: Line) -> None:
    said = refused(line, "station", line.project, "--data", line.data, "--listen", "203.0.113.1:8470")
    assert said.startswith("The station cannot listen on 203.0.113.1:8470: ")
    assert said.strip().endswith("Choose an address of this machine with --listen HOST:PORT.")


def test_data_folder_of_a_running_station_is_refused(line: Line) -> None:
    line.start_station()
    said = refused(line, "station", line.project, "--data", line.data, "--listen", "127.0.0.1:0")
    assert str(line.data) in said or "store" in said
    with line.client() as client:
        assert client.status().scans > 0


def test_missing_project_is_a_sentence(line: Line) -> None:
    said = refused(line, "station", line.folder / "nowhere", "--data", line.data, "--listen", "127.0.0.1:0")
    assert "nowhere" in said


def test_corrupt_tag_line_is_named_with_its_place(line: Line) -> None:
    file = line.project / "tags" / "process.jsonl"
    rows = file.read_text("utf-8").splitlines()
    rows[4] = rows[4][: len(rows[4]) // 2]
    file.write_text("\n".join(rows), "utf-8")
    said = refused(line, "station", line.project, "--data", line.data, "--listen", "127.0.0.1:0")
    assert "process.jsonl" in said
    assert "5" in said.splitlines()[0]
    check = line.hmi("check", line.project)
    code, listed = line.end_of(check)
    assert code == 1
    assert listed.startswith("tags/process.jsonl:5: ")


@pytest.mark.parametrize("file", ["project.toml", "tags/process.jsonl"])
def test_broken_project_starts_the_last_good_one_with_an_event(line: Line, file: str) -> None:
    line.start_station()
    assert line.stop_station() == 0
    with (line.project / file).open("a", encoding="utf-8") as broken:
        broken.write("\n[[[ neither this nor that\n")
    line.start_station()
    with line.client() as client:
        report = client.status()
        assert report.tags > 300
        assert any(" project-" in n and "last one that ran" in n for n in report.notices), report.notices
        client.subscribe("system/project/valid")
        client.until("system/project/valid", lambda v: v.is_good and v.value == 0)
    assert line.station is not None
    [sentence] = [row for row in line.station.stderr.splitlines() if not row.startswith("{")]
    assert "so the last one that ran was started" in sentence
    assert sentence.endswith(".")
    assert not sentence.endswith("..")


@pytest.mark.parametrize("missing", ["", "project.toml"])
def test_missing_project_never_starts_the_last_good_one(line: Line, missing: str) -> None:
    line.start_station()
    assert line.stop_station() == 0
    shutil.move(line.project / missing, line.folder / "elsewhere")
    said = refused(line, "station", line.project, "--data", line.data, "--listen", "127.0.0.1:0")
    assert said.startswith(f"There is no project in {line.project}")
    assert len(said.splitlines()) == 1


def test_mistyped_folder_leaves_no_data_folder(line: Line) -> None:
    data = line.folder / "fresh"
    refused(line, "station", line.folder / "nowhere", "--data", data, "--listen", "127.0.0.1:0")
    assert not data.exists()


@pytest.mark.parametrize("name", ["station.json", "link.key", "passwords.json"])
def test_damaged_file_of_the_data_folder(line: Line, name: str) -> None:
    line.start_station()
    assert line.stop_station() == 0
    (line.data / name).write_bytes(b"\x00damaged")
    if name == "station.json":  # an id is no secret: it is made anew
        line.start_station()
        return
    said = refused(line, "station", line.project, "--data", line.data, "--listen", "127.0.0.1:0")
    assert name in said


def test_nobody_listens_is_exit_code_three(line: Line) -> None:
    child = line.hmi("status", "--connect", f"ws://127.0.0.1:{next(lasting_ports())}")
    assert line.end_of(child)[0] == 3
    assert "Traceback" not in child.stderr
    assert "No station answers" in child.stderr
