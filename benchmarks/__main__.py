"""Runs every benchmark, each in a process of its own, and prints one table.

Its own process, so that none profits from what another has warmed or suffers from what it left. Exit code 1 when one
fails to run; a missed goal is printed and is no failure, since it may be the machine.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import HEAD, Report, options

FOLDER = Path(__file__).parent
PARTS = {"__init__", "__main__", "report"}
LIMIT_S, QUICK_LIMIT_S = 1800, 120


def names(folder: Path = FOLDER) -> list[str]:
    """The benchmarks: modules of this folder that can be run; what starts with `_` serves others."""
    found = sorted(path.stem for path in folder.glob("*.py"))
    return [name for name in found if name not in PARTS and not name.startswith("_")]


def parse(line: str) -> Report:
    """A report from its line of JSON.

    Raises:
        ValueError: the line is none.
    """
    said: Any = json.loads(line)
    try:
        goals = {name: (sign, float(limit)) for name, (sign, limit) in said["goals"].items()}
        return Report(said["name"], said["figures"], said["baseline"], said["ratio"], goals)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no report of a benchmark: {line[:200]}") from error


def run(name: str, quick: bool) -> Report:
    """Run one benchmark.

    Raises:
        ValueError: it failed, took too long or printed something else; the text says which.
    """
    command = [sys.executable, "-m", f"benchmarks.{name}", "--json", *(["--quick"] if quick else [])]
    limit = QUICK_LIMIT_S if quick else LIMIT_S
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=limit, cwd=FOLDER.parent)
    except subprocess.TimeoutExpired as error:
        raise ValueError(f"took more than {limit} s") from error
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        last = done.stderr.strip().splitlines()[-1:] or ["printed no report"]
        raise ValueError(f"{last[0]} (exit code {done.returncode})")
    return parse(lines[-1])


def rows(found: Sequence[str], quick: bool, failures: dict[str, str]) -> Iterator[Report]:
    """Run them one after the other; two at once would measure each other."""
    for name in found:
        try:
            yield run(name, quick)
        except ValueError as error:
            failures[name] = str(error)


def summary(reports: Sequence[Report], failures: Mapping[str, str]) -> str:
    """The last line: how many goals are met, and what did not run."""
    met = [fulfilled for report in reports for fulfilled in report.met.values()]
    failed = "".join(f"\n{name}: did not run: {why}" for name, why in failures.items())
    return f"{len(reports)} benchmarks, {sum(met)} of {len(met)} goals met{failed}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; 0 when every benchmark ran."""
    chosen = options(arguments, __doc__)
    failures: dict[str, str] = {}
    reports = []
    if not chosen.json:
        print(HEAD, flush=True)
    for report in rows(names(), chosen.quick, failures):
        reports.append(report)
        print(report.json() if chosen.json else report.table(), flush=True)
    print(summary(reports, failures), file=sys.stderr if chosen.json else sys.stdout)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
