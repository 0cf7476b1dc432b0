"""The simulator as a driver: how its points and options are written."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from hmi.core.tag import TagType
from hmi.drivers.api import API_VERSION, AddressError, Clock, ConnectionSpec, Sink

from .address import Address, parse_address
from .connection import SimulatorConnection
from .options import ENDPOINT, FIELDS, Options, parse_options


class SimulatorDriver:
    """Facts about simulated devices."""

    name = "simulator"
    api_version = API_VERSION
    title = "Simulator"
    fields = FIELDS
    endpoint_example = ENDPOINT
    address_example = "sine:period=60,low=0,high=100"

    def parse_address(self, text: str, type_: TagType) -> Address:
        """See `address`."""
        return parse_address(text, type_)

    def parse_options(self, endpoint: str, options: Mapping[str, object]) -> Options:
        """See `options`."""
        return parse_options(endpoint, options)

    def connect(self, spec: ConnectionSpec, sink: Sink, clock: Clock) -> SimulatorConnection:
        """A connection that does nothing until `run`."""
        if not isinstance(spec.options, Options):
            raise AddressError(f"{spec.name} has options of another driver.", "Parse them with this driver.")
        return SimulatorConnection(spec, spec.options, sink, clock, Random())


DRIVER = SimulatorDriver()
