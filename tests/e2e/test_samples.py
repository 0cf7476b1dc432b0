"""No sample is lost between a PLC and history: what the PLC wrote down that it served is compared row by row."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from hmi.core.quality import is_good
from hmi.link.messages import History, ReadTrend
from tests.helpers_station.line import Line

pytestmark = pytest.mark.timeout(180)

FAST = tuple(
    f"plant/bottling/{name}"
    for name in (
        "mixer/level",
        "pasteuriser/heater_temperature",
        "pasteuriser/holding_temperature",
        "pasteuriser/steam_valve",
        "filler/speed",
        "filler/bowl_level",
        "filler/total_count",
        "filler/state",
        "filler/drive_torque",
        "filler/valve_07_volume",
    )
)


def served(file: Path) -> dict[str, list[tuple[int, float, int]]]:
    """Time, value and status of everything the PLC served, by tag."""
    found = defaultdict(list)
    with file.open(newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            if row["tag"] in FAST:
                found[row["tag"]].append((int(row["time"]), float(row["value"]), int(row["status"])))
    return found


@pytest.mark.parametrize("scenario", ["drift"])
def test_every_change_of_an_opcua_plc_is_in_history(line: Line, scenario: str) -> None:
    line.scenario = scenario
    record = line.folder / "served.csv"
    line.start_plc("process", "--record", record)
    line.start_station()
    with line.client() as client:
        client.subscribe(*FAST)
        client.until(FAST[0], lambda v: v.is_good, 45)
        level = client.tag(FAST[0]).tag
        client.wait(lambda k: sum(t == level for t, _ in k.samples) > 60, "some seconds of samples", 60)
        seen = [v for t, v in client.known.samples if t == level and v.is_good]
        read = client.read_history(FAST[0])
        assert {v.time for v in seen[:-20]} <= set(read), "history read over the link lacks what the client saw"
        columns = client.ask(ReadTrend(client.number(), level, seen[0].time, seen[-1].time, 100), History)
        assert columns.done
        assert not columns.error
        assert len(columns.value) > 0
    assert line.stop_station() == 0
    line.plcs["process"].kill()
    stored = line.history(FAST[0])
    assert [row for row in zip(stored.time.tolist(), stored.value.tolist(), strict=True) if row[0] in read] == list(
        read.items()
    )

    wanted = served(record)
    assert set(wanted) == set(FAST)
    compared = 0
    for path in FAST:
        rows = line.history(path)
        stored = {
            time: (value, status)
            for time, value, status in zip(rows.time.tolist(), rows.value.tolist(), rows.status.tolist(), strict=True)
            if is_good(status)
        }
        assert stored, f"{path}: nothing Good among {len(rows)} rows; the PLC served {wanted[path][:3]}"
        first, last = min(stored), max(stored)
        within = [row for row in wanted[path] if first <= row[0] <= last and row[2] == 0]
        missing = [row for row in within if row[0] not in stored]
        assert not missing, f"{path}: {len(missing)} of {len(within)} served values are not in history: {missing[:3]}"
        wrong = [(row, stored[row[0]]) for row in within if stored[row[0]][0] != row[1]]
        assert not wrong, f"{path}: {wrong[:3]}"
        compared += len(within)
    assert compared > 300
