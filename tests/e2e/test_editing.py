"""Editing a line while its PLCs are read: what is not edited loses no sample and no quality."""

import csv
import json
import os
import subprocess
import sys
import uuid
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from hmi.core.quality import is_good
from hmi.link.messages import Edit, Edited, EditProject, GetRecords, Records
from tests.helpers_station.client import LinkUser
from tests.helpers_station.line import PASSWORD, Line

pytestmark = pytest.mark.timeout(180)

WATCHED = tuple(
    f"plant/bottling/{name}"
    for name in (
        "mixer/level",
        "pasteuriser/heater_temperature",
        "pasteuriser/steam_valve",
        "filler/speed",
        "filler/state",
    )
)
EDITED = "plant/bottling/filler/bowl_level"


def record(client: LinkUser, kind: str, name: str) -> Any:
    [found] = client.ask(GetRecords(client.number(), kind, [name]), Records).records
    return found


def edit(client: LinkUser, *edits: Edit) -> Edited:
    answer = client.ask(EditProject(client.number(), str(uuid.uuid4()), list(edits)), Edited)
    assert answer.applied, (answer.error, answer.flaws)
    return answer


def changed(client: LinkUser, kind: str, name: str, **fields: object) -> Edit:
    found = record(client, kind, name)
    document = {**json.loads(found.document), **fields}
    return Edit(kind, found.key, found.digest, json.dumps(document).encode())


def count(client: LinkUser, path: str) -> int:
    tag = client.tag(path).tag
    return client.wait(lambda k: sum(t == tag for t, _ in k.samples) + 1, "a count") - 1


def more(client: LinkUser, path: str, samples: int = 10) -> None:
    """Waits until some more samples of a tag came."""
    tag, before = client.tag(path).tag, count(client, path)
    client.wait(lambda k: sum(t == tag for t, _ in k.samples) > before + samples, f"samples of {path}", 45)


def test_what_is_not_edited_goes_on_without_a_gap(line: Line) -> None:
    served_file = line.folder / "served.csv"
    line.start_plc("process", "--record", served_file)
    line.start_plc("packaging")
    line.start_station()
    with line.client("engineer") as client:
        client.subscribe(*WATCHED, samples=True)
        for path in WATCHED[:2]:
            client.until(path, lambda v: v.is_good, 45)
        more(client, WATCHED[0])
        begins = client.known.samples[-1][1].time
        source = json.loads(record(client, "tag", EDITED).document)["source"]
        # A limit, a name, a new tag, another address, a tag that goes: one after the other, on the watched connection.
        edit(client, changed(client, "tag", WATCHED[0], alarms=[{"id": "X", "kind": "HH", "limit": 1e6}]))
        more(client, WATCHED[0])
        edit(client, changed(client, "tag", EDITED, path="plant/bottling/filler/bowl"))
        new = {"uid": "n1", "path": "plant/bottling/filler/second", "type": "float", "source": source, "scan": 0.2}
        edit(client, Edit("tag", "n1", "", json.dumps(new).encode()))
        client.subscribe(new["path"], "plant/bottling/filler/bowl", number=2)
        client.until(new["path"], lambda v: v.is_good, 30)
        client.until("plant/bottling/filler/bowl", lambda v: v.is_good, 30)
        other = {
            "kind": "connection",
            "connection": "process",
            "address": source["address"].replace("bowl_level", "speed"),
        }
        edit(client, changed(client, "tag", new["path"], source=other))
        speed = client.until(WATCHED[3], lambda v: v.is_good).value
        client.until(new["path"], lambda v: v.is_good and abs(float(v.value) - float(speed)) < 0.3 * float(speed), 30)
        edit(client, Edit("tag", "n1", record(client, "tag", new["path"]).digest, b""))
        # Another connection is made anew: this one hears nothing of it.
        edit(
            client,
            changed(client, "connection", "packaging", options={"unit": 1, "word_order": "ABCD", "timeout": 0.7}),
        )
        for path in WATCHED[:3]:
            more(client, path)
        ends = client.known.samples[-1][1].time
        shown = {client.tag(p).tag for p in WATCHED}
        bad = [(t, v) for t, v in client.known.samples if t in shown and v.time >= begins and not v.is_good]
        assert bad == []
    assert line.stop_station() == 0
    line.plcs["process"].kill()
    compare(line, served(served_file), begins, ends)


def test_connections_come_and_go_while_the_station_runs(line: Line) -> None:
    line.start_plc("packaging")
    line.start_station()
    with line.client("engineer") as client:
        config = json.loads(record(client, "connection", "packaging").document)
        tag = json.loads(record(client, "tag", "plant/packaging/conveyor1/speed").document)
        tag |= {"uid": "s1", "path": "second/speed", "source": {**tag["source"], "connection": "second"}}
        new = Edit("connection", "second", "", json.dumps(config).encode())
        edit(client, new, Edit("tag", "s1", "", json.dumps(tag).encode()))
        client.subscribe("second/speed", "system/second/connected")
        client.until("second/speed", lambda v: v.is_good, 30)
        client.until("system/second/connected", lambda v: v.value == 1.0 and v.is_good)
        assert [c.tags for c in client.status().connections if c.name == "second"] == [1]
        gone = [record(client, "connection", "second"), record(client, "tag", "second/speed")]
        edit(client, *(Edit(one.kind, one.key, one.digest) for one in gone))
        assert "second" not in {c.name for c in client.status().connections}
        assert client.find("second") == []
    assert line.stop_station() == 0
    assert "second" not in (line.project / "connections.toml").read_text("utf-8")


def served(file: Path) -> dict[str, dict[int, float]]:
    found: defaultdict[str, dict[int, float]] = defaultdict(dict)
    with file.open(newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            if row["tag"] in WATCHED and int(row["status"]) == 0:
                found[row["tag"]][int(row["time"])] = float(row["value"])
    return found


def compare(line: Line, wanted: dict[str, dict[int, float]], begins: int, ends: int) -> None:
    """History has every value that the PLC served between two moments, and nothing that is not Good."""
    compared = 0
    for path in WATCHED:
        rows = line.history(path)
        within = (rows.time >= begins) & (rows.time <= ends)
        assert is_good(rows.status[within]).all(), path
        stored = dict(zip(rows.time.tolist(), rows.value.tolist(), strict=True))
        for time, value in wanted[path].items():
            if begins <= time <= ends:
                assert stored.get(time) == value, f"{path} at {time}"
                compared += 1
    assert compared > 100


def test_files_are_applied_taken_back_and_devices_browsed_from_the_command_line(line: Line) -> None:
    line.start_plc("process")
    line.start_station()
    with line.client("engineer") as client:
        client.subscribe(WATCHED[0])
        client.until(WATCHED[0], lambda v: v.is_good, 45)
    assert said(line, "apply", "--dry-run") == "The files hold nothing that does not run.\n"
    file = line.project / "tags" / "process.jsonl"
    text = file.read_text("utf-8")
    file.write_text(text.replace('"unit": "bar"', '"unit": "mbar"', 1), "utf-8")
    first = 'tag plant/bottling/supply/water_pressure: unit "bar" -> "mbar"\n'
    assert said(line, "apply", "--dry-run") == first
    assert said(line, "apply", "--yes", "--comment", "as pulled").startswith(first)
    with line.client() as client:
        assert client.tag("plant/bottling/supply/water_pressure").unit == "mbar"
    told = said(line, "rollback", "--yes")
    assert told.splitlines()[1] == 'tag plant/bottling/supply/water_pressure: unit "mbar" -> "bar"'
    assert file.read_text("utf-8") == text
    file.write_text(text + "{\n", "utf-8")
    code, _, error = ran(line, "apply", "--yes")
    assert code == 1
    assert error.endswith("Nothing was changed.\n")
    assert said(line, "rollback", "--yes")
    assert file.read_text("utf-8") == text
    places = json.loads(said(line, "tags", "browse", "process", "--json"))
    assert any(place["address"] for place in places)
    code, _, error = ran(line, "tags", "browse", "nowhere")
    assert (code, "nowhere" in error) == (1, True)


def ran(line: Line, *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a command of an engineer."""
    command = [sys.executable, "-m", "hmi", *arguments, "--connect", line.url, "--user", "engineer"]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, input=PASSWORD + "\n", env={**os.environ, **line.env}
    )
    return done.returncode, done.stdout, done.stderr


def said(line: Line, *arguments: str) -> str:
    code, output, error = ran(line, *arguments)
    assert code == 0, (arguments, error)
    return output
