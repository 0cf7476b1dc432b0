"""Stores that several of the tests look at."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hmi.historian.backup import back_up
from tests.helpers_historian.bench import Bench
from tests.helpers_historian.copies import NOW, whole_store


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store and its backup, copied for each test."""
    folder = tmp_path_factory.mktemp("made")
    whole_store(folder / "history")
    back_up(folder / "history", folder / "one", utc=NOW.utc)
    return folder


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "history", tmp_path / "history"))


@pytest.fixture
def saved(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "one", tmp_path / "backups" / "one"))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "store")
    yield made
    made.close()
