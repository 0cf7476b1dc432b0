"""Sparkplug B as a driver: how its addresses and options are written."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from hmi.core.tag import TagType
from hmi.drivers.api import API_VERSION, AddressError, Clock, ConnectionSpec, Sink
from hmi.drivers.broker.endpoint import EXAMPLE

from .address import SparkplugAddress, parse_address
from .connection import SparkplugConnection
from .options import FIELDS, SparkplugOptions, parse_options


class SparkplugDriver:
    """Facts about Sparkplug B."""

    name = "sparkplug"
    api_version = API_VERSION
    title = "MQTT Sparkplug B"
    fields = FIELDS
    endpoint_example = EXAMPLE
    address_example = "Plant/Press3/Dosing#Inputs/Temperature"

    def parse_address(self, text: str, _type: TagType) -> SparkplugAddress:
        """See `address`; what the metric's type is only its birth tells."""
        return parse_address(text)

    def parse_options(self, endpoint: str, options: Mapping[str, object]) -> SparkplugOptions:
        """See `options`."""
        return parse_options(endpoint, options)

    def connect(self, spec: ConnectionSpec, sink: Sink, clock: Clock) -> SparkplugConnection:
        """A connection that does nothing until `run`."""
        if not isinstance(spec.options, SparkplugOptions):
            raise AddressError(f"{spec.name} has options of another driver.", "Parse them with this driver.")
        return SparkplugConnection(spec, spec.options, sink, clock, Random())


DRIVER = SparkplugDriver()
