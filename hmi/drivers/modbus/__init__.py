"""Modbus TCP, RTU and RTU over TCP: PLCs, drives, meters and gateways. `DRIVER` is its entry point."""

from __future__ import annotations

from hmi.drivers.modbus.driver import ModbusDriver

DRIVER = ModbusDriver()
