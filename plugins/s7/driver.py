"""Siemens S7 as a driver: how its addresses and options are written."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from hmi.core.tag import TagType
from hmi.drivers.api import API_VERSION, AddressError, Clock, ConnectionSpec, Sink

from .address import S7Address, parse_address
from .connection import S7Connection
from .options import ENDPOINT_EXAMPLE, FIELDS, Options, parse_options


class S7Driver:
    """Facts about S7 controllers."""

    name = "s7"
    api_version = API_VERSION
    title = "Siemens S7"
    fields = FIELDS
    endpoint_example = ENDPOINT_EXAMPLE
    address_example = "DB10.DBD8:real"

    def parse_address(self, text: str, type_: TagType) -> S7Address:
        """See `address`."""
        return parse_address(text, type_)

    def parse_options(self, endpoint: str, options: Mapping[str, object]) -> Options:
        """See `options`."""
        return parse_options(endpoint, options)

    def connect(self, spec: ConnectionSpec, sink: Sink, clock: Clock) -> S7Connection:
        """A connection that does nothing until `run`."""
        if not isinstance(spec.options, Options):
            raise AddressError(f"{spec.name} has options of another driver.", "Parse them with this driver.")
        return S7Connection(spec, spec.options, sink, clock, Random())


DRIVER = S7Driver()
