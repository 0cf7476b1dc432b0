"""OPC UA as a driver: how its addresses and options are written."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from hmi.core.tag import TagType
from hmi.drivers.api import API_VERSION, Clock, ConnectionSpec, Sink
from hmi.drivers.opcua.address import OpcUaAddress, parse_address
from hmi.drivers.opcua.connection import OpcUaConnection
from hmi.drivers.opcua.options import ENDPOINT_EXAMPLE, FIELDS, OpcUaOptions, parse_options
from hmi.drivers.outcome import options_of


class OpcUaDriver:
    """Facts about OPC UA."""

    name = "opcua"
    api_version = API_VERSION
    title = "OPC UA"
    fields = FIELDS
    endpoint_example = ENDPOINT_EXAMPLE
    address_example = "nsu=urn:plant:mixer;s=Mixer.Level"

    def parse_address(self, text: str, type_: TagType) -> OpcUaAddress:
        """See `hmi.drivers.opcua.address`."""
        return parse_address(text, type_)

    def parse_options(self, endpoint: str, options: Mapping[str, object]) -> OpcUaOptions:
        """See `hmi.drivers.opcua.options`."""
        return parse_options(endpoint, options)

    def connect(self, spec: ConnectionSpec, sink: Sink, clock: Clock) -> OpcUaConnection:
        """A connection that does nothing until `run`."""
        return OpcUaConnection(spec, options_of(spec, OpcUaOptions), sink, clock, Random())
