"""Real processes on free ports: a line for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.children import Children
from tests.helpers_station.line import Line


@pytest.fixture
def line(tmp_path: Path, spawn: Children) -> Iterator[Line]:
    """A line in a good shift; nothing runs yet. Its station must stop in order when the test ends."""
    line = Line(tmp_path, spawn)
    yield line
    line.stop()
