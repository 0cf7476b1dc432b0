"""Forks writers of a store that a test kills: importing once saves half a second a death.

Reads `folder start` lines. For each, a forked child appends batches from number `start` on, for ever; it confirms and
prints every third, which also has a record in the audit trail. The parent prints `pid N` and, when the child is gone,
`dead`.
"""

import os
import sys
from pathlib import Path

from hmi.core.batch import batch_of
from hmi.core.instants import Instants
from hmi.historian.audit import AuditEntry
from hmi.historian.events import open_events
from hmi.historian.health import HealthEvent, HealthKind
from hmi.historian.store import StoreOptions, log_health, open_store

OPTIONS = StoreOptions(
    flush_seconds=0.002,
    compact_rows=200,
    compact_flushes=7,
    run_rows=32,
    fresh_runs=3,
    joined_runs=2,
    block_from=40,
    block_rows=100,
)


def say(line: str) -> None:
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def tell(event: HealthEvent) -> None:
    """A log line of anything but a file that the test has ruined ends the test."""
    if event.kind is not HealthKind.DAMAGED:
        log_health(event)


def write(folder: Path, number: int) -> None:
    writer = open_store(folder, clock=lambda: Instants(0, number), options=OPTIONS, on_health=tell)
    events = open_events(folder, clock=lambda: Instants(0, number))
    while True:
        # Batch n: n % 17 + 1 samples of three tags; their values say which batch they belong to.
        count = number % 17 + 1
        tags = [1 + i % 3 for i in range(count)]
        times, value = [100 * number + i for i in range(count)], [float(number)] * count
        writer.append(batch_of(tags, times, [0] * count, value, [0] * count))
        if number % 3 == 0:
            done = events.audit(AuditEntry("anna", "operator", "pc1", "write", "line/speed", new=number))
            writer.flush()
            done.result(30)
            say(str(number))
        number += 1


def main() -> None:
    for line in sys.stdin:
        folder, number = line.split()
        pid = os.fork()
        if pid == 0:
            write(Path(folder), int(number))
        say(f"pid {pid}")
        os.waitpid(pid, 0)
        say("dead")


if __name__ == "__main__":
    main()
