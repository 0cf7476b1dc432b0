"""Child processes of one command: started together, watched together, stopped together, nothing left behind."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, Self

import click

from hmi import lifeline
from hmi.core.errors import LinesideError

STOP_WITHIN: Final = 2.5
"""Seconds children get to stop in order before they are killed."""

RESTARTS: Final = 5
RESTARTS_WITHIN: Final = 60.0
"""A child that is started again and ends so often within so many seconds is not: it would only end again."""

ENDINGS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
"""Ctrl-C, a service manager's stop, and the closing of the terminal: the children, apart from it, would live on."""


_GLANCE: Final = 0.1
"""Seconds between looks at Ctrl-C while something else is waited for, which on Windows no signal would end."""


class StoppedError(Exception):
    """Ctrl-C before everything was ready: the group ends without another word."""


@dataclass
class Child:
    """One child with its log."""

    name: str
    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes]
    log: Path
    log_start: int
    """Where in the log this start of it begins."""
    lines: queue.SimpleQueue[str | None]
    reader: threading.Thread
    again: bool
    """Started again when it ends by itself."""
    bound: bool
    """Ends when this process does, even when that is killed."""
    restarts: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS))
    """When it was started again lately (monotonic seconds)."""

    @property
    def ended(self) -> str:
        """The sentence for its end."""
        themselves = "themselves" if self.name.endswith("s") else "itself"
        return f"The {self.name} ended by {themselves}."

    @property
    def failed(self) -> bool:
        """Whether it ended, and not as it should."""
        return bool(self.process.poll())

    def give_back(self) -> None:
        """Closes what was open to it, once it has ended."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.reader.join()

    def said(self) -> list[str]:
        """The sentences in its log since it was started; events, which are JSON, are left out."""
        with suppress(OSError):
            text = self.log.read_bytes()[self.log_start :].decode("utf-8", "replace")
            return [line for line in text.splitlines() if line.strip() and not line.startswith("{")]
        return []

    def failure(self, what: str) -> LinesideError:
        """What happened to it, with what it said itself."""
        said = self.said()
        if not said:
            return LinesideError(what, f"See {self.log}.")
        if len(said) == 1:
            return LinesideError(what, said[0])
        if any(line.startswith("Traceback") for line in said):
            return LinesideError(what, f"{said[-1]} See {self.log}.")
        return LinesideError("\n".join([*said, what]))


class Children:
    """A group of children; leaving the context stops all of them, and is where a `StoppedError` ends."""

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
    ) -> bool:
        self.stop()
        for number, handler in self._old.items():
            signal.signal(number, handler)
        return isinstance(error, StoppedError)

    def start(self, name: str, *arguments: str, again: bool = False, bound: bool = False) -> Child:
        """Starts `python -m ...`; `again` starts it once more when it ends by itself, but not for ever. A `bound` one
        ends when this process does, even when that is killed: it must know `lifeline.OPTION`."""
        child = self._start(name, arguments, again=again, bound=bound)
        self._children.append(child)
        return child

    def _start(self, name: str, arguments: tuple[str, ...], *, again: bool, bound: bool) -> Child:
        """Apart from the terminal's Ctrl-C: the parent decides the order of stopping."""
        log = self._logs / f"{name.replace(' ', '-')}.log"
        with log.open("ab") as sink:
            log_start = sink.tell()
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
                [sys.executable, "-m", *arguments, *([lifeline.OPTION] if bound else [])],
                stdin=subprocess.PIPE if bound else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=sink,
                start_new_session=os.name == "posix",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        reader = threading.Thread(target=_read, args=(process, lines), name=f"output of {name}", daemon=True)
        reader.start()
        return Child(name, arguments, process, log, log_start, lines, reader, again, bound)

    def _start_again(self, child: Child) -> None:
        """Replaces a child that ended.

        Raises:
            LinesideError: it does not stay.
        """
        now = time.monotonic()
        if len(child.restarts) == RESTARTS and now - child.restarts[0] < RESTARTS_WITHIN:
            raise child.failure(f"{child.ended[:-1]} again, {RESTARTS} times within {RESTARTS_WITHIN:.0f} s.")
        click.echo(f"{child.ended} Starting again.", err=True)
        child.give_back()
        replacement = self._start(child.name, child.arguments, again=child.again, bound=child.bound)
        replacement.restarts = child.restarts
        replacement.restarts.append(now)
        self._children[self._children.index(child)] = replacement

    def wait_for_line(self, child: Child, timeout: float) -> str:
        """The next line of a child on stdout.

        Raises:
            StoppedError: Ctrl-C came first.
            LinesideError: it ended, or said nothing in time; with the end of its log.
        """
        end = time.monotonic() + timeout
        while not self.interrupted:
            with suppress(queue.Empty):
                line = child.lines.get(timeout=_GLANCE)
                if line is not None:
                    return line
                break
            if time.monotonic() >= end:
                break
        if self.interrupted:
            raise StoppedError
        raise child.failure(f"The {child.name} did not start.")

    def wait(self, seconds: float | None, *, until: Child | None = None) -> None:
        """Waits for Ctrl-C, for `seconds`, or for `until` to end.

        Raises:
            LinesideError: another child ended by itself and is not started again.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while not self._interrupted.wait(_GLANCE):
            if end is not None and time.monotonic() >= end:
                return
            if until is not None and until.process.poll() is not None:
                return
            for child in [c for c in self._children if c is not until and c.process.poll() is not None]:
                if not child.again:
                    raise child.failure(child.ended)
                self._start_again(child)

    def forget(self, child: Child) -> None:
        """A child that has ended as it should is no longer watched."""
        child.give_back()
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
            child.give_back()
        self._children.clear()


def _read(process: subprocess.Popen[bytes], lines: queue.SimpleQueue[str | None]) -> None:
    if process.stdout is not None:
        with process.stdout as out:
            for line in out:
                lines.put(line.decode("utf-8", "replace").rstrip())
    lines.put(None)
