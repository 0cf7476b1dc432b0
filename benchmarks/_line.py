"""The demo line for benchmarks: soft PLCs and a station as processes, on free ports and in a folder of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hmi.cli.link_client import LinkClient
from hmi.link.messages import GetStatus, Status, StatusReport
from hmi.resources import assets

Display = Mapping[str, Any]
"""A display document."""

PLCS = ("process", "packaging", "utilities")
SETTLES_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Line:
    """A running line."""

    url: str
    endpoints: Mapping[str, str]
    station: int
    """Process id."""
    plcs: int
    record: Path
    """What the PLCs write down that they serve: tag, time, value, status."""


@contextmanager
def demo_line(home: Display | None = None) -> Iterator[Line]:
    """Runs the demo line until the block is left; inside, every connection is up and nearly every tag Good.

    `home`: a display that panels open with instead of the demo's.
    """
    with tempfile.TemporaryDirectory(prefix="lineside-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        os.environ["LINESIDE_DATA"] = str(folder / "root")  # clients of this process find the station's key there
        record = folder / "served.csv"
        plcs, endpoints = _start(stack, "hmi.softplc", "--record", str(record))
        project = _project(folder, json.loads(endpoints), home)
        where = ("--data", str(folder / "data"), "--listen", "127.0.0.1:0")
        station, said = _start(stack, "hmi", "station", str(project), *where)
        line = Line(said.split()[-1], json.loads(endpoints), station, plcs, record)
        _settle(line)
        yield line


def _start(stack: ExitStack, *arguments: str) -> tuple[int, str]:
    """Starts a module as a program; its id and the first line it prints. Its log goes to a file that ends with it."""
    log = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    process = subprocess.Popen([sys.executable, "-m", *arguments], stdout=subprocess.PIPE, stderr=log, text=True)
    stack.callback(_end, process)
    assert process.stdout is not None
    said = process.stdout.readline()
    if not said:
        log.seek(0)
        raise RuntimeError(f"{arguments} ended with {process.wait()}: {log.read().decode()[-500:]}")
    return process.pid, said


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate()


def _project(folder: Path, endpoints: Mapping[str, Any], home: Mapping[str, Any] | None) -> Path:
    project = folder / "project"
    shutil.copytree(assets() / "demo", project)
    file = project / "connections.toml"
    text = file.read_text("utf-8")
    for name, old in zip(PLCS, ("48400", "15020", "15021"), strict=True):
        text = text.replace(old, str(endpoints[name]).rpartition(":")[2].strip("/"))
    file.write_text(text, "utf-8")
    if home is not None:
        name = str(home["name"])
        (project / "displays" / f"{name}.json").write_text(json.dumps(home), "utf-8")
        facts = project / "project.toml"
        facts.write_text(facts.read_text("utf-8").replace('home = "overview"', f'home = "{name}"'), "utf-8")
    return project


def _settle(line: Line) -> None:
    """Waits until the line is as a person finds it a minute after the start."""
    end = time.monotonic() + SETTLES_WITHIN
    while True:
        with LinkClient(line.url) as client:
            report = status(client)
        if all(c.state == "up" and c.good >= 0.99 * c.tags for c in report.connections):
            return
        if time.monotonic() > end:
            raise RuntimeError("the line did not come up")
        time.sleep(0.25)


def status(client: LinkClient) -> StatusReport:
    """The station's health."""
    return client.ask(GetStatus(client.number()), Status).report
