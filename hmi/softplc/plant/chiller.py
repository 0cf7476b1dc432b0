"""The chiller: cold water for the pasteuriser's cooler."""

import random
from dataclasses import dataclass

from hmi.softplc.plant.motion import Wander, clamp, lag

LOOP_KG = 3_000.0
MAXIMUM_KW = 300.0
WATER_KJ = 4.19


@dataclass
class Chiller:
    """Keeps the cold-water loop at its setpoint; what the cooler takes comes back warm."""

    rng: random.Random
    supply_temperature: float = 3.0
    return_temperature: float = 8.0
    temperature_sp: float = 3.0
    flow: float = 26.0
    load: float = 48.0
    cooling_power: float = 145.0
    power: float = 38.0
    cop: float = 3.8
    condenser_pressure: float = 11.0
    evaporator_pressure: float = 2.6
    running: bool = True
    pump_running: bool = True
    energy: float = 96_000.0
    cmd_start: bool = False
    cmd_stop: bool = False
    _bias: float = 48.0

    def __post_init__(self) -> None:
        self._noise = Wander(self.rng, 0.03, 5.0)

    def step(self, dt: float, heat_kw: float, ambient: float) -> None:
        """Take `heat_kw` out of the loop for `dt` seconds in a hall of `ambient` °C."""
        if self.cmd_start:
            self.running = True
        if self.cmd_stop:
            self.running = False
        self.cmd_start = self.cmd_stop = False
        self._govern(dt)
        self.cooling_power = self.load / 100.0 * MAXIMUM_KW
        gain = (heat_kw + 6.0 - self.cooling_power) / (LOOP_KG * WATER_KJ) * dt
        self.supply_temperature = clamp(self.supply_temperature + gain, -10.0, ambient + 5.0)
        self.flow = lag(self.flow, 26.0 + 10.0 * self._noise.step(dt), dt, 2.0)
        rise = heat_kw / (max(self.flow, 1.0) / 3.6 * WATER_KJ)
        self.return_temperature = lag(self.return_temperature, self.supply_temperature + rise, dt, 10.0)
        self._refrigerant(dt, ambient)

    def _govern(self, dt: float) -> None:
        error = self.supply_temperature - self.temperature_sp
        self._bias = clamp(self._bias + 0.25 * error * dt, 0.0, 100.0)
        wanted = clamp(self._bias + 25.0 * error, 0.0, 100.0) if self.running else 0.0
        self.load = lag(self.load, wanted, dt, 3.0)

    def _refrigerant(self, dt: float, ambient: float) -> None:
        self.condenser_pressure = lag(self.condenser_pressure, 7.0 + 0.12 * ambient + 0.03 * self.load, dt, 20.0)
        self.evaporator_pressure = lag(self.evaporator_pressure, 2.9 - 0.006 * self.load, dt, 20.0)
        self.cop = 4.8 - 0.08 * (self.condenser_pressure - 9.0) - 0.008 * self.load
        self.power = self.cooling_power / self.cop + (4.0 if self.pump_running else 0.0)
        self.energy += self.power * dt / 3600.0
