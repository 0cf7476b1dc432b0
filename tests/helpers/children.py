"""Child processes of tests: started with a mark, and all of them gone when the test ends, grandchildren too."""

import json
import os
import select
import signal
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

MARK = "LINESIDE_TEST_CHILD"
"""Environment variable by which a process is recognised whatever became of its parent."""


class Child:
    """A running process; reads its standard output line by line, keeps its errors in a file."""

    def __init__(
        self, arguments: Sequence[str | Path], environment: Mapping[str, str], cwd: Path, errors: Path
    ) -> None:
        self._errors = errors
        self._buffer = b""
        with errors.open("wb") as stream:
            self.process = subprocess.Popen(
                [str(argument) for argument in arguments],
                env=dict(environment),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stream,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    @property
    def stderr(self) -> str:
        """What it said on standard error so far."""
        return self._errors.read_text(errors="replace")

    def read_line(self, timeout: float = 30.0) -> str:
        """The next line of its standard output; fails when it ends or stays silent for so many seconds."""
        assert self.process.stdout is not None
        end = time.monotonic() + timeout
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))
            chunk = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not chunk:
                what = "ended" if ready else f"was silent for {timeout:g} s"
                raise AssertionError(
                    f"{self.process.args!r} {what}; said {self._buffer!r} and on stderr:\n{self.stderr}"
                )
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode()

    def read_json_line(self, timeout: float = 30.0) -> Any:
        """The next line of its standard output that is a JSON document; lines for people are passed over."""
        while True:
            line = self.read_line(timeout).strip()
            if line.startswith(("{", "[")):
                return json.loads(line)

    def wait(self, timeout: float = 30.0) -> int:
        """Its exit code; what it still says is read, so that a full pipe does not hold it up.

        Waits for the process, not for the end of its output: a process it started may hold that open for ever.
        """
        assert self.process.stdout is not None
        output, end = self.process.stdout.fileno(), time.monotonic() + timeout
        ended = os.pidfd_open(self.pid) if self.process.poll() is None else None
        try:
            while self._read_some([output] if ended is None else [output, ended], end, output):
                pass
        finally:
            if ended is not None:
                os.close(ended)
        return self.process.wait(max(0.0, end - time.monotonic()))

    def _read_some(self, watched: list[int], end: float, output: int) -> bool:
        """Read what is there; False when there is nothing left and the process has ended or the time is over."""
        ready, _, _ = select.select(watched, [], [], 0.0 if watched == [output] else max(0.0, end - time.monotonic()))
        chunk = os.read(output, 65536) if output in ready else b""
        self._buffer += chunk
        return bool(chunk)

    def terminate(self, timeout: float = 30.0) -> int:
        """Ask it to end (SIGTERM) and wait; the exit code."""
        self.process.terminate()
        return self.wait(timeout)

    def kill(self, timeout: float = 30.0) -> int:
        """End it as a power cut would (SIGKILL) and wait; the exit code."""
        self.process.kill()
        return self.wait(timeout)

    def suspend(self) -> None:
        """Stop it without ending it (SIGSTOP): its sockets stay open and it answers nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `suspend`."""
        self.process.send_signal(signal.SIGCONT)

    @property
    def rest(self) -> str:
        """What it said on standard output and nobody has read yet; whole once it has ended."""
        return self._buffer.decode(errors="replace")


class Children:
    """Starts processes for one test and knows all that came of them."""

    def __init__(self, folder: Path, cwd: Path) -> None:
        self._folder = folder
        self._cwd = cwd
        self._mark = uuid.uuid4().hex
        self.started: list[Child] = []

    def __call__(self, *arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Child:
        """Start a program; `env` is added to the test's own environment."""
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **(env or {}), MARK: self._mark}
        child = Child(arguments, environment, cwd or self._cwd, self._folder / f"child-{len(self.started)}.err")
        self.started.append(child)
        return child

    def alive(self) -> list[psutil.Process]:
        """Every process of this test that has not ended, found by its mark."""
        if not self.started:
            return []
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == self._mark
        except (psutil.Error, OSError):
            return False

    def end(self) -> list[str]:
        """End what is left, by process id, and say what it was."""
        left = self.alive()
        described = [f"process left running: {process.pid} {' '.join(process.cmdline())}" for process in left]
        for process in left:
            process.kill()
        for child in self.started:
            child.process.wait()
            if child.process.stdout is not None:
                child.process.stdout.close()
        psutil.wait_procs(left, timeout=10)
        return described
