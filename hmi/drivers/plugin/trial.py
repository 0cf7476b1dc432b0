"""Whether a plugin's code can be imported, tried where it can do no harm: in a process that is ended when it hangs.

Nothing in Python ends an import from outside: a plugin that hangs there would keep the whole station from starting.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Final

import msgspec

from hmi.drivers.plugin.place import Place, fetch

WITHIN: Final = 15.0
"""Seconds in which all plugins of a project must be importable, side by side; a slow disk needs some of them."""
_TOLD: Final = 4096
"""Bytes of a verdict that are kept."""


def tried(places: Iterable[Place], within: float = WITHIN) -> dict[str, str]:
    """Imports each plugin in a process of its own; what is wrong, by the driver's name. Right ones are left out."""
    with ExitStack() as stack:
        trials = {place.name: (place, stack.enter_context(_started(place))) for place in places}
        end = time.monotonic() + within
        return {name: why for name, (_, trial) in trials.items() if (why := _verdict(trial, end, within))}


def _started(place: Place) -> subprocess.Popen[bytes]:
    trial = subprocess.Popen(
        [sys.executable, "-m", "hmi.drivers.plugin.trial"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    if trial.stdin is not None:
        trial.stdin.write(msgspec.json.encode(place))
        trial.stdin.close()
        trial.stdin = None
    return trial


def _verdict(trial: subprocess.Popen[bytes], end: float, within: float) -> str:
    try:
        said, _ = trial.communicate(timeout=max(end - time.monotonic(), 0.1))
    except subprocess.TimeoutExpired:
        trial.kill()
        trial.communicate()
        return f"it hangs: it was not imported within {within:g} s"
    text = said[-_TOLD:].decode("utf-8", "replace").strip()
    if trial.returncode == 0 and text == _FINE:
        return ""
    return text if text and text != _FINE else f"it ends the process that imports it (exit code {trial.returncode})"


_FINE: Final = "fine"


def main() -> None:
    """Imports the place on standard input and says on standard output whether that went well."""
    verdict = os.dup(1)
    os.dup2(2, 1)  # what a plugin prints is no verdict
    place = msgspec.json.decode(sys.stdin.buffer.read(), type=Place)
    try:
        fetch(place)
    except (Exception, SystemExit) as fault:  # noqa: BLE001 - foreign code runs here: its fault is the verdict
        os.write(verdict, " ".join(f"{type(fault).__name__}: {fault}".split()).encode())
    else:
        os.write(verdict, _FINE.encode())
    # Threads that an import started must not keep the station waiting.
    os._exit(0)


if __name__ == "__main__":
    main()
