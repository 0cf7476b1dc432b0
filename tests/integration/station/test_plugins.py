"""A station whose plugins run in processes of their own, beside some that cannot run at all."""

import asyncio
import json
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from hmi.core.errors import ProjectError
from hmi.core.quality import is_good
from hmi.historian.catalogue import Catalogue
from hmi.historian.event_reader import EventReader, Query
from hmi.historian.store import open_reader
from hmi.station.app import Start, Station
from hmi.station.loading import check_project, load_project
from tests.helpers_drivers.wild import plugin
from tests.helpers_station.line import until

CONNECTIONS = """
[sim]
driver = "simulator"
endpoint = "simulator"

[inside]
driver = "simulator"
endpoint = "simulator"
process = false

[calm]
driver = "wild"
endpoint = "calm"
process = "shared"

[exits]
driver = "wild"
endpoint = "exit"
process = "shared"

[broken]
driver = "broken"
endpoint = "anything"

[foreign]
driver = "foreign"
endpoint = "anything"
"""


def tag(connection: str, address: str) -> dict[str, object]:
    source = {"kind": "connection", "connection": connection, "address": address}
    return {"uid": connection, "path": f"trial/{connection}", "type": "float", "scan": 0.1, "source": source}


TAGS = (
    tag("sim", "memory:a"),
    tag("inside", "memory:a"),
    *(tag(c, "x") for c in ("calm", "exits", "broken", "foreign")),
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "tags").mkdir(parents=True)
    (folder / "project.toml").write_text('name = "Trial"\n')
    (folder / "connections.toml").write_text(CONNECTIONS)
    (folder / "tags" / "all.jsonl").write_text("".join(json.dumps(t) + "\n" for t in TAGS))
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a plugin that runs, one that cannot be imported, and one that others could have changed."""
    plugins = tmp_path / "data" / "plugins"
    plugin(plugins, "wild")
    plugin(plugins, "broken", "import sys; sys.exit('no licence')")
    plugin(plugins, "foreign").joinpath("driver.py").chmod(0o666)
    return tmp_path / "data"


@asynccontextmanager
async def running(project: Path, data: Path):
    """A station; gives a look at what it says of its connections."""
    stop, listening = asyncio.Event(), asyncio.get_running_loop().create_future()
    life = asyncio.create_task(Station(Start(project, data, "127.0.0.1", 0)).run(listening.set_result, stop))
    url = (await listening).replace("ws://", "http://")

    def up() -> set[str]:
        with urlopen(f"{url}/metrics", timeout=5) as answer:  # noqa: S310 - the station's own address
            lines = answer.read().decode().splitlines()
        return {
            line.split('"')[1] for line in lines if line.startswith("lineside_connection_up") and line.endswith(" 1")
        }

    try:
        yield up
    finally:
        stop.set()
        await life


def last(data: Path, path: str) -> tuple[float, int]:
    """The last stored sample from before the stop."""
    with Catalogue(data / "history", readonly=True) as catalogue:
        number = catalogue.id_of(path)
    reader = open_reader(data / "history")
    try:
        page = reader.read_raw(number, 0, 2**62, limit=100)
    finally:
        reader.close()
    return (float(page.value[-1]), int(page.status[-1])) if len(page.value) else (0.0, -1)


def events(data: Path) -> dict[tuple[str, str], str]:
    reader = EventReader(data / "history")
    try:
        return {(line.kind, line.source): line.text for line in reader.events(Query(limit=1000)).lines}
    finally:
        reader.close()


async def test_what_cannot_run_is_told_and_switched_off_and_the_rest_runs(project, data):
    async with running(project, data) as up:
        wanted = {"sim", "inside", "calm"}
        await asyncio.to_thread(until, lambda: up() == wanted, f"{wanted} to be up")
    assert is_good(last(data, "trial/sim")[1])
    assert is_good(last(data, "trial/inside")[1])
    assert last(data, "trial/calm")[0] > 1.0, "its process told its number"
    told = events(data)
    assert "SystemExit: no licence" in told["connection-off", "broken"]
    assert "SystemExit: no licence" in told["connection-off", "exits"]
    assert "can be changed by others" in told["connection-off", "foreign"]
    assert ("connection-down", "calm") not in told


def test_a_check_tells_what_is_switched_off_and_that_the_project_runs(project, data):
    _, problems, _ = check_project(project, data)
    assert [(p.where, p.runs_on) for p in problems] == [("broken.driver", True), ("foreign.driver", True)]


def test_a_driver_of_which_nobody_has_heard_is_a_mistake(project, data):
    file = project / "connections.toml"
    file.write_text(CONNECTIONS.replace('"simulator"\nendpoint', '"simulater"\nendpoint', 1))
    with pytest.raises(ProjectError) as caught:
        load_project(project, data)
    [fatal] = [p for p in caught.value.problems if not p.runs_on]
    assert "There is no driver 'simulater'" in fatal.what
    assert "simulator" in fatal.what


@pytest.mark.parametrize("name", ['"a/b"', '""'])
def test_a_process_has_a_name_that_can_be_shown(project, data, name):
    file = project / "connections.toml"
    file.write_text(CONNECTIONS.replace('"shared"', name, 1))
    assert [p.where for p in check_project(project, data)[1] if not p.runs_on] == ["calm.process"]
