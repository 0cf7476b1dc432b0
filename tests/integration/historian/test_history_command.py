"""`hmi history` as a program of its own: out of one store, into another."""

import sys
from collections.abc import Callable
from pathlib import Path

from hmi.core.batch import batch_of
from hmi.core.instants import Instants
from hmi.historian.catalogue import Catalogue
from hmi.historian.store import open_store
from tests.helpers.children import Child


def test_export_and_import_as_programs(tmp_path: Path, spawn: Callable[..., Child]) -> None:
    first, second, out = tmp_path / "first", tmp_path / "second", tmp_path / "out.csv"
    writer = open_store(first, clock=lambda: Instants(5, 5))
    with Catalogue(first) as catalogue:
        catalogue.ids_for([("u", "line/level", False, False), ("t", "line/text", True, True)], 1)
    writer.append(batch_of([1, 1, 2], [-1, 10**18, 5], [0] * 3, [0.1, 5e-324, 'é"\n='], [0, 0, 0]))
    writer.close()

    def hmi(*arguments: object) -> Child:
        child = spawn(sys.executable, "-m", "hmi", "history", *map(str, arguments))
        assert child.wait() == 0, child.stderr
        return child

    exported = hmi("export", "--store", first, "--all", "--out", out)
    assert exported.stderr == ""  # no bar where there is no terminal
    hmi("import", out, "--store", second, "--create")
    again = tmp_path / "again.csv"
    hmi("export", "--store", second, "--all", "--out", again)
    assert again.read_bytes() == out.read_bytes()
    assert sorted(path.name for path in tmp_path.glob("*.part")) == []
