"""Real processes on free ports: a line for each test."""

from pathlib import Path

import pytest

from tests.helpers.children import Children
from tests.helpers_station.line import Line


@pytest.fixture
def line(tmp_path: Path, spawn: Children) -> Line:
    """A line in a good shift; nothing runs yet."""
    return Line(tmp_path, spawn)
