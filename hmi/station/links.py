"""The station's connections at run time: made from the project, started and stopped while everything else runs on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog

from hmi.core.tag import ConnectionSource, Tag, TagType
from hmi.drivers.api import Clock, Connection, ConnectionSpec, Driver, LinkState, Point
from hmi.station.driver_data import DriverData
from hmi.station.hosting import Hosting
from hmi.station.intake import Intake, Report
from hmi.station.running import Running, Settings
from hmi.station.tag_table import TagTable, by_connection

_log = structlog.get_logger()


@dataclass
class Link:
    """One configured connection at run time."""

    name: str
    driver: str
    endpoint: str
    intake: Intake
    connection: Connection | None
    parse_address: Callable[[str, TagType], object]
    """As the driver reads addresses.

    Raises:
        AddressError: the driver does not understand it.
    """
    points: dict[int, Point] = field(default_factory=dict)

    async def run(self) -> None:
        """Runs the driver; a fault in the driver itself switches this connection off and leaves the others alone."""
        if self.connection is None:
            return
        try:
            await self.connection.run()
        except Exception as error:  # noqa: BLE001 - a driver is foreign code: whatever it raises must stay its own
            _log.error("driver failed", connection=self.name, error=repr(error))
            what = f"The driver of {self.name} failed ({type(error).__name__}: {error})."
            self.intake.state(LinkState.OFF, f"{what} Restart the station and report the fault.")
        else:
            self.intake.state(LinkState.OFF, f"The connection {self.name} ended.")


class LinkMaker:
    """Makes connections of what runs, each with its points."""

    def __init__(
        self,
        running: Running,
        clock: Clock,
        report: Report,
        hosting: Hosting | None = None,
        kept: DriverData | None = None,
    ) -> None:
        """Without `hosting` all of them run in this process; `kept` has their secrets and their drivers' folders."""
        self._running = running
        self._clock = clock
        self._report = report
        self._hosting = hosting
        self._kept = kept

    def driver_of(self, name: str) -> Driver:
        """The driver as a connection uses it."""
        config = self._running.connections[name]
        driver = self._running.drivers[config.driver]
        return driver if self._hosting is None else self._hosting.driver_of(name, config, driver)

    def points(self, name: str, tags: Iterable[tuple[int, Tag]]) -> dict[int, Point]:
        """The points of those tags that belong to a connection."""
        driver, writes = self.driver_of(name), self._writes(name)
        return {
            id_: Point(
                id_,
                tag.path,
                driver.parse_address(tag.source.address, tag.type),
                tag.type,
                tag.scan,
                writes and tag.write is not None,
                tag.driver,
            )
            for id_, tag in tags
            if isinstance(tag.source, ConnectionSource) and tag.source.connection == name
        }

    def link(self, name: str, points: dict[int, Point]) -> Link:
        """A connection that does nothing yet.

        Raises:
            LinesideError: the secrets in the data folder cannot be used.
            OSError: a driver's folder cannot be made there.
        """
        config, driver = self._running.connections[name], self.driver_of(name)
        intake = Intake(name, self._clock, self._report)
        spec = ConnectionSpec(
            name,
            config.endpoint,
            driver.parse_options(config.endpoint, config.options),
            tuple(points.values()),
            self._writes(name),
            {} if self._kept is None else self._kept.secrets(name),
            None if self._kept is None else self._kept.folder(config.driver),
        )
        connection = driver.connect(spec, intake, self._clock)
        return Link(name, config.driver, config.endpoint, intake, connection, driver.parse_address, points)

    def without_connection(self, name: str, points: dict[int, Point], why: str) -> Link:
        """A connection that cannot be made now: it stays off, and says why."""
        config = self._running.connections[name]
        intake = Intake(name, self._clock, self._report)
        intake.state(LinkState.OFF, why)
        return Link(name, config.driver, config.endpoint, intake, None, self.driver_of(name).parse_address, points)

    def _writes(self, name: str) -> bool:
        return self._running.file.security.writes_enabled and self._running.connections[name].writes_enabled


def build_links(maker: LinkMaker, settings: Settings, table: TagTable) -> dict[str, Link]:
    """Every connection of a checked project, not yet running.

    Raises:
        LinesideError, OSError: as `LinkMaker.link`.
    """
    tags = by_connection(table.tags)
    return {name: maker.link(name, maker.points(name, tags.get(name, {}).items())) for name in settings.connections}
