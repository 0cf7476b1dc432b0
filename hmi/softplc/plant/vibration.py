"""A vibration monitor on one bearing."""

import random
from dataclasses import dataclass

from hmi.softplc.plant.motion import Wander, lag


@dataclass
class Vibration:
    """Grows with speed and, far more, with `wear` (0 new, 1 worn out)."""

    rng: random.Random
    base: float = 1.1
    wear: float = 0.0
    velocity: float = 1.1
    acceleration: float = 4.0
    envelope: float = 0.4
    temperature: float = 45.0
    shaft_position: float = 0.0

    def __post_init__(self) -> None:
        self._shake = Wander(self.rng, 0.05, 1.0)
        self._axial = Wander(self.rng, 14.0, 5.0)

    def step(self, dt: float, share_of_speed: float, ambient: float) -> None:
        """Measure for `dt` seconds at `share_of_speed` of rated speed (0 stands)."""
        noise = 1.0 + self._shake.step(dt)
        worn = self.wear * self.wear
        level = share_of_speed * (self.base + 7.0 * worn)
        self.velocity = max(level * noise, 0.0)
        self.acceleration = max(share_of_speed * (4.0 + 30.0 * worn) * noise, 0.0)
        self.envelope = max(share_of_speed * (0.4 + 8.0 * self.wear**1.5) * noise, 0.0)
        warm = ambient + share_of_speed * (24.0 + 45.0 * worn)
        self.temperature = lag(self.temperature, warm, dt, 120.0)
        self.shaft_position = self._axial.step(dt) * (1.0 + 4.0 * worn) * share_of_speed
