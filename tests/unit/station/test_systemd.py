import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hmi.station.systemd import Notifier


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    place = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(place)
        listening.setblocking(False)
        yield listening, place


def test_signs_of_life_follow_the_scan(manager: tuple[socket.socket, str]) -> None:
    listening, place = manager
    notifier = Notifier({"NOTIFY_SOCKET": place})
    notifier.ready()
    notifier.alive(1)
    notifier.alive(1)  # the scan stands: the watchdog must bite
    notifier.alive(2)
    notifier.stopping()
    said = [listening.recv(100) for _ in range(4)]
    assert said == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1", b"STOPPING=1"]
    with pytest.raises(BlockingIOError):
        listening.recv(100)


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}])
def test_without_a_manager_nothing_happens(environment: dict[str, str]) -> None:
    notifier = Notifier(environment)
    notifier.ready()
    notifier.alive(1)
