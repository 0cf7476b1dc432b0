"""A thread that commits what others hand it, many jobs a transaction, and tells each when it is on the disk.

It knows no asyncio: a job's `Future` can be awaited with `asyncio.wrap_future`, or waited for in a thread.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from hmi.historian.api import StoreError
from hmi.historian.sqlite import OWN_FAULT, Connection, Error, close

_MOST_JOBS: Final = 5000
_MOST_BYTES: Final = 64 * 1024 * 1024
_GROUP: Final = 500

T = TypeVar("T")
Work = Callable[[Connection], T]


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    run: Work[Any]
    futures: list[Future[Any]]
    """Who waits for it, also for the jobs it took the place of: it has their list, and what they were to store is
    stored with it. However many there were, one future is all that is added while the disk takes nothing."""
    keep: bool
    size: int
    replaces: str = ""

    def stored(self, outcome: object) -> None:
        for future in self.futures:
            future.set_result(outcome)

    def failed(self, why: BaseException) -> None:
        for future in self.futures:
            if not future.done():  # a newer job may have the same
                future.set_exception(why)


def _future() -> Future[Any]:
    made: Future[Any] = Future()
    made.set_running_or_notify_cancel()  # nobody can cancel: the commit may already be under way
    return made


class Commits:
    """One writing connection and its thread."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        explain: Callable[[Error], StoreError],
        *,
        on_commit: Callable[[], None],
        on_stall: Callable[[StoreError | None], None],
        retry_seconds: float,
    ) -> None:
        """`on_commit` follows each commit; `on_stall` hears once why the disk takes
        nothing, and None when it does again. Both are called on the thread.

        Raises:
            StoreError: the file cannot be opened.
        """
        self._connect, self._explain, self._retry = connect, explain, retry_seconds
        self._on_commit, self._on_stall = on_commit, on_stall
        self._connection: Connection | None = connect()
        self._changed = threading.Condition()
        self._jobs: deque[_Job] = deque()
        self._current: list[_Job] = []
        """The group being committed."""
        self._bytes = 0
        self._closing = self._stalled = False
        self._fresh = 0
        """Jobs handed in since the last attempt: a stalled thread tries again for them at once."""
        self._thread = threading.Thread(target=self._run, name="historian-events", daemon=True)
        self._thread.start()

    def submit(self, run: Work[T], *, keep: bool = False, size: int = 0, replaces: str = "") -> Future[T]:
        """Hands a job in. Its future resolves after the commit, with what `run` returned.

        A job with `keep` waits, in order, until the disk takes it; another one fails with StoreError as soon as the
        disk refuses. When too many wait, the oldest fail.

        `replaces` names what a job with `keep` stores anew as a whole. Of jobs with the same name only the newest
        waits; the others are done when it is, and share its future. So they take little room, and are never a reason
        to give up another job.
        """
        with self._changed:
            if self._closing:
                closed = _future()
                closed.set_exception(StoreError("The event store is closed.", "Open it again."))
                return closed
            futures = self._superseded(replaces) if replaces else [_future()]
            job = _Job(run, futures, keep, 0 if replaces else size, replaces)
            self._jobs.append(job)
            self._bytes += job.size
            self._fresh += 1
            overdue = self._overdue()
            self._changed.notify_all()
        for late in overdue:
            late.failed(StoreError("Too many events wait for the disk.", "Check the disk."))
        return futures[-1]

    def _superseded(self, name: str) -> list[Future[Any]]:
        """Takes the job that a new one replaces out of the queue, and gives what waits for the new one; it is called
        with the lock held."""
        older = self._waiting(name)
        if older is not None:
            self._jobs.remove(older)
        elif self._stalled:  # what is tried again just now will mostly be refused again
            older = next((job for job in self._current if job.replaces == name), None)
        return [_future()] if older is None else older.futures

    def _waiting(self, name: str) -> _Job | None:
        return next((job for job in self._jobs if job.replaces == name), None)

    def _overdue(self) -> list[_Job]:
        found: list[_Job] = []
        while len(self._jobs) > _MOST_JOBS or (self._bytes > _MOST_BYTES and len(self._jobs) > 1):
            job = next(job for job in self._jobs if not job.replaces)
            self._jobs.remove(job)
            self._bytes -= job.size
            found.append(job)
        return found

    def close(self, timeout: float) -> None:
        """Commits what waits and ends the thread; what the disk does not take fails.

        Raises:
            StoreError: the disk hangs: the thread has not ended within `timeout` seconds.
        """
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise StoreError("The disk does not answer.", "Check the disk and the system log.")

    # The thread

    def _run(self) -> None:
        try:
            while self._wait():
                self._attempt()
        except BaseException as defect:
            # Whoever waits fails below; that nobody's acts are recorded any more must be seen by everybody.
            self._on_stall(StoreError(f"The writer of events ended: {defect!r}.", "Restart the station."))
            raise
        finally:
            self._disconnect()
            with self._changed:
                self._closing = True
                left, self._jobs = [*self._current, *self._jobs], deque()
            for job in left:
                job.failed(StoreError("The event store was closed.", "It was not stored."))

    def _wait(self) -> bool:
        with self._changed:
            while True:
                if self._closing:
                    return bool(self._jobs) and not self._stalled
                if self._stalled:
                    timeout = self._retry if self._jobs else None
                    self._changed.wait_for(lambda: self._fresh or self._closing, timeout)
                else:
                    self._changed.wait_for(lambda: self._jobs or self._closing)
                if self._jobs and not self._closing:
                    return True

    def _take(self) -> list[_Job]:
        with self._changed:
            self._fresh = 0
            group: list[_Job] = []
            while self._jobs and len(group) < _GROUP:
                job = self._jobs.popleft()
                self._bytes -= job.size
                group.append(job)
            self._current = group
            return group

    def _attempt(self) -> None:
        group = self._take()
        try:
            outcomes = self._commit(group)
        except Error as error:
            self._refused(group, self._explain(error))
            return
        except StoreError as error:
            self._refused(group, error)
            return
        with self._changed:
            resumed, self._stalled = self._stalled, False
            newer = [job.futures for job in self._jobs if job.replaces]
        if resumed:
            self._on_stall(None)
        for job, outcome in zip(group, outcomes, strict=True):
            if any(job.futures is futures for futures in newer):
                continue  # told when the newer one is stored
            if isinstance(outcome, StoreError):
                job.failed(outcome)
            else:
                job.stored(outcome)
        self._current = []
        self._on_commit()

    def _commit(self, group: list[_Job]) -> list[Any]:
        if self._connection is None:
            self._connection = self._connect()
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        outcomes: list[Any] = []
        for job in group:
            connection.execute("SAVEPOINT job")
            try:
                outcomes.append(job.run(connection))
            except OWN_FAULT as error:
                # A job that can never succeed must not hold up the others.
                connection.execute("ROLLBACK TO job")
                outcomes.append(StoreError(f"An event cannot be stored: {error}.", "Report this defect."))
            connection.execute("RELEASE job")
        connection.execute("COMMIT")
        return outcomes

    def _refused(self, group: list[_Job], why: StoreError) -> None:
        self._disconnect()
        kept = [job for job in group if job.keep]
        with self._changed:
            for job in reversed(kept):
                self._take_back(job)
        if not self._stalled:
            self._stalled = True
            self._on_stall(why)
        self._current = []
        for job in group:
            if not job.keep:
                job.failed(why)

    def _take_back(self, job: _Job) -> None:
        newer = self._waiting(job.replaces) if job.replaces else None
        if newer is not None:
            if newer.futures is not job.futures:
                newer.futures[:0] = job.futures
            return
        self._jobs.appendleft(job)
        self._bytes += job.size

    def _disconnect(self) -> None:
        if self._connection is not None:
            close(self._connection)
            self._connection = None
