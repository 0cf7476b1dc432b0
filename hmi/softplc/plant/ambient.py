"""The hall's climate."""

import math
import random
from dataclasses import dataclass

from hmi.softplc.plant.motion import Wander

DAY_S = 86_400.0


@dataclass
class Ambient:
    """Warm afternoons, cool nights; the PLC's heartbeat lives here too."""

    rng: random.Random
    temperature: float = 22.0
    humidity: float = 48.0
    heartbeat: int = 0
    _clock: float = 0.0

    def __post_init__(self) -> None:
        self._air = Wander(self.rng, 0.3, 300.0)

    def step(self, dt: float) -> None:
        """Let `dt` seconds of the day pass."""
        self._clock += dt
        self.temperature = 22.0 + 2.5 * math.sin(2.0 * math.pi * self._clock / DAY_S) + self._air.step(dt)
        self.humidity = 48.0 - 1.5 * (self.temperature - 22.0)
        self.heartbeat = (self.heartbeat + 1) % 65_536
