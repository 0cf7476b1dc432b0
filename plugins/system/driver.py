"""This computer as a driver: how its quantities and options are written."""

from __future__ import annotations

from collections.abc import Mapping

from hmi.core.tag import TagType
from hmi.drivers.api import API_VERSION, AddressError, Clock, ConnectionSpec, Sink

from .address import Address, parse_address
from .connection import SystemConnection
from .counters import PsutilCounters
from .machine import Machine
from .options import ENDPOINT, FIELDS, Options, parse_options


class SystemDriver:
    """Facts about this computer."""

    name = "system"
    api_version = API_VERSION
    title = "This computer"
    fields = FIELDS
    endpoint_example = ENDPOINT
    address_example = "disk:/var:free"

    def parse_address(self, text: str, type_: TagType) -> Address:
        """See `address`."""
        return parse_address(text, type_)

    def parse_options(self, endpoint: str, options: Mapping[str, object]) -> Options:
        """See `options`."""
        return parse_options(endpoint, options)

    def connect(self, spec: ConnectionSpec, sink: Sink, clock: Clock) -> SystemConnection:
        """A connection that does nothing until `run`."""
        if not isinstance(spec.options, Options):
            raise AddressError(f"{spec.name} has options of another driver.", "Parse them with this driver.")
        return SystemConnection(spec, spec.options, sink, clock, Machine(PsutilCounters()))


DRIVER = SystemDriver()
