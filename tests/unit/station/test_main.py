import asyncio
import signal
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import pytest

from hmi.station import main


class Waits:
    """A station that does nothing until it is stopped."""

    def __init__(self) -> None:
        self.stopped = False

    async def run(self, ready: Any, stop: asyncio.Event) -> None:
        ready("")
        await stop.wait()
        self.stopped = True


@pytest.fixture
def handlers() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in main.ENDINGS}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("knows_signals", [True, False])
async def test_a_request_to_stop_stops_in_order_also_on_a_loop_without_signals(
    monkeypatch: pytest.MonkeyPatch, *, knows_signals: bool
) -> None:
    loop, station = asyncio.get_running_loop(), Waits()
    if not knows_signals:
        monkeypatch.setattr(loop, "add_signal_handler", Mock(side_effect=NotImplementedError))
    wanted: Any = station
    await main._live(wanted, lambda _: signal.raise_signal(signal.SIGTERM))
    assert station.stopped
    for number in main.ENDINGS:
        loop.remove_signal_handler(number)
