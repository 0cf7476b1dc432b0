"""The PLCs as processes: one line on stdout, a clean end, restart on the same port, scenarios on the wire."""

import asyncio
import signal
import socket
from collections.abc import Callable

import pytest

from tests.integration.softplc.conftest import Start, opcua_client

NO_OPCUA = ("--only", "packaging", "--only", "utilities")


def port_of(endpoint: str) -> int:
    return int(endpoint.rsplit(":", 1)[1])


def refused(endpoint: str) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port_of(endpoint)), timeout=2).close()
    except ConnectionError:
        return True
    return False


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_it_announces_itself_and_ends_cleanly(start: Start, name: str) -> None:
    child, endpoints = start("--scenario", "jam")
    assert list(endpoints) == ["process", "packaging", "utilities"]
    assert not any(map(refused, endpoints.values()))

    child.process.send_signal(signal.Signals[name])

    assert child.wait(10) == 0
    assert child.stderr == ""
    assert all(map(refused, endpoints.values()))


def test_it_ends_cleanly_while_clients_are_connected(start: Start, expect_log: Callable[..., None]) -> None:
    expect_log("connection is closed", "the client is right to say so: the server is gone", required=False)
    child, endpoints = start()
    with socket.create_connection(("127.0.0.1", port_of(endpoints["packaging"]))):

        async def hang_on() -> None:
            client = opcua_client(endpoints["process"])
            await client.connect()
            await client.get_node("ns=2;s=mixer.level").read_value()
            assert await asyncio.to_thread(child.terminate, 10) == 0
            await client.disconnect()

        asyncio.run(hang_on())
    assert child.stderr == ""


def test_one_plc_alone_can_be_killed_and_come_back_on_its_port(start: Start) -> None:
    child, endpoints = start("--only", "utilities")
    assert list(endpoints) == ["utilities"]
    child.kill()
    assert refused(endpoints["utilities"])

    _, again = start("--only", "utilities", "--utilities-port", str(port_of(endpoints["utilities"])))

    assert again == endpoints


@pytest.mark.parametrize("plc", ["process", "packaging"])
def test_a_taken_port_is_one_clear_sentence(start: Start, plc: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(AssertionError, match=r"stderr:\nThe soft PLCs cannot listen: .*"):
            start("--only", plc, f"--{plc}-port", str(taken.getsockname()[1]))


def test_lost_connection_refuses_and_returns_on_the_same_port(start: Start) -> None:
    child, endpoints = start("--scenario", "lost-connection", "--speed", "20", *NO_OPCUA)
    seen = set()
    while seen != {True, False}:
        seen.add(refused(endpoints["packaging"]))
    assert not refused(endpoints["utilities"])
    while refused(endpoints["packaging"]):
        pass
    assert child.terminate(10) == 0
    assert child.stderr == ""
