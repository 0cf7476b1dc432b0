"""`make` finds a Python that works, and says so when there is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FIND = Path(__file__).resolve().parents[3] / "tools" / "find-python"


class SearchPath:
    """A PATH with the programs a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, script: str) -> None:
        program = self.folder / name
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)

    def real(self, name: str) -> None:
        self.add(name, f'NAMED={name} exec {sys.executable} "$@"')

    def run(self, **extra: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": str(self.folder), "HOME": os.environ["HOME"], **extra}
        command = ["/bin/sh", str(FIND), "-c", "import os; print(os.environ['NAMED'])"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def path(tmp_path) -> SearchPath:
    return SearchPath(tmp_path)


def test_the_version_it_was_tried_on_comes_first(path):
    path.real("python3")
    path.real("python3.11")
    assert path.run().stdout == "python3.11\n"


def test_a_shim_that_refuses_is_passed_over(path):
    path.add("python3.11", "echo 'pyenv: python3.11: command not found' >&2; exit 127")
    path.real("python3")
    done = path.run()
    assert (done.stdout, done.stderr) == ("python3\n", "")


def test_too_old_is_passed_over(path):
    path.add("python3", "exit 1")
    path.real("python3.12")
    assert path.run().stdout == "python3.12\n"


def test_a_person_may_name_one(path):
    path.real("python3.11")
    path.real("mine")
    assert path.run(PYTHON="mine").stdout == "mine\n"


def test_none_is_one_sentence(path):
    done = path.run()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Lineside needs Python 3.11, 3.12 or 3.13, and none was found")
    assert len(done.stderr.splitlines()) == 1
