"""Child processes of one command: started together, watched together, stopped together, nothing left behind."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, Self

from hmi.core.errors import LinesideError

STOP_WITHIN: Final = 2.5
"""Seconds children get to stop in order before they are killed."""

ENDINGS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
"""Ctrl-C, a service manager's stop, and the closing of the terminal: the children, apart from it, would live on."""


@dataclass
class Child:
    """One child with its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    lines: queue.SimpleQueue[str | None]
    reader: threading.Thread

    def wait_for_line(self, timeout: float) -> str:
        """Its next line on stdout.

        Raises:
            LinesideError: it ended, or said nothing in time; with the end of its log.
        """
        try:
            line = self.lines.get(timeout=timeout)
        except queue.Empty:
            line = None
        if line is None:
            raise LinesideError(f"The {self.name} did not start.", self.last_words())
        return line

    def last_words(self) -> str:
        """The end of its log, for the person."""
        text = self.log.read_text("utf-8", "replace").strip() if self.log.exists() else ""
        return text.splitlines()[-1] if text else f"See {self.log}."


class Children:
    """A group of children; leaving the context stops all of them."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[Child] = []
        self._interrupted = threading.Event()
        self._old: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number in ENDINGS:
            self._old[number] = signal.signal(number, self._on_signal)
        return self

    def _on_signal(self, _: int, __: FrameType | None) -> None:
        self._interrupted.set()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        for number, handler in self._old.items():
            signal.signal(number, handler)

    def start(self, name: str, *arguments: str) -> Child:
        """Starts `python -m ...` apart from the terminal's Ctrl-C: the parent decides the order of stopping."""
        log = self._logs / f"{name.replace(' ', '-')}.log"
        with log.open("ab") as sink:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
                [sys.executable, "-m", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=sink,
                start_new_session=os.name == "posix",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        reader = threading.Thread(target=_read, args=(process, lines), name=f"output of {name}", daemon=True)
        reader.start()
        child = Child(name, process, log, lines, reader)
        self._children.append(child)
        return child

    def wait(self, seconds: float | None, *, until: Child | None = None) -> None:
        """Waits for Ctrl-C, for `seconds`, or for `until` to end.

        Raises:
            LinesideError: another child ended by itself.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while not self._interrupted.wait(0.1):
            if end is not None and time.monotonic() >= end:
                return
            if until is not None and until.process.poll() is not None:
                return
            for child in self._children:
                if child is not until and child.process.poll() is not None:
                    raise LinesideError(f"The {child.name} ended by itself.", child.last_words())

    def forget(self, child: Child) -> None:
        """A child that has ended as it should is no longer watched."""
        child.reader.join()
        self._children.remove(child)

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._interrupted.is_set()

    def stop(self) -> None:
        """Ends all children, the last started first; kills what does not listen."""
        for child in reversed(self._children):
            with suppress(OSError):
                if os.name == "posix":
                    child.process.terminate()
                else:
                    child.process.send_signal(signal.CTRL_BREAK_EVENT)  # type: ignore[attr-defined]  # Windows only
        end = time.monotonic() + STOP_WITHIN
        for child in reversed(self._children):
            try:
                child.process.wait(max(end - time.monotonic(), 0.05))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            child.reader.join()
        self._children.clear()


def _read(process: subprocess.Popen[bytes], lines: queue.SimpleQueue[str | None]) -> None:
    if process.stdout is not None:
        with process.stdout as out:
            for line in out:
                lines.put(line.decode("utf-8", "replace").rstrip())
    lines.put(None)
