"""The capper: caps, closing torque, air."""

from dataclasses import dataclass

from hmi.softplc.plant.conveyor import Conveyor
from hmi.softplc.plant.machine import Reason
from hmi.softplc.plant.motion import clamp
from hmi.softplc.plant.packer import Packer

HOPPER = 12_000.0
REFILL_BELOW, REFILL_TO = 30.0, 95.0
LOW_STOCK, AIR_MINIMUM = 8.0, 4.5


@dataclass
class Capper(Packer):
    """Closes the bottles; without air or caps it holds."""

    torque: float = 1.9
    torque_sp: float = 1.9
    cap_stock: float = 80.0
    air_pressure: float = 6.6
    missing_caps: int = 0
    caps_low: bool = False
    reject_share: float = 0.0012
    power_kw: float = 5.0

    def step(self, dt: float, infeed: Conveyor, outfeed: Conveyor, net_pressure: float) -> None:
        """Run `dt` seconds on compressed air of `net_pressure` bar; a jam behind it holds the capper."""
        self.air_pressure = max(net_pressure - 0.35, 0.0)
        rejects = self.reject_count
        before = self.total_count
        self.handle(dt, infeed, outfeed, self._fault(outfeed))
        self.missing_caps += self.reject_count - rejects
        used = (self.total_count - before) / HOPPER * 100.0
        self.cap_stock = clamp(self.cap_stock - used, 0.0, 100.0)
        if self.cap_stock < REFILL_BELOW:
            self.cap_stock = REFILL_TO
        self.caps_low = self.cap_stock < LOW_STOCK
        if self.total_count > before:
            self.torque = self.torque_sp + self.rng.gauss(0.0, 0.04)
        self.power_kw = 0.35 * self.drive_current

    def _fault(self, outfeed: Conveyor) -> Reason:
        if outfeed.jam:
            return Reason.JAM
        if self.air_pressure < AIR_MINIMUM:
            return Reason.AIR
        return Reason.MATERIAL if self.cap_stock <= 0.0 else Reason.NONE
