"""Connections that are ended, replaced and given other points while the others run."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np

from hmi.core.batch import batch_of
from hmi.core.tag import TagType
from hmi.drivers.api import LinkState, Point
from hmi.station.intake import Intake
from hmi.station.link_lives import LinkLives
from hmi.station.links import Link

from .fakes import FakeClock, FakeConnection


class Device(FakeConnection):
    """Runs until it is ended; takes other points when `go` is set."""

    def __init__(self, told: list[str], name: str) -> None:
        super().__init__()
        self._told, self._name = told, name
        self.go = asyncio.Event()
        self.go.set()
        self.points: list[list[int]] = []
        self.fault: Exception | None = None

    async def run(self) -> None:
        self._told.append(f"{self._name} begins")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # gives its device back
            self._told.append(f"{self._name} ends")

    async def repoint(self, points: tuple[Point, ...]) -> None:
        await self.go.wait()
        if self.fault is not None:
            raise self.fault
        self.points.append([point.tag for point in points])


class Bench:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.events: list[str] = []
        self.lives = LinkLives({})

    def link(self, name: str, mark: str = "") -> Link:
        intake = Intake(name, FakeClock(), lambda kind, *_: self.events.append(kind))
        points = {id_: Point(id_, f"p{id_}", id_, TagType.FLOAT, 1.0) for id_ in (1, 2)}
        connection: Any = Device(self.told, mark or name)
        return Link(name, "fake", "fake://", intake, connection, lambda text, _: text, points)

    @asynccontextmanager
    async def running(self, *names: str) -> Any:
        self.lives.links.update({name: self.link(name) for name in names})
        life = asyncio.create_task(self.lives.run())
        await turns()
        yield
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


async def turns(work: Callable[[], Awaitable[None]] | None = None) -> None:
    for _ in range(10):
        await asyncio.sleep(0)
    if work is not None:
        await work()


async def test_a_connection_is_ended_before_its_successor_begins_and_the_others_go_on() -> None:
    bench = Bench()
    async with bench.running("a", "b"):
        old = bench.lives.links["a"].intake
        old.count("requests", 7)
        bench.lives.put(bench.link("a", "new a"))
        await bench.lives.settled()
        await turns()
        assert bench.told == ["a begins", "b begins", "a ends", "new a begins"]
        assert bench.lives.links["a"].intake.counters["requests"] == 7
        old.state(LinkState.DOWN, "gone")
        old.deliver(batch_of([1], [1], [1], [1.0], [0]))
        assert bench.events == []
        assert old.drain()[0] == []


async def test_a_connection_that_is_no_more_ends_and_a_new_one_begins() -> None:
    bench = Bench()
    async with bench.running("a"):
        bench.lives.drop("a")
        bench.lives.put(bench.link("c"))
        await bench.lives.settled()
        await turns()
        assert set(bench.told) == {"a begins", "a ends", "c begins"}
        assert set(bench.lives.links) == {"c"}
    assert bench.told[-1] == "c ends"


async def test_a_point_with_another_address_shows_nothing_of_the_former() -> None:
    bench = Bench()
    async with bench.running("a"):
        link = bench.lives.links["a"]
        device: Any = link.connection
        device.go.clear()
        bench.lives.repoint("a", np.array([2], np.int32))
        await turns()
        link.intake.deliver(batch_of([1, 2], [5, 5], [5, 5], [1.0, 2.0], [0, 0]))
        [batch] = link.intake.drain()[0]
        assert batch.tag.tolist() == [1], "a sample of the former address was taken for one of the new"
        device.go.set()
        await bench.lives.settled()
        assert device.points == [[1], [1, 2]]
        link.intake.deliver(batch_of([2], [6], [6], [3.0], [0]))
        [batch] = link.intake.drain()[0]
        assert batch.tag.tolist() == [2]


async def test_a_driver_that_fails_at_an_edit_is_switched_off_alone(expect_log) -> None:
    expect_log("driver failed", "an engineer must hear of a defect in a driver")
    bench = Bench()
    async with bench.running("a", "b"):
        device: Any = bench.lives.links["a"].connection
        device.fault = ZeroDivisionError()
        bench.lives.repoint("a", np.array([], np.int32))
        await bench.lives.settled()
        await turns()
        assert bench.lives.links["a"].intake.link is LinkState.OFF
        assert bench.told == ["a begins", "b begins", "a ends"]
