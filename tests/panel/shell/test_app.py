"""The whole panel as a process of its own, against a station on a real socket."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from hmi.link.messages import Proof, Subscribe
from hmi.link.proof import client_proof
from tests.helpers.children import Child, Children
from tests.helpers_panel.bottling import bottling
from tests.helpers_panel.fake_station import KEY, NONCE
from tests.helpers_panel.socket_station import SocketStation

pytestmark = pytest.mark.timeout(240)

PATIENCE_MS = 200_000
"""36 pictures take 5 s on a machine that has nothing else to do."""

PROGRAM = (
    "import sys; from pathlib import Path; from hmi.panel.app import run; "
    "url, key, shots = sys.argv[1:]; "
    "sys.exit(run(url, lambda: Path(key) if key else None, shots=Path(shots) if shots else None))"
)


@pytest.fixture
def served(qapp: object) -> Iterator[SocketStation]:
    owner = QObject()
    station = SocketStation(bottling(), owner)
    frames = QTimer(owner)
    frames.timeout.connect(station.frame_if_open)
    frames.start(50)
    yield station
    frames.stop()
    station.close()
    owner.deleteLater()


def start(spawn: Children, served: SocketStation, key: Path | str = "", shots: Path | str = "") -> Child:
    return spawn(sys.executable, "-c", PROGRAM, served.url, key, shots)


def ended(child: Child, qtbot: QtBot) -> int:
    qtbot.waitUntil(lambda: child.process.poll() is not None, timeout=PATIENCE_MS)
    return child.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_panel_runs_until_it_is_asked_to_end(
    spawn: Children, served: SocketStation, tmp_path: Path, qtbot: QtBot, number: signal.Signals
) -> None:
    key = tmp_path / "key"
    key.write_bytes(KEY)
    child = start(spawn, served, key)
    qtbot.waitUntil(lambda: any(isinstance(m, Subscribe) for m in served.station.heard), timeout=30_000)
    (proof,) = (m for m in served.station.heard if isinstance(m, Proof))
    assert proof.mac
    assert proof.mac != client_proof(KEY, NONCE, NONCE, served.station.end)
    child.process.send_signal(number)
    assert ended(child, qtbot) == 0
    assert "Traceback" not in child.stderr


def test_shots_of_the_demo_s_displays(spawn: Children, served: SocketStation, tmp_path: Path, qtbot: QtBot) -> None:
    child = start(spawn, served, shots=tmp_path / "shots")
    assert ended(child, qtbot) == 0
    assert child.stderr == ""
    names = {file.name for file in (tmp_path / "shots").iterdir()}
    assert "display-overview-light-1366.png" in names
    assert "trend-dark-1920.png" in names
    assert len(names) == (len(served.station.displays) + 6) * 4
