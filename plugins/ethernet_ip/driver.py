"""Logix controllers over EtherNet/IP as a driver: how their addresses and options are written."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from hmi.core.tag import TagType
from hmi.drivers.api import API_VERSION, AddressError, Clock, ConnectionSpec, Sink

from .address import TagAddress, parse_address
from .connection import LogixConnection
from .options import ENDPOINT_EXAMPLE, FIELDS, Options, parse_options


class LogixDriver:
    """Facts about Logix controllers."""

    name = "ethernet_ip"
    api_version = API_VERSION
    title = "EtherNet/IP (Logix)"
    fields = FIELDS
    endpoint_example = ENDPOINT_EXAMPLE
    address_example = "Program:Main.Pump.Speed"

    def parse_address(self, text: str, type_: TagType) -> TagAddress:
        """See `address`."""
        return parse_address(text, type_)

    def parse_options(self, endpoint: str, options: Mapping[str, object]) -> Options:
        """See `options`."""
        return parse_options(endpoint, options)

    def connect(self, spec: ConnectionSpec, sink: Sink, clock: Clock) -> LogixConnection:
        """A connection that does nothing until `run`."""
        if not isinstance(spec.options, Options):
            raise AddressError(f"{spec.name} has options of another driver.", "Parse them with this driver.")
        return LogixConnection(spec, spec.options, sink, clock, Random())


DRIVER = LogixDriver()
