"""OPC UA: servers of PLCs, machines and gateways. `DRIVER` is its entry point."""

from __future__ import annotations

from hmi.drivers.opcua.driver import OpcUaDriver

DRIVER = OpcUaDriver()
