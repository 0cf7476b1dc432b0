"""One running connection under test, its points by address text, and what it delivered."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hmi.core.batch import Batch
from hmi.core.tag import TagType
from hmi.drivers.api import ConnectionSpec, Driver, LinkState, Point, WriteResult
from hmi.drivers.conformance import Recorder, SystemClock


class Rig:
    def __init__(
        self,
        driver: Driver,
        endpoint: str,
        options: Mapping[str, object] | None = None,
        secrets: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.driver = driver
        self.endpoint = endpoint
        self.options = options or {}
        self.secrets = secrets or {}
        self.folder = folder
        self.sink = Recorder()
        self.points: dict[str, Point] = {}
        self.connection: Any = None
        self._job: asyncio.Future[None] | None = None

    def point(self, text: str, type_: TagType = TagType.FLOAT) -> int:
        made = Point(len(self.points) + 1, text, self.driver.parse_address(text, type_), type_, 0.1, writable=True)
        self.points[text] = made
        return made.tag

    def run(self) -> None:
        options = self.driver.parse_options(self.endpoint, self.options)
        points = tuple(self.points.values())
        spec = ConnectionSpec("plant", self.endpoint, options, points, True, self.secrets, self.folder)
        self.connection = self.driver.connect(spec, self.sink, SystemClock())
        self._job = asyncio.ensure_future(self.connection.run())

    async def stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._job
            self._job = None

    def last(self, text: str) -> tuple[float | str, int]:
        return self.sink.last(self.points[text].tag)

    def status(self, text: str) -> int:
        return self.last(text)[1]

    def rows(self, text: str) -> list[tuple[float | str, int, int]]:
        return self.sink.rows(self.points[text].tag)

    def old(self) -> list[Batch]:
        """What came for history only."""
        return [batch for batch in self.sink.batches if batch.backfill]

    async def until(self, fact: Callable[[], bool], sentence: str = "it never happened") -> None:
        await self.sink.until(fact, sentence)

    async def up(self, times: int = 1) -> None:
        await self.until(lambda: self.sink.count_of(LinkState.UP) == times, f"never up for the {times}. time")

    async def down(self, times: int = 1) -> str:
        """The sentence that an operator reads."""
        await self.until(lambda: self.sink.count_of(LinkState.DOWN) == times, f"never down for the {times}. time")
        return [text for state, text in self.sink.states if state is LinkState.DOWN][-1]

    async def good(self, text: str, value: float | str) -> None:
        tag = self.points[text].tag
        await self.until(lambda: self.sink.is_good(tag, value), f"{text} never became {value}")

    async def becomes(self, text: str, status: int) -> None:
        await self.until(lambda: self.status(text) == status, f"{text} never got status {status:#x}")

    async def write(self, text: str, value: float | str) -> WriteResult:
        result: WriteResult = await self.connection.write(self.points[text], value)
        return result
