"""MQTT as a driver: how its addresses and options are written."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from hmi.core.tag import TagType
from hmi.drivers.api import API_VERSION, AddressError, Clock, ConnectionSpec, Sink
from hmi.drivers.broker.endpoint import EXAMPLE

from .address import MqttAddress, parse_address
from .connection import MqttConnection
from .options import FIELDS, MqttOptions, parse_options


class MqttDriver:
    """Facts about MQTT."""

    name = "mqtt"
    api_version = API_VERSION
    title = "MQTT"
    fields = FIELDS
    endpoint_example = EXAMPLE
    address_example = "line1/state#$.temperature;time=$.stamp"

    def parse_address(self, text: str, type_: TagType) -> MqttAddress:
        """See `address`."""
        return parse_address(text, type_)

    def parse_options(self, endpoint: str, options: Mapping[str, object]) -> MqttOptions:
        """See `options`."""
        return parse_options(endpoint, options)

    def connect(self, spec: ConnectionSpec, sink: Sink, clock: Clock) -> MqttConnection:
        """A connection that does nothing until `run`."""
        if not isinstance(spec.options, MqttOptions):
            raise AddressError(f"{spec.name} has options of another driver.", "Parse them with this driver.")
        return MqttConnection(spec, spec.options, sink, clock, Random())


DRIVER = MqttDriver()
