"""What `hmi status` says in words."""

import msgspec

from hmi.cli.live import _status_lines
from hmi.link.messages import ConnectionStatus
from tests.helpers_panel.fake_station import report

HISTORY = {"samples": 5, "bytes": 9, "samples_per_second": 1.5, "lost": 0}
UP = ConnectionStatus("plc", "opcua", "x", "up", "", 2, 1, 3.5, 40.0, 96.5, {"dropped": 3}, 131.0)
SILENT = ConnectionStatus("meter", "modbus", "y", "down", "Refused.", 4, 0, 0.0, None, None, {})


def test_ages_store_time_and_what_was_late_or_dropped_are_told() -> None:
    history = HISTORY | {"store_p95_ms": 812.5, "oldest_waiting_ms": 0.0}
    lines = list(_status_lines(report(connections=[UP, SILENT], history=history, scans=9, late_scans=2, dropped=3)))
    assert "scans: 9, late 2; samples dropped: 3" in lines
    assert "store time: p95 812.5 ms, oldest waiting 0 ms" in lines
    assert "plc: up, 1/2 good, 3.5/s, age p50/p95/p99 40 / 96.5 / 131 ms" in lines
    assert "  dropped 3" in lines
    assert "meter: down, 0/4 good, 0/s, age p50/p95/p99 - - Refused." in lines


def test_a_station_that_tells_no_store_time_is_shown_all_the_same() -> None:
    assert "store time: p95 -, oldest waiting -" in list(_status_lines(report(history=HISTORY)))


def test_the_json_has_the_ages_and_an_older_station_has_no_p99() -> None:
    document = msgspec.to_builtins(UP)
    assert (document["age_p50_ms"], document["age_p95_ms"], document["age_p99_ms"]) == (40.0, 96.5, 131.0)
    del document["age_p99_ms"]
    assert msgspec.convert(document, ConnectionStatus).age_p99_ms is None
