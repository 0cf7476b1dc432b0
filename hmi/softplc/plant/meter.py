"""A three-phase electric meter."""

import random
from dataclasses import dataclass

from hmi.softplc.plant.motion import Wander

ROOT3 = 3.0**0.5


@dataclass
class Meter:
    """Turns the power a hall draws into what a meter shows."""

    rng: random.Random
    voltage: float = 400.0
    current: float = 0.0
    power: float = 0.0
    power_factor: float = 0.92
    frequency: float = 50.0
    energy: float = 0.0

    def __post_init__(self) -> None:
        self._volts = Wander(self.rng, 1.5, 30.0)
        self._hertz = Wander(self.rng, 0.015, 20.0)
        self._load = Wander(self.rng, 0.006, 2.0)

    def step(self, dt: float, kilowatts: float) -> None:
        """Measure `kilowatts` for `dt` seconds; energy counts in Wh."""
        self.voltage = 400.0 + self._volts.step(dt) - 0.006 * kilowatts
        self.frequency = 50.0 + self._hertz.step(dt)
        self.power = kilowatts * (1.0 + self._load.step(dt))
        self.power_factor = 0.90 + 0.03 * kilowatts / (kilowatts + 40.0)
        self.current = self.power * 1000.0 / (ROOT3 * self.voltage * self.power_factor)
        self.energy += self.power * 1000.0 * dt / 3600.0
