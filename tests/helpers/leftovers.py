"""What a test leaves behind: threads, open files, tasks, and Qt's timers, threads and windows.

A station runs for months, so anything that is not given back is a fault, even if it is small; and a leftover of one
test makes another one fail on another day.
"""

import asyncio
import contextlib
import gc
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DESCRIPTORS = Path("/proc/self/fd")

TOLERATED = (
    # Opened once by a library, at a moment nobody chooses, and kept for the life of the process.
    (r"^/dev/(null|u?random|shm/.*|dri/.*)$", "kept by the system's libraries"),
    (r"^/usr/share/(fonts|mime|fontconfig)/", "Qt reads fonts and types on first use and keeps them"),
    (r"/fontconfig/", "fontconfig's cache"),
    (r"^/memfd:", "shared memory of the graphics stack"),
    (r"^anon_inode:\[eventfd\]$", "threads of Qt's own pool, which paint large areas and end by themselves after 30 s"),
)

TOLERATED_THREADS = (
    ("pytest_timeout", "the watchdog of the test itself"),
    ("asyncio-waitpid", "reaps a child process of asyncio and ends by itself"),
)

GRACE_S = 2.0
"""How long a thread that was told to end may take; nobody waits for one that has ended."""


def descriptors() -> Counter[str]:
    """Open files of this process by what they point to; empty where the system does not tell."""
    found: Counter[str] = Counter()
    if not DESCRIPTORS.is_dir():
        return found
    for entry in DESCRIPTORS.iterdir():
        with contextlib.suppress(OSError):  # the folder's own descriptor is gone by the time it is read
            found[str(entry.readlink())] += 1
    return Counter({target: n for target, n in found.items() if not _is_tolerated(target)})


def _is_tolerated(target: str) -> bool:
    return "/proc/" in target or any(re.search(pattern, target) for pattern, _ in TOLERATED)


def threads() -> set[threading.Thread]:
    """Threads of this process that a test could have started."""
    alive = threading.enumerate()
    return {thread for thread in alive if not thread.name.startswith(tuple(name for name, _ in TOLERATED_THREADS))}


def _qt_objects() -> dict[int, Any]:
    """Active timers, running threads and top-level widgets by identity, kept so that no identity is used twice."""
    if "PySide6.QtCore" not in sys.modules:
        return {}
    from PySide6 import QtCore
    from shiboken6 import isValid

    application = QtCore.QCoreApplication.instance()
    if application is None:
        return {}
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
    found: list[Any] = [
        thing
        for thing in gc.get_objects()
        # `isinstance` would ask a weak proxy for the class of what it stood for, which may be gone.
        if (issubclass(type(thing), QtCore.QTimer) and isValid(thing) and thing.isActive())
        or (issubclass(type(thing), QtCore.QThread) and isValid(thing) and thing.isRunning())
    ]
    found = [thing for thing in found if thing is not application.thread()]
    if hasattr(application, "topLevelWidgets"):
        found += application.topLevelWidgets()
    return {id(thing): thing for thing in found}


def _describe_qt(thing: Any) -> str:
    return f"Qt {type(thing).__name__} {thing.objectName()!r}".rstrip("' ")


@dataclass(slots=True)
class Tasks:
    """Tasks that were still running when their event loop was closed; a closing loop cancels them without a word."""

    found: list[str] = field(default_factory=list)

    def install(self) -> Callable[[], None]:
        """Look at each loop of `asyncio.run` and `asyncio.Runner` just before it is closed; the result undoes it."""
        runners: Any = asyncio.runners
        original = runners._cancel_all_tasks

        def note_and_cancel(loop: asyncio.AbstractEventLoop) -> None:
            self.found += [f"{task.get_name()} {task.get_coro()!r}" for task in asyncio.all_tasks(loop)]
            original(loop)

        runners._cancel_all_tasks = note_and_cancel

        def remove() -> None:
            runners._cancel_all_tasks = original

        return remove

    def take(self) -> list[str]:
        """The tasks found since the last call."""
        found, self.found = self.found, []
        return found


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was open before a test began."""

    descriptors: Counter[str]
    threads: set[threading.Thread]
    qt: dict[int, Any]

    @classmethod
    def now(cls) -> "Snapshot":
        """Look at this process."""
        return cls(descriptors(), threads(), _qt_objects())

    def leftovers(self) -> list[str]:
        """What is there now and was not before, after everything unreferenced has been collected."""
        gc.collect()
        lingering = [thread for thread in threads() - self.threads if _outlives(thread)]
        qt = [thing for identity, thing in _qt_objects().items() if identity not in self.qt]
        opened = descriptors() - self.descriptors
        return [
            *(f"thread still running: {thread.name}" for thread in lingering),
            *(f"still alive: {_describe_qt(thing)}" for thing in qt),
            *_files(opened),
        ]


def _outlives(thread: threading.Thread) -> bool:
    thread.join(GRACE_S)
    return thread.is_alive()


def _files(opened: Counter[str]) -> Iterable[str]:
    return (f"file left open: {target}" + (f" ({n} times)" if n > 1 else "") for target, n in sorted(opened.items()))
