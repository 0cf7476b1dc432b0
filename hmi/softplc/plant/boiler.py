"""The steam boiler."""

import random
from dataclasses import dataclass

from hmi.softplc.plant.motion import Wander, clamp, lag

MAXIMUM_KG_H = 1_800.0
GAS_M3_PER_KG = 0.075
OTHER_USERS = 180.0


@dataclass
class Boiler:
    """Holds the drum pressure while the pasteuriser and the hall draw steam."""

    rng: random.Random
    steam_pressure: float = 7.5
    pressure_sp: float = 7.5
    water_level: float = 50.0
    burner_load: float = 24.0
    steam_flow: float = 420.0
    gas_flow: float = 31.0
    flue_temperature: float = 145.0
    gas_total: float = 0.0
    _bias: float = 24.0

    def __post_init__(self) -> None:
        self._use = Wander(self.rng, 12.0, 20.0)
        self._level = Wander(self.rng, 1.2, 6.0)

    def step(self, dt: float, pasteuriser_kg_h: float) -> None:
        """Give steam for `dt` seconds."""
        self.steam_flow = max(pasteuriser_kg_h + OTHER_USERS + self._use.step(dt), 0.0)
        error = self.pressure_sp - self.steam_pressure
        self._bias = clamp(self._bias + 1.0 * error * dt, 0.0, 100.0)
        self.burner_load = lag(self.burner_load, clamp(self._bias + 60.0 * error, 0.0, 100.0), dt, 3.0)
        made = self.burner_load / 100.0 * MAXIMUM_KG_H
        self.steam_pressure = clamp(self.steam_pressure + (made - self.steam_flow) / 90_000.0 * dt, 0.0, 11.5)
        self.gas_flow = made * GAS_M3_PER_KG
        self.gas_total += self.gas_flow / 3.6 * dt
        self.flue_temperature = lag(self.flue_temperature, 130.0 + 0.6 * self.burner_load, dt, 60.0)
        self.water_level = 50.0 + self._level.step(dt)
