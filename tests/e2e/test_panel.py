"""A real panel beside a real station: either may die or start first, and they find each other again."""

import pytest

from tests.helpers.children import Child
from tests.helpers_station.client import PATIENCE
from tests.helpers_station.line import Line, lasting_ports, until

pytestmark = pytest.mark.timeout(180)


def connected(panel: Child) -> str:
    """The panel's next word about a connection."""
    while "connected" not in (said := panel.read_line(3 * PATIENCE)) or "not connected" in said:
        pass
    return said


def test_panel_outlives_stations_and_stations_outlive_panels(line: Line) -> None:
    port = next(lasting_ports())
    panel = line.hmi("panel", "--connect", f"ws://127.0.0.1:{port}")
    try:
        until(lambda: panel.process.poll() is None, "the panel")
        line.start_station(port)
        assert "proved=True" in connected(panel), "a panel that started first has no key and shows nothing"
        with line.client() as client:
            assert until(lambda: client.status().clients == 2, "the panel as a client")
        line.running.kill()
        line.start_station(port)
        assert "proved=True" in connected(panel)
        with line.client() as client:
            until(lambda: client.status().clients == 2, "the panel again")
            panel.kill()
            until(lambda: client.status().clients == 1, "the killed panel to be forgotten")
            scans = client.status().scans
            until(lambda: client.status().scans > scans, "the scan to go on")
    finally:
        panel.process.kill()
