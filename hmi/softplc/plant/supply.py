"""Treated water and syrup: what the mixing tank is fed from."""

import random
from dataclasses import dataclass, field

from hmi.softplc.plant.motion import Wander, clamp, lag

CAPACITY_L = 20_000.0
REFILL_M3_H = 30.0
REFILL_BELOW, REFILL_UNTIL = 40.0, 90.0


@dataclass
class Supply:
    """Water main and syrup tank; a tanker refills the tank before it runs low."""

    rng: random.Random
    water_pressure: float = 4.6
    water_temperature: float = 12.0
    syrup_volume: float = 14_000.0
    syrup_level: float = 70.0
    syrup_temperature: float = 20.0
    syrup_brix: float = 65.0
    syrup_refill: bool = False
    _wander: dict[str, Wander] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._wander = {
            "pressure": Wander(self.rng, 0.08, 8.0),
            "water": Wander(self.rng, 0.5, 600.0),
            "syrup": Wander(self.rng, 0.4, 900.0),
            "brix": Wander(self.rng, 0.15, 600.0),
        }

    def step(self, dt: float, water_flow: float, syrup_flow: float) -> None:
        """Give `water_flow` and `syrup_flow` (m³/h) for `dt` seconds."""
        sag = 0.0012 * water_flow * water_flow
        self.water_pressure = lag(self.water_pressure, 4.7 - sag + self._wander["pressure"].step(dt), dt, 1.5)
        self.water_temperature = 12.0 + self._wander["water"].step(dt)
        self.syrup_temperature = 20.0 + self._wander["syrup"].step(dt)
        self.syrup_brix = 65.0 + self._wander["brix"].step(dt)
        if self.syrup_level < REFILL_BELOW:
            self.syrup_refill = True
        elif self.syrup_level > REFILL_UNTIL:
            self.syrup_refill = False
        flow = (REFILL_M3_H if self.syrup_refill else 0.0) - syrup_flow
        self.syrup_volume = clamp(self.syrup_volume + flow / 3.6 * dt, 0.0, CAPACITY_L)
        self.syrup_level = self.syrup_volume / CAPACITY_L * 100.0
