"""The palletiser: layers, pallets, lift, gripper."""

from dataclasses import dataclass

from hmi.softplc.plant.conveyor import Conveyor
from hmi.softplc.plant.machine import Reason
from hmi.softplc.plant.motion import ramp
from hmi.softplc.plant.packer import Packer

LAYER, LAYERS = 120, 5
LAYER_MM, FLOOR_MM = 260.0, 150.0
REFILL_BELOW, MAGAZINE = 5, 15
AIR_MINIMUM = 4.5


@dataclass
class Palletiser(Packer):
    """Stacks layers of bottles onto pallets; a forklift refills the magazine in time."""

    speed_sp: float = 30_000.0
    bottles_in_layer: int = 0
    layer: int = 1
    pallets: int = 0
    pallet_stock: int = 12
    lift_position: float = FLOOR_MM
    gripper_pressure: float = 6.4
    reject_share: float = 0.0001
    rated_current: float = 10.0
    power_kw: float = 8.0

    def step(self, dt: float, infeed: Conveyor, net_pressure: float) -> int:
        """Run `dt` seconds; returns the good bottles stacked."""
        self.gripper_pressure = max(net_pressure - 0.5, 0.0)
        good = self.handle(dt, infeed, None, self._fault(infeed))
        self.bottles_in_layer += good
        if self.bottles_in_layer >= LAYER:
            self.bottles_in_layer -= LAYER
            self._next_layer()
        target = FLOOR_MM + self.layer * LAYER_MM
        self.lift_position = ramp(self.lift_position, target, dt, 350.0)
        self.power_kw = 2.0 + 0.5 * self.drive_current
        return good

    def _next_layer(self) -> None:
        self.layer += 1
        if self.layer <= LAYERS:
            return
        self.layer = 1
        self.pallets += 1
        self.pallet_stock -= 1
        if self.pallet_stock < REFILL_BELOW:
            self.pallet_stock = MAGAZINE

    def _fault(self, infeed: Conveyor) -> Reason:
        if infeed.jam:
            return Reason.JAM
        if self.gripper_pressure < AIR_MINIMUM:
            return Reason.AIR
        return Reason.MATERIAL if self.pallet_stock <= 0 else Reason.NONE
