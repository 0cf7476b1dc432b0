"""Notices that somebody changed the project's files; nothing is taken over by that."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import structlog
from watchfiles import Change, watch

from hmi.core.errors import LinesideError
from hmi.core.rights import Action, may
from hmi.station.editing.pending import PendingFiles
from hmi.station.gateway import Gateway
from hmi.station.project_texts import belongs

_log = structlog.get_logger()


class Watching:
    """Tells engineers, once for each state of the files."""

    def __init__(
        self, project: Path, pending: PendingFiles, gateway: Gateway, note: Callable[[str, str, str], None]
    ) -> None:
        self._project = project.resolve()
        self._pending = pending
        self._gateway = gateway
        self._note = note
        self._told = ""

    async def run(self, running: Callable[[], str]) -> None:
        """Watches until cancelled; `running` is the revision that runs."""
        self._told = running()
        changed, stop = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def tell() -> None:
            loop.call_soon_threadsafe(changed.set)  # called on the watcher's thread

        watcher = asyncio.create_task(asyncio.to_thread(self._watch, tell, stop), name="watch the files")
        try:
            changed.set()  # what was changed before
            while True:
                await changed.wait()
                changed.clear()
                await self._look(running)
        finally:
            stop.set()
            await asyncio.gather(watcher, return_exceptions=True)

    def _watch(self, tell: Callable[[], None], stop: threading.Event) -> None:
        def ours(_: Change, path: str) -> bool:
            try:
                return belongs(Path(path).relative_to(self._project).as_posix())
            except ValueError:
                return False

        try:
            for _ in watch(self._project, watch_filter=ours, stop_event=stop, raise_interrupt=False):
                tell()
        except (OSError, RuntimeError) as error:
            # `GetPending` compares the files all the same; only nobody is told by itself.
            _log.warning("files are not watched", error=str(error))

    async def _look(self, running: Callable[[], str]) -> None:
        try:
            on_disk = await self._pending.revision()
            if on_disk == self._told:
                return
            self._told = on_disk
            report = await self._pending.report()
        except LinesideError as error:
            _log.warning("files not read", error=str(error))
            return
        if report.on_disk != running():
            flawed = " They have errors." if any(not flaw.warns for flaw in report.flaws) else ""
            self._note("project-pending", "project", f"{report.last_change}.{flawed}")
        self._gateway.tell(report, lambda client: may(client.session.role, Action.CONFIGURE))
