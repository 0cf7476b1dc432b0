"""The air compressor and the net it feeds."""

import random
from dataclasses import dataclass

from hmi.softplc.plant.motion import Wander, clamp, lag

NET_M3 = 4.0
MAXIMUM_M3_MIN = 14.0
TRIP_OIL = 115.0
GAIN = 90.0


@dataclass
class Compressor:
    """A speed-controlled screw compressor; it trips when its oil is too hot."""

    rng: random.Random
    pressure: float = 7.0
    pressure_sp: float = 7.0
    load: float = 55.0
    air_flow: float = 7.5
    power: float = 48.0
    oil_temperature: float = 78.0
    oil_pressure: float = 3.0
    discharge_temperature: float = 84.0
    dew_point: float = 3.0
    running: bool = True
    fault: bool = False
    starts: int = 214
    run_hours: float = 6_120.0
    energy: float = 184_000.0
    cmd_start: bool = False
    cmd_stop: bool = False
    cmd_reset: bool = False
    leak: float = 0.0
    _bias: float = 55.0

    def __post_init__(self) -> None:
        self._use = Wander(self.rng, 0.35, 6.0)

    def step(self, dt: float, demand: float, ambient: float) -> None:
        """Feed `demand` m³/min of free air for `dt` seconds in a hall of `ambient` °C."""
        self._buttons()
        used = (
            max(demand + self._use.step(dt), 0.0) * clamp(self.pressure / 3.0, 0.0, 1.0)
            + self.leak * self.pressure / 7.0
        )
        self._govern(dt)
        self.air_flow = self.load / 100.0 * MAXIMUM_M3_MIN
        self.pressure = clamp(self.pressure + (self.air_flow - used) / 60.0 / NET_M3 * dt, 0.0, 12.0)
        self.power = 12.0 + 0.65 * self.load if self.running else 0.0
        self._warm(dt, ambient)
        self.energy += self.power * dt / 3600.0
        if self.running:
            self.run_hours += dt / 3600.0

    def _buttons(self) -> None:
        if self.cmd_reset:
            self.fault = self.fault and self.oil_temperature > TRIP_OIL - 15.0
        if self.oil_temperature > TRIP_OIL:
            self.fault = True
        if self.cmd_start and not self.running and not self.fault:
            self.running = True
            self.starts += 1
        if self.cmd_stop or self.fault:
            self.running = False
        self.cmd_start = self.cmd_stop = self.cmd_reset = False

    def _govern(self, dt: float) -> None:
        """Proportional-integral speed control of the net pressure."""
        error = self.pressure_sp - self.pressure
        self._bias = clamp(self._bias + 6.0 * error * dt, 0.0, 100.0)
        wanted = clamp(self._bias + GAIN * error, 0.0, 100.0) if self.running else 0.0
        self.load = lag(self.load, wanted, dt, 1.0)

    def _warm(self, dt: float, ambient: float) -> None:
        heat = 40.0 + 0.28 * self.load if self.running else 0.0
        self.oil_temperature = lag(self.oil_temperature, ambient + heat, dt, 180.0)
        self.discharge_temperature = lag(self.discharge_temperature, ambient + 1.12 * heat, dt, 60.0)
        self.oil_pressure = lag(self.oil_pressure, 3.0 if self.running else 0.0, dt, 2.0)
        self.dew_point = lag(self.dew_point, 3.0 + 0.05 * (self.load - 50.0), dt, 300.0)
