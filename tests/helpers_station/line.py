"""A whole line for tests: soft PLCs that can be killed one by one, a station, and clients; all on free ports."""

import json
import random
import re
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from hmi.core.batch import Batch
from hmi.historian.audit import AuditRecord
from hmi.historian.catalogue import Catalogue
from hmi.historian.event_reader import EventReader, Query
from hmi.historian.store import open_reader
from hmi.resources import assets
from hmi.station.data_folder import open_data_folder
from hmi.station.places import KEY_FILE
from hmi.station.users import Users
from tests.helpers.children import Child, Children
from tests.helpers_station.client import PATIENCE, LinkUser

PLCS = ("process", "packaging", "utilities")
PASSWORD = "line-of-bottles-7"
ROLES = {"admin": "admin", "engineer": "engineer", "operator": "operator", "viewer": "viewer"}
STARTS_WITHIN = 60.0
POLL = 0.05
"""Seconds between looks at something that cannot tell by itself that it has changed."""


def until(look: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """What `look` returns as soon as it is true; for states of other processes that send no event."""
    end = time.monotonic() + patience
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience:g} s in vain for {what}")
        time.sleep(POLL)


def lasting_ports() -> Iterator[int]:
    """Ports that stay free while their owner is dead.

    They lie below the range from which the system takes ports for outgoing connections: there, the station's own
    attempt to reach a dead PLC could be given that PLC's port.
    """
    numbers = list(range(20_000, 30_000))
    random.shuffle(numbers)
    for number in numbers:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", number))
            yield number


def copy_demo(folder: Path, ports: dict[str, int]) -> Path:
    """The demo project with other ports, and a viewer among its users."""
    project = folder / "project"
    shutil.copytree(assets() / "demo", project)
    file = project / "connections.toml"
    text = file.read_text("utf-8")
    for old, name in (("48400", "process"), ("15020", "packaging"), ("15021", "utilities")):
        assert text.count(old) == 1, f"the demo's port {old} is not where it was"
        text = text.replace(old, str(ports[name]))
    file.write_text(text, "utf-8")
    (project / "users.toml").write_text("".join(f'{n} = "{r}"\n' for n, r in ROLES.items()), "utf-8")
    return project


@dataclass
class Line:
    """One line; whatever it starts ends with the test's `Children`."""

    folder: Path
    children: Children
    scenario: str = "normal"
    ports: dict[str, int] = field(default_factory=dict)
    plcs: dict[str, Child] = field(default_factory=dict)
    station: Child | None = None
    url: str = ""

    def __post_init__(self) -> None:
        self.ports = self.ports or dict(zip(PLCS, lasting_ports(), strict=False))
        self.project = copy_demo(self.folder, self.ports)
        self.data = self.folder / "data"
        self.env = {"LINESIDE_DATA": str(self.folder / "root")}
        users = Users(open_data_folder(self.data).path, ROLES)
        for name in ROLES:
            users.set_password(name, PASSWORD)

    def tags(self) -> list[dict[str, Any]]:
        """The project's tags as its files have them."""
        files = sorted((self.project / "tags").glob("*.jsonl"))
        return [json.loads(row) for file in files for row in file.read_text("utf-8").splitlines() if row.strip()]

    def scans(self, plc: str) -> dict[str, float]:
        """Seconds between samples by path, of one PLC's tags."""
        return {t["path"]: t.get("scan", 1.0) for t in self.tags() if t["source"].get("connection") == plc}

    # ---- PLCs

    def start_plc(self, name: str, *arguments: str | Path, wait: bool = True) -> Child:
        """Starts one PLC on its port; the same port again after it was killed."""
        where = f"--{name}-port={self.ports[name]}"
        command = (
            sys.executable,
            "-m",
            "hmi.softplc",
            f"--scenario={self.scenario}",
            "--only",
            name,
            where,
            *arguments,
        )
        self.plcs[name] = child = self.children(*command)
        if wait:
            child.read_json_line(STARTS_WITHIN)
        return child

    def start_plcs(self, *names: str) -> None:
        """Starts PLCs side by side, all three unless named."""
        started = [self.start_plc(name, wait=False) for name in names or PLCS]
        for child in started:
            child.read_json_line(STARTS_WITHIN)

    # ---- station

    def start_station(self, port: int = 0) -> str:
        """Starts the station and waits until it listens; its address."""
        self.station = self.hmi("station", self.project, "--data", self.data, "--listen", f"127.0.0.1:{port}")
        said = self.station.read_line(STARTS_WITHIN)
        found = re.search(r"ws://\S+", said)
        assert found, f"the station said {said!r}"
        self.url = found[0]
        return self.url

    def hmi(self, *arguments: str | Path) -> Child:
        """Starts one command of the command line."""
        return self.children(sys.executable, "-m", "hmi", *arguments, env=self.env)

    def listen_anywhere(self) -> None:
        """Has the project itself name a free port, for commands that take no address."""
        file = self.project / "project.toml"
        text = file.read_text("utf-8")
        assert "port = 8470" in text
        file.write_text(text.replace("port = 8470", "port = 0"), "utf-8")

    @staticmethod
    def below(child: Child) -> list[psutil.Process]:
        """The processes that a command has started."""
        return psutil.Process(child.pid).children(recursive=True)

    def end_of(self, child: Child, patience: float = 60.0) -> tuple[int, str]:
        """Exit code of a command and all it printed; its pipe is given back."""
        code = child.wait(patience)
        assert child.process.stdout is not None
        child.process.stdout.close()
        return code, child.rest

    def said(self, *arguments: str | Path) -> str:
        """What a command prints; it must end with 0."""
        child = self.hmi(*arguments)
        code, text = self.end_of(child)
        assert code == 0, f"hmi {arguments} ended with {code}: {child.stderr}"
        return text

    @property
    def running(self) -> Child:
        """The station's process."""
        assert self.station is not None
        return self.station

    def stop_station(self) -> int:
        """Stops the station in order."""
        return self.running.terminate()

    def stop(self) -> None:
        """Ends everything that still runs, in order; a station that cannot stop in order is a fault of its own."""
        if self.station is not None and self.station.process.poll() is None:
            assert self.stop_station() == 0, self.station.stderr
        for child in self.plcs.values():
            if child.process.poll() is None:
                child.kill()

    # ---- clients

    @property
    def key(self) -> bytes:
        """The key a local client proves itself with."""
        return (self.data / KEY_FILE).read_bytes()

    @contextmanager
    def client(self, user: str = "", *, local: bool = True) -> Iterator[LinkUser]:
        """A session, signed in when a user is named."""
        with LinkUser(self.url, self.key if local else None) as client:
            client.opened()
            if user:
                answer = client.sign_in(user, PASSWORD)
                assert not answer.error, answer.error
            yield client

    def wait_good(self, client: LinkUser, least: float = 0.99, patience: float = 45.0) -> None:
        """Until nearly every tag of every connection is Good."""

        def look() -> bool:
            return all(c.state == "up" and c.good >= least * c.tags for c in client.status().connections)

        until(look, "all connections to be up and Good", patience)

    # ---- what is left on the disk

    @property
    def store(self) -> Path:
        """The history folder."""
        return self.data / "history"

    def history(self, path: str) -> Batch:
        """Every stored sample of a tag."""
        with Catalogue(self.store, readonly=True) as catalogue:
            id_ = catalogue.id_of(path)
        assert id_ is not None, path
        reader = open_reader(self.store)
        try:
            pages = [reader.read_raw(id_, 0, 2**62, limit=100_000)]
            while pages[-1].more:
                pages.append(reader.read_raw(id_, pages[-1].next_start, 2**62, limit=100_000))
        finally:
            reader.close()
        columns = [np.concatenate([getattr(p, name) for p in pages]) for name in ("time", "value", "status")]
        time_, value, status = columns
        zeros = np.zeros(len(time_), np.int64)
        return Batch(np.full(len(time_), id_, np.int32), time_, zeros, value, status)

    def audit(self) -> list[AuditRecord]:
        """The audit trail, oldest first; it must be whole."""
        reader = EventReader(self.store)
        try:
            assert reader.verify_audit() == []
            pages = [reader.audit(Query(limit=1000))]
            while pages[-1].next is not None:
                pages.append(reader.audit(Query(limit=1000, after=pages[-1].next)))
        finally:
            reader.close()
        return [record for page in reversed(pages) for record in reversed(page.lines)]
