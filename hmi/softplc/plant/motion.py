"""The few laws every unit moves by: first-order lag, ramp, limits and a transmitter's noise."""

import math
import random


def clamp(value: float, low: float, high: float) -> float:
    """`value` kept within `low..high`."""
    return low if value < low else high if value > high else value


def lag(value: float, target: float, dt: float, tau: float) -> float:
    """First-order approach to `target` with time constant `tau` seconds; exact for any `dt`."""
    return target + (value - target) * math.exp(-dt / tau)


def ramp(value: float, target: float, dt: float, rate: float) -> float:
    """Linear approach to `target`, `rate` units a second."""
    return value + clamp(target - value, -rate * dt, rate * dt)


class Wander:
    """Slow, bounded randomness of a real process: filtered noise with standard deviation `sigma`."""

    def __init__(self, rng: random.Random, sigma: float, tau: float) -> None:
        self._rng = rng
        self._sigma = sigma
        self._tau = tau
        self.value = 0.0

    def step(self, dt: float) -> float:
        """Let `dt` seconds pass and return the deviation."""
        keep = math.exp(-dt / self._tau)
        kick = self._sigma * math.sqrt(1.0 - keep * keep)
        self.value = clamp(self.value * keep + self._rng.gauss(0.0, kick), -3.0 * self._sigma, 3.0 * self._sigma)
        return self.value
