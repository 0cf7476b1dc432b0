"""Modbus as a driver: how its endpoints, addresses and options are written."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from hmi.core.tag import TagType
from hmi.drivers.api import API_VERSION, Clock, ConnectionSpec, Sink
from hmi.drivers.modbus.address import ModbusAddress, parse_address
from hmi.drivers.modbus.connection import ModbusConnection
from hmi.drivers.modbus.options import FIELDS, ModbusOptions, parse_options
from hmi.drivers.outcome import options_of


class ModbusDriver:
    """Facts about Modbus TCP, RTU and RTU over TCP."""

    name = "modbus"
    api_version = API_VERSION
    title = "Modbus TCP, RTU, RTU over TCP"
    fields = FIELDS
    endpoint_example = "modbus://192.168.0.20:502"
    address_example = "holding:107:float32"

    def parse_address(self, text: str, type_: TagType) -> ModbusAddress:
        """See `hmi.drivers.modbus.address`."""
        return parse_address(text, type_)

    def parse_options(self, endpoint: str, options: Mapping[str, object]) -> ModbusOptions:
        """See `hmi.drivers.modbus.options`."""
        return parse_options(endpoint, options)

    def connect(self, spec: ConnectionSpec, sink: Sink, clock: Clock) -> ModbusConnection:
        """A connection that does nothing until `run`."""
        return ModbusConnection(spec, options_of(spec, ModbusOptions), sink, clock, Random())
