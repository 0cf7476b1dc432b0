"""The rotary filler: bowl under CO2, twelve watched valves, a drive with torque."""

from dataclasses import dataclass, field

from hmi.softplc.plant.conveyor import Conveyor
from hmi.softplc.plant.machine import Reason
from hmi.softplc.plant.motion import Wander, clamp, lag
from hmi.softplc.plant.packer import Packer
from hmi.softplc.plant.pasteuriser import Pasteuriser

BOWL_L = 300.0
VALVES = 12
LOW_BOWL, BOWL_SP = 20.0, 60.0
TOLERANCE_ML = 6.0
BASE_REJECTS = 0.003


@dataclass
class Filler(Packer):
    """Takes bottles from the infeed belt and product from the buffer tank; short fills are thrown out."""

    speed_sp: float = 24_000.0
    bowl_level: float = 60.0
    bowl_pressure: float = 2.7
    bowl_temperature: float = 13.5
    co2_pressure: float = 5.0
    product_flow: float = 12.0
    fill_volume: float = 500.8
    fill_volume_sp: float = 500.8
    fill_deviation: float = 0.5
    drive_torque: float = 55.0
    reject_rate: float = 0.3
    low_bowl: bool = False
    lubrication_pressure: float = 3.4
    run_hours: float = 1_240.0
    rated_current: float = 22.0
    idle_current: float = 4.0
    extra_torque: float = 0.0
    valve_offset: list[float] = field(default_factory=lambda: [0.0] * VALVES)
    power_kw: float = 15.0
    _bowl: float = 0.6 * BOWL_L
    _since_valves: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._spread = [self.rng.gauss(0.0, 0.3) for _ in range(VALVES)]
        self._gas = Wander(self.rng, 0.05, 6.0)
        self._volumes = [self.fill_volume_sp] * VALVES
        for number in range(1, VALVES + 1):
            setattr(self, f"valve_{number:02d}_volume", self.fill_volume_sp)

    def step(self, dt: float, infeed: Conveyor, outfeed: Conveyor, feed: Pasteuriser) -> None:
        """Run the filler for `dt` seconds between its two belts."""
        self.low_bowl = self.bowl_level < (30.0 if self.low_bowl else LOW_BOWL)
        before = self.total_count
        self.reject_share = BASE_REJECTS + self._short_valves() / VALVES
        self.handle(dt, infeed, outfeed, Reason.LEVEL if self.low_bowl else Reason.NONE)
        filled = self.total_count - before
        self._bowl_balance(dt, feed, filled)
        self._measure_valves(dt)
        self._drive(dt, filled)

    def _short_valves(self) -> int:
        """Valves outside the fill tolerance."""
        return sum(abs(volume - self.fill_volume_sp) > TOLERANCE_ML for volume in self._volumes)

    def _bowl_balance(self, dt: float, feed: Pasteuriser, filled: int) -> None:
        used = filled * self.fill_volume / 1000.0
        wanted = clamp(self.speed * self.fill_volume / 1e6 + 0.25 * (BOWL_SP - self.bowl_level), 0.0, 20.0)
        self.product_flow = lag(self.product_flow, wanted, dt, 1.0)
        came = feed.draw(self.product_flow / 3.6 * dt)
        self._bowl = clamp(self._bowl + came - used, 0.0, BOWL_L)
        self.bowl_level = self._bowl / BOWL_L * 100.0
        self.bowl_temperature = lag(self.bowl_temperature, feed.outlet_temperature, dt, 120.0)
        self.co2_pressure = 5.0 + self._gas.step(dt)
        self.bowl_pressure = lag(self.bowl_pressure, 2.7 + 0.3 * self._gas.value, dt, 2.0)
        self.lubrication_pressure = 3.4 + 2.0 * self._gas.value

    def _measure_valves(self, dt: float) -> None:
        """Each turn of the carousel weighs what every valve gave; read once a second."""
        self._since_valves += dt
        if self._since_valves < 1.0 or not self.running:
            return
        self._since_valves = 0.0
        for index in range(VALVES):
            volume = self.fill_volume_sp + self._spread[index] + self.valve_offset[index] + self.rng.gauss(0.0, 0.25)
            self._volumes[index] = volume
            setattr(self, f"valve_{index + 1:02d}_volume", volume)
        self.fill_volume = sum(self._volumes) / VALVES
        spread = sum((volume - self.fill_volume) ** 2 for volume in self._volumes)
        self.fill_deviation = (spread / (VALVES - 1)) ** 0.5

    def _drive(self, dt: float, filled: int) -> None:
        load = 55.0 * self.speed / 24_000.0 if self.speed > 0.0 else 0.0
        self.drive_torque = max(load * (1.0 + 0.1 * self._noise.value) + self.extra_torque * (self.speed > 0.0), 0.0)
        self.power_kw = 0.55 * self.drive_current + 1.0
        if filled:
            self.reject_rate = lag(self.reject_rate, self.reject_share * 100.0, dt, 60.0)
        if self.running:
            self.run_hours += dt / 3600.0
