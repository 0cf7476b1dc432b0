"""A station that stops and starts again, with its real files."""

import asyncio
import json
from pathlib import Path

import pytest

from hmi.core.quality import Status
from hmi.historian.catalogue import Catalogue
from hmi.historian.store import open_reader
from hmi.station.app import Start, Station

TAGS = (
    {"uid": "a", "path": "sp", "type": "float", "source": {"kind": "memory", "default": 5.0}},
    {"uid": "b", "path": "twice", "type": "float", "source": {"kind": "expression", "expression": "{sp} * 2"}},
    {"uid": "c", "path": "recipe", "type": "string", "source": {"kind": "memory", "default": "lager"}},
    {"uid": "d", "path": "laboratory", "type": "float", "source": {"kind": "manual"}},
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "tags").mkdir(parents=True)
    (folder / "project.toml").write_text('name = "Line"\n')
    (folder / "tags" / "all.jsonl").write_text("".join(json.dumps(tag) + "\n" for tag in TAGS))
    return folder


async def live_once(project: Path, data: Path) -> None:
    """Starts a station and stops it as soon as it is ready; it scans at least once."""
    stop = asyncio.Event()
    await Station(Start(project, data, "127.0.0.1", 0)).run(lambda _: stop.set(), stop)


def samples(data: Path, path: str) -> list[tuple[float | str | None, int]]:
    folder = data / "history"
    with Catalogue(folder, readonly=True) as catalogue:
        number = catalogue.id_of(path)
    assert number is not None
    reader = open_reader(folder)
    try:
        page = reader.read_raw(number, 0, 2**62, limit=100)
    finally:
        reader.close()
    rows = zip(page.value.tolist(), page.status.tolist(), strict=True)
    return [(None if s else page.text[int(v)] if page.text else v, int(s)) for v, s in rows]


async def test_what_needs_no_device_is_known_again_after_the_gap_of_a_restart(project: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for _ in range(3):
        await live_once(project, data)
    gap = (None, int(Status.BAD_NO_DATA))
    for path, value in (("sp", 5.0), ("twice", 10.0), ("recipe", "lager")):
        assert samples(data, path) == [(value, 0), gap, (value, 0), gap, (value, 0)], path
    assert {status for _, status in samples(data, "laboratory")} == {gap[1]}  # never entered: nothing is known
