"""The line between a process and the one that started it: when it breaks, whatever the reason, the child ends too."""

from __future__ import annotations

import os
import signal
import threading

OPTION = "--with-parent"
"""What a child is started with whose standard input is the line; nothing is ever sent over it."""


def end_with_parent() -> None:
    """Stops this process in order, as a service manager would, when its standard input ends.

    A pipe ends with the process that holds it, also one that was killed and could tell nobody; that holds on every
    system.
    """
    threading.Thread(target=_watch, name="line to the parent", daemon=True).start()


def _watch() -> None:
    while os.read(0, 4096):
        pass
    signal.raise_signal(signal.SIGTERM)
