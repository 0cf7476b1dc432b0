"""A conveyor that carries and accumulates bottles between two machines."""

import random
from dataclasses import dataclass

from hmi.softplc.plant.motion import Wander, ramp

CAPACITY = 480
FULL, EMPTY = 460, 12
BOTTLES_PER_METRE = 1000.0 / 60.0


@dataclass
class Conveyor:
    """A belt; whole bottles go on and come off, and none is lost in between."""

    rng: random.Random
    bottles: int = 170
    speed: float = 36.0
    speed_sp: float = 36.0
    accumulation: float = 35.0
    passed: int = 0
    motor_current: float = 3.5
    running: bool = True
    jam: bool = False
    full: bool = False
    empty: bool = False
    enable: bool = True
    cmd_jam_reset: bool = False
    _carry: float = 0.0

    def __post_init__(self) -> None:
        self._noise = Wander(self.rng, 0.08, 1.0)

    def step(self, dt: float) -> None:
        """Let the belt move for `dt` seconds; a jammed or disabled belt stands."""
        if self.cmd_jam_reset:
            self.jam = self.cmd_jam_reset = False
        self.running = self.enable and not self.jam and self.speed_sp > 0.0
        self.speed = ramp(self.speed, self.speed_sp if self.running else 0.0, dt, 20.0)
        self.accumulation = self.bottles / CAPACITY * 100.0
        self.full = self.bottles >= FULL
        self.empty = self.bottles <= EMPTY
        load = 1.2 + 0.035 * self.speed + 0.004 * self.bottles if self.running else 0.0
        self.motor_current = 9.5 if self.jam and self.enable else max(load + self._noise.step(dt), 0.0)
        self._carry = min(self._carry + self.speed * BOTTLES_PER_METRE / 60.0 * dt, 20.0)

    @property
    def room(self) -> int:
        """Bottles that still fit; a jammed belt takes none."""
        return 0 if self.jam or not self.enable else CAPACITY - self.bottles

    @property
    def ready(self) -> int:
        """Bottles the belt has brought to its end."""
        return min(self.bottles, int(self._carry))

    def put(self, count: int) -> int:
        """Set bottles onto the belt; returns how many it took."""
        taken = min(count, self.room)
        self.bottles += taken
        return taken

    def take(self, count: int) -> int:
        """Take bottles off the end; returns how many came."""
        taken = min(count, self.ready)
        self.bottles -= taken
        self._carry -= taken
        self.passed += taken
        return taken
