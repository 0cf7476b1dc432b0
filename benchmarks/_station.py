"""A station as a process for benchmarks, with an engineer who may sign in."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hmi.station.data_folder import open_data_folder
from hmi.station.users import Users

ENGINEER = "eng"
PASSWORD = "bench-of-tags-7"  # noqa: S105 - of a station that lives for a minute


@contextmanager
def running_station(project: Path, data: Path) -> Iterator[str]:
    """Runs a project until the block is left; the station's address."""
    Users(open_data_folder(data).path, {ENGINEER: "engineer"}).set_password(ENGINEER, PASSWORD)
    os.environ["LINESIDE_DATA"] = str(data.parent / "root")  # clients of this process find the station's key there
    command = [sys.executable, "-m", "hmi", "station", str(project), "--data", str(data), "--listen", "127.0.0.1:0"]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            if not said:
                log.seek(0)
                raise RuntimeError(f"the station ended with {process.wait()}: {log.read().decode()[-500:]}")
            yield said.split()[-1]
        finally:
            process.terminate()
            process.communicate()
