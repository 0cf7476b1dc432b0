"""Running in somebody else's loop: ready once, cancelled cleanly, nothing left."""

import asyncio

import pytest

from hmi.softplc.run import Endpoints, Ports, serve

MODBUS = ("packaging", "utilities")


async def test_cancelling_ends_it_and_leaves_no_task_behind() -> None:
    before = asyncio.all_tasks()
    listening: asyncio.Future[Endpoints] = asyncio.get_running_loop().create_future()
    running = asyncio.ensure_future(serve("normal", seed=1, only=MODBUS, ready=listening.set_result))
    endpoints = await listening
    assert list(endpoints) == list(MODBUS)
    host, port = endpoints["packaging"].removeprefix("modbus://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    writer.close()
    assert asyncio.all_tasks() == before
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await asyncio.open_connection(host, int(port))


async def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(KeyError):
        await serve("flood", seed=1, only=(), ready=lambda _: None)


def test_the_demo_ports_are_fixed() -> None:
    assert Ports() == Ports(process=48400, packaging=15020, utilities=15021)
