"""Material for test_harness.py: a fixture of a whole file leaves a file open."""

import pytest

KEEP: list[object] = []


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    KEEP.append((tmp_path_factory.mktemp("module") / "left").open("w"))


def test_uses_it(opened):
    pass
