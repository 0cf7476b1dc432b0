"""A warm line is costly to make; tests get copies of one."""

import copy
from collections.abc import Callable

import pytest

from hmi.softplc.plant.line import STEP_S, Line


@pytest.fixture(scope="session")
def shared_line() -> Line:
    """A producing line that tests only read."""
    return Line(7)


@pytest.fixture
def line(shared_line: Line) -> Line:
    """A producing line of the test's own."""
    return copy.deepcopy(shared_line)


@pytest.fixture
def run() -> Callable[[Line, float], None]:
    """Lets seconds pass on a line."""

    def seconds(line: Line, duration: float) -> None:
        for _ in range(round(duration / STEP_S)):
            line.step(STEP_S)

    return seconds
