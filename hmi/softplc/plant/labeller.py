"""The labeller: reel, web tension, hot glue."""

from dataclasses import dataclass

from hmi.softplc.plant.conveyor import Conveyor
from hmi.softplc.plant.machine import Reason
from hmi.softplc.plant.motion import Wander, lag
from hmi.softplc.plant.packer import Packer

REEL, CHANGE_AT, LOW = 50_000, 5_000, 2_000
GLUE_WINDOW = 25.0


@dataclass
class Labeller(Packer):
    """Labels the bottles; cold glue or an empty reel holds it."""

    speed_sp: float = 29_000.0
    web_tension: float = 28.0
    glue_temperature: float = 158.0
    glue_temperature_sp: float = 158.0
    registration_error: float = 0.0
    labels_left: int = 32_000
    labels_low: bool = False
    reject_share: float = 0.0008
    power_kw: float = 6.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._web = Wander(self.rng, 0.8, 1.5)
        self._register = Wander(self.rng, 0.15, 4.0)
        self._glue = Wander(self.rng, 0.4, 20.0)

    def step(self, dt: float, infeed: Conveyor, outfeed: Conveyor) -> None:
        """Run the labeller for `dt` seconds between its two belts."""
        before = self.total_count
        self.handle(dt, infeed, outfeed, self._fault(outfeed))
        self.labels_left -= min(self.total_count - before, self.labels_left)
        if self.labels_left < CHANGE_AT:
            self.labels_left += REEL
        self.labels_low = self.labels_left < LOW
        self.glue_temperature = lag(self.glue_temperature, self.glue_temperature_sp + self._glue.step(dt), dt, 30.0)
        moving = self.speed > 0.0
        self.web_tension = lag(self.web_tension, 28.0 + self._web.step(dt) if moving else 12.0, dt, 0.6)
        self.registration_error = self._register.step(dt) if moving else 0.0
        self.power_kw = 2.5 + 0.35 * self.drive_current

    def _fault(self, outfeed: Conveyor) -> Reason:
        if outfeed.jam:
            return Reason.JAM
        if abs(self.glue_temperature - self.glue_temperature_sp) > GLUE_WINDOW:
            return Reason.TEMPERATURE
        return Reason.MATERIAL if self.labels_left <= 0 else Reason.NONE
