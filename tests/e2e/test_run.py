"""`hmi run`: a station of its own, or the one that already runs this project, which it then leaves running."""

import signal
import socket

import psutil
import pytest

from tests.helpers_station.line import Line, until

pytestmark = pytest.mark.timeout(180)


def test_run_starts_a_station_and_stops_it(line: Line) -> None:
    line.listen_anywhere()
    run = line.hmi("run", line.project, "--data", line.data, "--headless")
    line.url = run.read_line(60).split()[-1]
    with line.client() as client:
        assert client.status().tags > 300
    run.process.send_signal(signal.SIGTERM)
    code, _ = line.end_of(run, 20)
    assert code == 0, run.stderr


def test_run_attaches_to_the_running_station_and_leaves_it_alone(line: Line) -> None:
    line.start_station()
    run = line.hmi("run", line.project, "--data", line.data, "--headless")
    assert line.url in run.read_line(60)
    run.process.send_signal(signal.SIGINT)
    code, _ = line.end_of(run, 20)
    assert code == 0, run.stderr
    with line.client() as client:
        scans = client.status().scans
        until(lambda: client.status().scans > scans, "the scan to go on")


def test_station_outlives_a_killed_run_and_the_next_one_attaches(line: Line) -> None:
    line.listen_anywhere()
    run = line.hmi("run", line.project, "--data", line.data, "--headless")
    line.url = run.read_line(60).split()[-1]
    [station] = line.below(run)
    run.kill()
    try:
        again = line.hmi("run", line.project, "--data", line.data, "--headless")
        assert line.url in again.read_line(60)
        assert again.terminate() == 0, again.stderr
        with line.client() as client:
            scans = client.status().scans
            until(lambda: client.status().scans > scans, "the scan to go on")
    finally:
        station.terminate()
        psutil.wait_procs([station], timeout=20)
    assert not station.is_running()


def test_station_that_dies_is_told_in_one_sentence(line: Line) -> None:
    line.listen_anywhere()
    run = line.hmi("run", line.project, "--data", line.data, "--headless")
    line.url = run.read_line(60).split()[-1]
    [station] = line.below(run)
    station.kill()
    code, _ = line.end_of(run, 20)
    assert code == 1
    assert "station ended by itself" in run.stderr
    assert "Traceback" not in run.stderr


def test_broken_project_is_listed(line: Line) -> None:
    with (line.project / "tags" / "process.jsonl").open("a", encoding="utf-8") as file:
        file.write("{neither\n{nor\n")
    line.listen_anywhere()
    run = line.hmi("run", line.project, "--data", line.data, "--headless")
    code, _ = line.end_of(run, 60)
    assert code == 1
    *problems, errors, last = run.stderr.splitlines()
    assert all(problem.startswith("tags/process.jsonl:") for problem in problems)
    assert len(problems) >= 2
    assert errors.startswith("The project has ")
    assert last == "The station did not start."


def test_taken_port_is_told_before_anything_starts(line: Line) -> None:
    line.listen_anywhere()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        file = line.project / "project.toml"
        file.write_text(file.read_text("utf-8").replace("port = 0", f"port = {port}"), "utf-8")
        run = line.hmi("run", line.project, "--data", line.data, "--headless")
        code, _ = line.end_of(run, 60)
    assert code == 1
    assert run.stderr.startswith(f"Port {port}, which the project's station needs, is taken")
    assert len(run.stderr.splitlines()) == 1
