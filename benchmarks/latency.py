"""From a change in a PLC to the decoded value at a panel's end of the link and to painted symbols, on the demo line.

OPC UA values carry the time at which the PLC made them. Modbus values do not: there the PLC's own record of what it
served tells when, and counters, whose values never repeat, tell which change it was. The baseline is an asyncua
subscription that does nothing but note ages, on the same PLC at the same time.
"""

import csv
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._line import Line, demo_line
from benchmarks.report import Report, main
from hmi.cli.link_client import LinkClient
from hmi.link.codec import batch_from
from hmi.link.messages import GetTags, Subscribe, TagPage, Values

OPCUA = tuple(
    f"plant/bottling/{name}"
    for name in (
        "mixer/level",
        "pasteuriser/heater_temperature",
        "pasteuriser/holding_temperature",
        "pasteuriser/steam_valve",
        "filler/speed",
        "filler/bowl_level",
        "filler/total_count",
    )
)
MODBUS = ("plant/packaging/capper/total_count", "plant/packaging/labeller/total_count")
"""Counters scanned every 100 ms."""

Seen = dict[str, list[tuple[int, float, int]]]
"""Source time, value and arrival (ns UTC) of what a client was told, by tag."""


def watch(url: str, seconds: float) -> Seen:
    """What a client sees of the tags in so many seconds."""
    with LinkClient(url) as client:
        infos = client.ask(GetTags(client.number(), [*OPCUA, *MODBUS]), TagPage).tags
        names = {info.tag: info.path for info in infos}
        client.send(Subscribe(1, list(names)))
        seen: Seen = {path: [] for path in names.values()}
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            message = client.await_message(Values)
            now = time.time_ns()
            batch = batch_from(message)
            for tag, at, value in zip(batch.tag.tolist(), batch.time.tolist(), batch.value.tolist(), strict=True):
                seen[names[tag]].append((at, value, now))
    return seen


def opcua_ages(seen: Seen) -> list[float]:
    """Milliseconds from the PLC's stamp to the client; the first value of each tag was made before."""
    return [(now - at) / 1e6 for path in OPCUA for at, _, now in seen.get(path, [])[1:]]


def modbus_ages(seen: Seen, record: Path) -> list[float]:
    """Milliseconds from the PLC's change to the client, for every change that the client was told of."""
    made: dict[tuple[str, float], int] = {}
    with record.open(newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            if row["tag"] in MODBUS:
                made.setdefault((row["tag"], float(row["value"])), int(row["time"]))
    told = [(path, value, now) for path in MODBUS for _, value, now in seen.get(path, [])[1:]]
    return [(now - made[path, value]) / 1e6 for path, value, now in told if (path, value) in made]


def bare(line: Line, seconds: float) -> subprocess.Popen[str]:
    """The baseline, beside."""
    nodes = ["ns=2;s=" + path.removeprefix("plant/bottling/").replace("/", ".") for path in OPCUA]
    command = [sys.executable, "-m", "benchmarks._bare_opcua", line.endpoints["process"], str(seconds), *nodes]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def painting(line: Line, seconds: float) -> subprocess.Popen[str]:
    """A panel beside, on a display of symbols that may change with every frame (figures wait for the eye: 500 ms)."""
    command = [sys.executable, "-m", "benchmarks._painted", line.url, str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def display() -> dict[str, Any]:
    """A pipe for each OPC UA tag."""
    pipes = [
        {"kind": "pipe", "id": f"p{n}", "x": 40, "y": 40 + 60 * n, "w": 400, "h": 1, "flow": path}
        | {"points": [[40, 40 + 60 * n], [440, 40 + 60 * n]]}
        for n, path in enumerate(OPCUA)
    ]
    return {"schema": 1, "name": "bench", "title": "Benchmark", "level": 1, "size": [800, 600], "elements": pipes}


def spread(name: str, ages: Sequence[float]) -> dict[str, float]:
    p50, p95, p99 = np.percentile(np.asarray(ages), [50, 95, 99])
    return {f"{name}_p50_ms": float(p50), f"{name}_p95_ms": float(p95), f"{name}_p99_ms": float(p99)}


def measure(quick: bool) -> Report:
    """From a change in a PLC to the decoded value at a client and to painted symbols, on the demo line."""
    seconds = 15.0 if quick else 60.0
    with demo_line(home=display()) as line, bare(line, seconds) as plain:
        seen = watch(line.url, seconds)
        said, _ = plain.communicate()
        with painting(line, seconds) as panel:
            painted, _ = panel.communicate()
        figures = spread("opcua", opcua_ages(seen)) | spread("modbus", modbus_ages(seen, line.record))
    figures |= spread("painted", json.loads(painted.splitlines()[-1]))
    baseline = spread("opcua", json.loads(said))
    goals = dict.fromkeys(("opcua_p95_ms", "modbus_p95_ms", "painted_p95_ms"), ("<=", 200.0))
    ratio = {"painted_p95_ms": figures["painted_p95_ms"] / baseline["opcua_p95_ms"]}
    return Report("latency", figures, baseline, ratio, goals)  # type: ignore[arg-type]  # literals of a mixed dict


if __name__ == "__main__":
    main(measure)
