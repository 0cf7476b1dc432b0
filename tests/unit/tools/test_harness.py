"""A guard that cannot fail guards nothing: each is shown a test it must refuse, and tests it must let pass."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent

REFUSED = {
    "test_thread": "thread still running: leaky",
    "test_file": "file left open: .*/left",
    "test_descriptor": "file left open: .*/left",
    "test_socket": r"file left open: socket:\[\d+\]",
    "test_task": "task still running when its loop closed: Task-.*sleep",
    "test_task_of_run": "task still running when its loop closed: Task-.*sleep",
    "test_log": "unexpected log record: WARNING plant: pump 4 is hot",
    "test_log_not_propagated": "unexpected log record: ERROR quiet: unseen",
    "test_structlog": "unexpected log record: WARNING .*: lost 100% of samples tag='a/b'",
    "test_log_absent": "expected log record never came: 'never'",
    "test_qt_timer": "still alive: Qt QTimer",
    "test_qt_thread": "still alive: Qt QThread",
    "test_qt_widget": "still alive: Qt QLabel",
    "test_qt_message": "Qt messages with level WARNING or above emitted",
    "test_warning": "DeprecationWarning: old",
    "test_network": r"tried to reach another machine: socket.connect \('192.0.2.1', 80\)",
    "test_datagram": r"tried to reach another machine: socket.sendto \('192.0.2.1', 9\)",
    "test_name": "tried to reach another machine: look-up of 'station.example'",
    "test_child": r"process left running: \d+ .*time.sleep\(600\)",
    "test_grandchild": r"process left running: \d+ .*time.sleep\(600\)",
}
LET_PASS = [
    "test_clean", "test_clean_server", "test_clean_log", "test_clean_qt", "test_clean_thread", "test_clean_child",
    "test_clean_name", "test_clean_home", "test_clean_port",
]  # fmt: skip


def run_pytest(material: Path, folder: Path) -> str:
    """Run one file with the harness in a process of its own, as `make test` would; what it printed."""
    arguments = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(material.parent), f"--basetemp={folder / 'tmp'}"]
    plugins = ["-p", "tests.helpers.plugin", "-p", "no:cacheprovider", "-p", "no:xdist"]
    session = {"DISPLAY": ":99", "HTTPS_PROXY": "http://192.0.2.1:3128", "PYTHONPATH": str(ROOT)}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")} | session
    command = [sys.executable, "-m", "pytest", *arguments, *plugins, "-q", "--tb=short", "-rA", str(material)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> dict[str, str]:
    """What pytest said about each test of the material, by the test's name."""
    output = run_pytest(HERE / "leaky_tests.py", tmp_path_factory.mktemp("leaky"))
    parts = re.split(r"^_+ (?:ERROR at \w+ of )?(test_\w+) _+$", output.split("= PASSES =")[0], flags=re.MULTILINE)
    said = dict(zip(parts[1::2], parts[2::2], strict=True))
    summary = output[output.index("short test summary info") :]
    passed = set(re.findall(r"^PASSED .*::(test_\w+)$", summary, re.MULTILINE))
    spoiled = set(re.findall(r"^(?:ERROR|FAILED) .*::(test_\w+)", summary, re.MULTILINE))
    return said | dict.fromkeys(passed - spoiled, "passed")


@pytest.mark.parametrize("name", REFUSED)
def test_harness_refuses(report, name):
    assert re.search(REFUSED[name], report.get(name, "")), report.get(name)


@pytest.mark.parametrize("name", LET_PASS)
def test_harness_lets_clean_tests_pass(report, name):
    assert report[name] == "passed"


def test_every_piece_of_material_is_looked_at():
    written = re.findall(r"^(?:async )?def (test_\w+)", (HERE / "leaky_tests.py").read_text(), re.MULTILINE)
    assert sorted(written) == sorted([*REFUSED, *LET_PASS])


def test_harness_refuses_what_the_fixtures_of_a_file_leave(tmp_path):
    output = run_pytest(HERE / "leaky_module_tests.py", tmp_path)
    assert re.search(r"The fixtures of this file left something behind.*\n.*file left open: .*/left", output)
