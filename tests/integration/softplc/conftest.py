"""Soft PLCs as child processes: asyncua's server would leave tasks in the test's own loop."""

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from asyncua import Client
from pymodbus.client import AsyncModbusTcpClient

from tests.helpers.children import Child, Children

ROOT = Path(__file__).parents[3]
Start = Callable[..., tuple[Child, dict[str, str]]]


def starter(children: Children) -> Start:
    """Starts soft PLCs and waits until they listen."""

    def start(*arguments: str | Path) -> tuple[Child, dict[str, str]]:
        child = children(sys.executable, "-W", "error", "-m", "hmi.softplc", *arguments)
        return child, child.read_json_line()

    return start


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Soft PLCs of this test's own, ended with it."""
    children = Children(tmp_path, ROOT)
    yield starter(children)
    children.end()


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the shared PLCs write down what they serve."""
    return tmp_path_factory.mktemp("served") / "served.csv"


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory: pytest.TempPathFactory, record: Path) -> Iterator[dict[str, str]]:
    """The three PLCs in a good shift, shared by a module's tests."""
    children = Children(tmp_path_factory.mktemp("plcs"), ROOT)
    _, endpoints = starter(children)("--seed", "5", "--record", record)
    yield endpoints
    children.end()


def opcua_client(endpoint: str) -> Client:
    """A client whose session is as short as the server wants it."""
    client = Client(endpoint)
    client.session_timeout = 600_000
    return client


@pytest.fixture
async def opcua(endpoints: dict[str, str]) -> AsyncIterator[Client]:
    """A client of the process PLC."""
    async with opcua_client(endpoints["process"]) as client:
        yield client


@pytest.fixture
def connect() -> Callable[[str], AsyncModbusTcpClient]:
    """Makes a client of a Modbus PLC from its endpoint."""

    def make(endpoint: str) -> AsyncModbusTcpClient:
        host, port = endpoint.removeprefix("modbus://").split(":")
        return AsyncModbusTcpClient(host, port=int(port), timeout=5, retries=0, reconnect_delay=0)

    return make
