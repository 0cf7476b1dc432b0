"""What filler, capper, labeller and palletiser share: bottles from one belt through the machine onto the next."""

import random
from dataclasses import dataclass, field

from hmi.softplc.plant.conveyor import EMPTY, FULL, Conveyor
from hmi.softplc.plant.machine import Machine, Reason
from hmi.softplc.plant.motion import Wander, clamp, ramp

RESUME_FEED, RESUME_ROOM = 60, 400
FOLLOW = 2.5


@dataclass
class Packer(Machine):
    """A machine that handles bottles one by one at `speed` bottles/h, following the queue before it."""

    rng: random.Random = field(default_factory=random.Random)
    speed: float = 24_000.0
    speed_sp: float = 28_000.0
    total_count: int = 0
    good_count: int = 0
    reject_count: int = 0
    drive_current: float = 8.0
    starved: bool = False
    blocked: bool = False
    reject_share: float = 0.001
    idle_current: float = 2.0
    rated_current: float = 8.0
    _carry: float = 0.0

    def __post_init__(self) -> None:
        self._noise = Wander(self.rng, 0.1, 1.0)

    def handle(self, dt: float, infeed: Conveyor, outfeed: Conveyor | None, fault: Reason) -> int:
        """One scan: state, speed and bottles; returns how many good bottles left the machine."""
        self._look(infeed, outfeed)
        waiting = Reason.BLOCKED if self.blocked else Reason.STARVED if self.starved else Reason.NONE
        self.control(dt, hold=fault, suspend=waiting)
        target = self.speed_sp * clamp(FOLLOW * infeed.accumulation / 100.0, 0.0, 1.0)
        self.speed = ramp(self.speed, target if self.running else 0.0, dt, 6_000.0)
        load = self.rated_current * self.speed / 24_000.0
        self.drive_current = self.idle_current * (self.speed > 0.0) + load * (1.0 + 0.15 * self._noise.step(dt))
        return self._pass(dt, infeed, outfeed)

    def _look(self, infeed: Conveyor, outfeed: Conveyor | None) -> None:
        """Queue switches with hysteresis, so that the machine does not dither."""
        self.starved = infeed.bottles <= (RESUME_FEED if self.starved else EMPTY)
        if outfeed is not None:
            standing = not outfeed.enable
            self.blocked = standing or outfeed.bottles >= (RESUME_ROOM if self.blocked else FULL)

    def _pass(self, dt: float, infeed: Conveyor, outfeed: Conveyor | None) -> int:
        if not self.running:
            self._carry = 0.0
            return 0
        self._carry += self.speed / 3600.0 * dt
        possible = min(int(self._carry), infeed.ready, outfeed.room if outfeed else infeed.ready)
        self._carry = min(self._carry - possible, 1.0)
        count = infeed.take(possible)
        rejected = sum(self.rng.random() < self.reject_share for _ in range(count))
        good = count - rejected
        self.total_count += count
        self.reject_count += rejected
        self.good_count += good
        if outfeed is not None:
            outfeed.put(good)
        return good
