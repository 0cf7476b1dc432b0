"""What the demo line costs while nobody does anything: CPU of the station, of the soft PLCs and of a panel, and memory.

A share of 100 % is one core. The baseline is a Python process whose event loop waits, with the same modules' Python.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil

from benchmarks._line import Line, demo_line
from benchmarks.report import Report, main

NOTHING = "import asyncio; asyncio.run(asyncio.sleep(3600))"
WARM_UP_S = 5.0
"""A station just started compiles, connects and writes its first pages."""


@contextlib.contextmanager
def nothing() -> Iterator[int]:
    """An empty asyncio process."""
    process = subprocess.Popen([sys.executable, "-c", NOTHING])
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def panel(line: Line) -> Iterator[int]:
    """A panel on its home display, painting into memory."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "hmi", "panel", "--connect", line.url]
    process = subprocess.Popen(command, env=environment)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def shares(seconds: float, **pids: int) -> dict[str, float]:
    """Percent of one core that each process uses over so many seconds."""
    processes = {name: psutil.Process(pid) for name, pid in pids.items()}
    for process in processes.values():
        process.cpu_percent(None)
    time.sleep(seconds)
    return {f"{name}_cpu_percent": process.cpu_percent(None) for name, process in processes.items()}


def memory(**pids: int) -> dict[str, float]:
    """Resident megabytes of each process."""
    return {f"{name}_rss_mb": psutil.Process(pid).memory_info().rss / 1e6 for name, pid in pids.items()}


def measure(quick: bool) -> Report:
    """CPU and memory of the idle demo line, first without and then with a panel on it."""
    seconds = 8.0 if quick else 20.0
    with demo_line() as line, nothing() as empty:
        time.sleep(WARM_UP_S)
        alone = shares(seconds, station=line.station, plcs=line.plcs, empty=empty)
        with panel(line) as shown:
            time.sleep(WARM_UP_S)
            served = shares(seconds, station=line.station, panel=shown)
            sizes = memory(station=line.station, plcs=line.plcs, panel=shown, empty=empty)
    spent, size = alone.pop("empty_cpu_percent"), sizes.pop("empty_rss_mb")
    names = ("station", "plcs", "panel")
    figures = {**alone, "station_served_cpu_percent": served["station_cpu_percent"]}
    figures |= {"panel_cpu_percent": served["panel_cpu_percent"], **sizes}
    baseline = {f"{name}_cpu_percent": spent for name in names} | {f"{name}_rss_mb": size for name in names}
    goals = {"station_rss_mb": ("<=", 250.0), "panel_cpu_percent": ("<=", 25.0), "station_cpu_percent": ("<=", 15.0)}
    return Report("idle", figures, baseline, goals=goals)  # type: ignore[arg-type]  # literals of a mixed dict


if __name__ == "__main__":
    main(measure)
