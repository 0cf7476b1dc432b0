"""A day of production at twenty times its speed, from the PLC through the station into the data files and back."""

import csv
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

import pytest

from hmi.core.quality import is_good
from hmi.historian.files import present
from hmi.historian.store import open_reader
from tests.helpers_station.line import Line

SPEED = 20
HOURS = 24
PLAIN = {
    "alarms",
    "description",
    "max",
    "min",
    "path",
    "range",
    "scan",
    "source",
    "stepped",
    "type",
    "uid",
    "unit",
    "write",
}
"""What a tag may have so that history must hold just what its PLC served."""


def served(file: Path, tags: Collection[str]) -> dict[str, dict[int, float]]:
    """Time and value of every Good value of some tags the PLC served."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    with file.open(newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            if row["status"] == "0" and row["tag"] in tags:
                found[row["tag"]][int(row["time"])] = float(row["value"])
    return found


@pytest.mark.soak
@pytest.mark.timeout(HOURS * 3600 // SPEED + 600)
def test_a_day_reads_back_as_the_plc_served_it(line: Line) -> None:
    record = line.folder / "served.csv"
    line.start_plc("process", "--record", record, f"--speed={SPEED}")
    line.start_station()
    plain = [t["path"] for t in line.tags() if t["source"].get("connection") == "process" and t.keys() <= PLAIN]
    numbers = [path for path in plain if next(t for t in line.tags() if t["path"] == path)["type"] != "string"]
    with line.client() as client:
        client.opened()
        began = client.wait(lambda k: k.beats, "a beat")[0][1].utc
        until = began + HOURS * 3600 * 10**9 // SPEED
        client.wait(lambda k: k.beats[-1][1].utc >= until, "the end of the day", HOURS * 3600 / SPEED + 300)
    assert line.stop_station() == 0
    line.plcs["process"].kill()

    store = line.data / "history"
    reader = open_reader(store)
    assert reader.verify() == []
    reader.close()
    assert present(store), "a day must have been filed into data files"
    wanted = served(record, numbers)
    compared = 0
    for path in numbers:
        rows = line.history(path)
        stored = {
            time: value
            for time, value, status in zip(rows.time.tolist(), rows.value.tolist(), rows.status.tolist(), strict=True)
            if is_good(status)
        }
        if not stored:
            continue
        first, last = min(stored), max(stored)
        within = {time: value for time, value in wanted[path].items() if first < time <= last}
        assert within.keys() <= stored.keys(), f"{path}: served values are not in history"
        assert all(stored[time] == value for time, value in within.items()), f"{path}: other values in history"
        compared += len(within)
    assert compared > 20_000
