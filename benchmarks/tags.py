"""A large project: 100,000 tags with 200,000 limits, read, started, searched and edited while they run.

The project is 50 files of tags of one Modbus device, a twentieth of them computed. The station is a process of its own,
and edits go the whole way: over the link, judged, into the audit trail, the files, the catalogue and the engine.
Baselines of the same run: decoding the same lines without any check, a search that looks for one word in
every line, and writing the edited file to the disk.
"""

from __future__ import annotations

import json
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from benchmarks._station import ENGINEER, PASSWORD, running_station
from benchmarks.report import Report, main
from hmi.cli.link_client import LinkClient
from hmi.core.tag import Tag
from hmi.historian.durable import write
from hmi.link.messages import Edit, Edited, EditProject, FindTags, GetRecords, GetStatus, Records, Status, TagPage
from hmi.station.loading import load_project

FILES = 50
WORDS = ("m1", "area1", "area12 unit3", "holding:77", "measure 5 of", "speed", "7")


def make_project(folder: Path, count: int) -> None:
    """A project of `count` tags."""
    (folder / "tags").mkdir(parents=True)
    (folder / "project.toml").write_text('name = "Big"\n[security]\nview_without_sign_in = true\n')
    (folder / "connections.toml").write_text('[plc]\ndriver = "modbus"\nendpoint = "modbus://127.0.0.1:9"\n')
    (folder / "users.toml").write_text('eng = "engineer"\n')
    for file in range(FILES):
        rows = [
            json.dumps(_tag(file, at, file * (count // FILES) + at), sort_keys=True) for at in range(count // FILES)
        ]
        (folder / "tags" / f"area{file}.jsonl").write_text("\n".join(rows) + "\n")


def _tag(file: int, at: int, number: int) -> dict[str, object]:
    unit = f"plant/area{file}/unit{at // 20}"
    computed = {"kind": "expression", "expression": f"{{{unit}/m0}} + {{{unit}/m1}} * 2"}
    measured = {"kind": "connection", "connection": "plc", "address": f"holding:{number % 60000}:int16"}
    return {
        "uid": f"u{number:08x}",
        "path": f"{unit}/m{at % 20}",
        "type": "float",
        "unit": "bar",
        "range": [0, 100],
        "description": f"Measure {at} of area {file}",
        "source": computed if at % 20 == 19 else measured,
        "alarms": [
            {"id": "H", "kind": "H", "limit": 80, "deadband": 1, "message": "Too high"},
            {"id": "L", "kind": "L", "limit": 20, "deadband": 1, "message": "Too low"},
        ],
    }


def median_ms(work: Callable[[int], object], repeat: int) -> float:
    """Median milliseconds of some work, which is told how often it was done."""
    taken = []
    for number in range(repeat):
        begin = time.perf_counter()
        work(number)
        taken.append((time.perf_counter() - begin) * 1e3)
    return float(np.median(taken))


def decode_s(folder: Path) -> float:
    """Seconds to decode all lines and do nothing else."""
    begin = time.perf_counter()
    decoder = msgspec.json.Decoder(Tag)
    for file in sorted((folder / "tags").glob("*.jsonl")):
        for line in file.read_bytes().splitlines():
            decoder.decode(line)
    return time.perf_counter() - begin


def load_s(folder: Path, data: Path) -> float:
    """Seconds to read and check the project."""
    begin = time.perf_counter()
    load_project(folder, data)
    return time.perf_counter() - begin


class Engineer:
    """Edits tags of a running station."""

    def __init__(self, client: LinkClient) -> None:
        self._client = client

    def edit(self, tag: str, **fields: object) -> None:
        """Reads a tag's record and changes some of its fields."""
        client = self._client
        [record] = client.ask(GetRecords(client.number(), "tag", [tag]), Records).records
        document = json.dumps({**json.loads(record.document), **fields}).encode()
        edit = Edit("tag", record.key, record.digest, document)
        answer = client.ask(EditProject(client.number(), str(uuid.uuid4()), [edit]), Edited)
        if not answer.applied:
            raise AssertionError(f"{answer.error} {answer.flaws}")

    def search(self, words: str) -> None:
        """One keystroke."""
        self._client.ask(FindTags(self._client.number(), words, 0, 100), TagPage)

    def rss_mb(self) -> float:
        """Memory of the station's process."""
        return self._client.ask(GetStatus(self._client.number()), Status).report.rss_mb


def search_ms(engineer: Engineer, word: str, repeat: int) -> float:
    """Median of one keystroke that asks for this word."""
    return median_ms(lambda _: engineer.search(word), repeat)


def measure(quick: bool) -> Report:
    """A project of 100,000 tags (20,000 in a hurry)."""
    count, repeat = (20_000, 5) if quick else (100_000, 15)
    with tempfile.TemporaryDirectory() as name:
        folder, data = Path(name) / "project", Path(name) / "data"
        make_project(folder, count)
        figures, baseline = {"load_s": load_s(folder, data)}, {"load_s": decode_s(folder)}
        begin = time.perf_counter()
        with running_station(folder, data) as url, LinkClient(url) as client:
            figures["start_s"] = time.perf_counter() - begin
            client.sign_in(ENGINEER, PASSWORD)
            engineer = Engineer(client)
            figures["rss_mb"] = engineer.rss_mb()
            engineer.edit("plant/area1/unit0/m0", unit="mbar")
            figures |= edits_ms(engineer, repeat)
            figures["search_ms"] = max(search_ms(engineer, word, repeat) for word in WORDS)
            figures["rss_after_mb"] = engineer.rss_mb()
        file = folder / "tags" / "area3.jsonl"
        text = file.read_bytes()
        baseline["edit_limit_ms"] = median_ms(lambda _: write(file, text), repeat)
        lines = [line.decode() for f in (folder / "tags").glob("*.jsonl") for line in f.read_bytes().splitlines()]
        baseline["search_ms"] = median_ms(lambda _: [at for at, line in enumerate(lines) if "speed" in line], repeat)
    return Report("tags", figures, baseline, goals={} if quick else GOALS)


GOALS: Mapping[str, tuple[Literal[">=", "<="], float]] = {
    "load_s": ("<=", 3.0),
    "start_s": ("<=", 10.0),
    "rss_mb": ("<=", 700.0),
    "search_ms": ("<=", 50.0),
    "edit_limit_ms": ("<=", 200.0),
    "edit_rename_ms": ("<=", 200.0),
}


def edits_ms(engineer: Engineer, repeat: int) -> dict[str, float]:
    """Milliseconds of edits of one tag each, from the question for its record to the answer that it runs."""

    def limit(number: int) -> None:
        alarm = {"id": "H", "kind": "H", "limit": 81 + number, "deadband": 1, "message": "Too high"}
        engineer.edit("plant/area3/unit1/m3", alarms=[alarm])

    def rename(number: int) -> None:
        engineer.edit("plant/area4/unit1/m0" + "x" * number, path="plant/area4/unit1/m0" + "x" * (number + 1))

    return {"edit_limit_ms": median_ms(limit, repeat), "edit_rename_ms": median_ms(rename, repeat)}


if __name__ == "__main__":
    main(measure)
