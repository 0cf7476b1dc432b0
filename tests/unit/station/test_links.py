import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

from hmi.core.batch import batch_of
from hmi.drivers.api import ConnectionSpec, LinkState
from hmi.station.driver_data import DriverData
from hmi.station.intake import Intake
from hmi.station.link_lives import LinkLives
from hmi.station.links import Link, LinkMaker, build_links
from hmi.station.running import Running
from hmi.station.secret_store import SecretStore

from .fakes import FakeClock, FakeConnection, link, project, table


def test_the_ages_of_what_came_are_told_in_percentiles() -> None:
    clock = FakeClock()
    intake = Intake("plc", clock, lambda *_: None)
    assert intake.age_percentiles() == (None, None, None)
    for age in range(101):
        intake.deliver(batch_of([1], [clock.now().utc - age * 1_000_000], [0], [1.0], [0]))
    assert intake.age_percentiles() == (50.0, 95.0, 99.0)


class Broken(FakeConnection):
    """A driver with a fault of its own."""

    async def run(self) -> None:
        raise ZeroDivisionError


async def goes_on(links: dict[str, Link]) -> bool:
    running = asyncio.create_task(LinkLives(links).run())
    for _ in range(10):
        await asyncio.sleep(0)
    going = not running.done()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return going


async def test_a_station_without_connections_goes_on() -> None:
    assert await goes_on({})


async def test_a_station_goes_on_when_its_only_driver_fails(expect_log: Callable[..., None]) -> None:
    expect_log("driver failed", "an engineer must hear of a defect in a driver")
    broken = link(Broken(), FakeClock())
    assert await goes_on({"plc": broken})
    assert broken.intake.link is LinkState.OFF
    assert "ZeroDivisionError" in broken.intake.text


def test_a_driver_that_fails_before_it_ever_connected_is_an_event() -> None:
    told: list[str] = []
    intake = Intake("plc", FakeClock(), lambda kind, _source, _text: told.append(kind))
    intake.state(LinkState.CONNECTING, "plc: connecting.")
    intake.state(LinkState.OFF, "The driver of plc failed.")
    intake.state(LinkState.OFF, "The driver of plc failed.")
    assert told == ["connection-off"]


def test_a_connection_is_given_its_secrets_and_its_drivers_folder(tmp_path: Path) -> None:
    specs: list[ConnectionSpec] = []
    driver = SimpleNamespace(
        parse_address=lambda text, _type: text,
        parse_options=lambda _endpoint, _options: None,
        connect=lambda spec, _sink, _clock: specs.append(spec),
    )
    SecretStore(tmp_path).put("plc", "password", "hidden-word")
    SecretStore(tmp_path).put("other", "password", "another")
    of = project()
    running = Running(of, {"fake": driver})  # type: ignore[dict-item]
    maker = LinkMaker(running, FakeClock(), lambda *_: None, None, DriverData(tmp_path))
    build_links(maker, running, table(of))
    (spec,) = specs
    assert spec.secrets == {"password": "hidden-word"}
    assert spec.folder == tmp_path / "drivers" / "fake"
    assert "hidden-word" not in repr(spec)
