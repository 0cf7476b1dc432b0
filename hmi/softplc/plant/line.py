"""The whole line: who gives what to whom, in the order the product flows."""

import random

from hmi.softplc.plant.ambient import Ambient
from hmi.softplc.plant.boiler import Boiler
from hmi.softplc.plant.capper import Capper
from hmi.softplc.plant.chiller import Chiller
from hmi.softplc.plant.compressor import Compressor
from hmi.softplc.plant.conveyor import CAPACITY, Conveyor
from hmi.softplc.plant.counters import Counters
from hmi.softplc.plant.filler import Filler
from hmi.softplc.plant.labeller import Labeller
from hmi.softplc.plant.machine import Machine
from hmi.softplc.plant.meter import Meter
from hmi.softplc.plant.mixer import Mixer
from hmi.softplc.plant.motion import clamp
from hmi.softplc.plant.palletiser import Palletiser
from hmi.softplc.plant.pasteuriser import Pasteuriser
from hmi.softplc.plant.supply import Supply
from hmi.softplc.plant.vibration import Vibration

STEP_S = 0.1
WARM_UP_S = 240.0
INFEED_BOTTLES_H = 32_000.0


class Line:
    """The bottling line, already producing; the same `seed` and steps always give the same values."""

    def __init__(self, seed: int, warm_up: float = WARM_UP_S) -> None:
        def rng(unit: str) -> random.Random:
            return random.Random(f"{seed}/{unit}")

        self.supply = Supply(rng("supply"))
        self.mixer = Mixer(rng=rng("mixer"))
        self.pasteuriser = Pasteuriser(rng=rng("pasteuriser"))
        self.filler = Filler(rng=rng("filler"))
        self.capper = Capper(rng=rng("capper"))
        self.labeller = Labeller(rng=rng("labeller"))
        self.palletiser = Palletiser(rng=rng("palletiser"))
        self.conveyor1, self.conveyor2, self.conveyor3, self.conveyor4 = (
            Conveyor(rng(f"conveyor{n}")) for n in range(1, 5)
        )
        self.line = Counters()
        self.compressor = Compressor(rng("compressor"))
        self.chiller = Chiller(rng("chiller"))
        self.boiler = Boiler(rng("boiler"))
        self.ambient = Ambient(rng("ambient"))
        self.meter_main, self.meter_process, self.meter_packaging, self.meter_utilities = (
            Meter(rng(f"meter{n}")) for n in range(4)
        )
        self.vib_filler, self.vib_pump, self.vib_agitator, self.vib_compressor = (
            Vibration(rng(f"vibration{n}"), base) for n, base in enumerate((1.1, 0.9, 0.7, 1.4))
        )
        self.bad: dict[str, int] = {}
        self._infeed_carry = 0.0
        for _ in range(round(warm_up / STEP_S)):
            self.step(STEP_S)

    @property
    def machines(self) -> tuple[Machine, ...]:
        """The PackML machines in the order the product meets them."""
        return self.mixer, self.pasteuriser, self.filler, self.capper, self.labeller, self.palletiser

    def step(self, dt: float) -> None:
        """Let `dt` seconds pass everywhere."""
        self._utilities(dt)
        self._product(dt)
        self._bottles(dt)
        self._meters(dt)
        self._bearings(dt)

    def _utilities(self, dt: float) -> None:
        self.ambient.step(dt)
        air = 1.5 + 1.6 * sum(machine.running for machine in self.machines[2:])
        self.compressor.step(dt, air, self.ambient.temperature)
        self.chiller.step(dt, self.pasteuriser.cooling_kw, self.ambient.temperature)
        self.boiler.step(dt, self.pasteuriser.steam_flow)

    def _product(self, dt: float) -> None:
        self.supply.step(dt, self.mixer.water_flow, self.mixer.syrup_flow)
        demand = self.pasteuriser.flow if self.pasteuriser.flow > 0.1 else self._first_flow()
        self.mixer.step(dt, self.supply, demand, self.pasteuriser.returned_flow)
        gives = self.mixer.running and not self.mixer.pump_interlock
        product = self.mixer.temperature if gives else None
        self.pasteuriser.step(dt, product, self.boiler.steam_pressure, self.chiller.supply_temperature)

    def _first_flow(self) -> float:
        """The outlet pump starts a little before the product pump does."""
        return 0.2 if self.pasteuriser.running and self.pasteuriser.wanted_flow > 0.5 else 0.0

    def _bottles(self, dt: float) -> None:
        rejects = self._rejects()
        belts = (self.conveyor1, self.conveyor2, self.conveyor3, self.conveyor4)
        for belt in belts:
            belt.step(dt)
        entered = self._infeed(dt)
        self.filler.step(dt, self.conveyor1, self.conveyor2, self.pasteuriser)
        self.capper.step(dt, self.conveyor2, self.conveyor3, self.compressor.pressure)
        self.labeller.step(dt, self.conveyor3, self.conveyor4)
        stacked = self.palletiser.step(dt, self.conveyor4, self.compressor.pressure)
        self.line.step(dt, entered, stacked, self._rejects() - rejects, self.machines)

    def _rejects(self) -> int:
        packers = (self.filler, self.capper, self.labeller, self.palletiser)
        return sum(packer.reject_count for packer in packers)

    def _infeed(self, dt: float) -> int:
        """The depalletiser keeps the infeed belt about half full."""
        share = clamp(4.0 * (0.62 - self.conveyor1.bottles / CAPACITY), 0.0, 1.0)
        self._infeed_carry += INFEED_BOTTLES_H / 3600.0 * dt * share
        count = int(self._infeed_carry)
        self._infeed_carry -= count
        return self.conveyor1.put(count)

    def _meters(self, dt: float) -> None:
        process = 6.0 + self.mixer.power_kw + self.pasteuriser.power_kw + self.filler.power_kw
        belts = (self.conveyor1, self.conveyor2, self.conveyor3, self.conveyor4)
        drives = sum(0.45 * belt.motor_current for belt in belts)
        packaging = 5.0 + drives + self.capper.power_kw + self.labeller.power_kw + self.palletiser.power_kw
        utilities = 3.0 + self.compressor.power + self.chiller.power
        self.meter_process.step(dt, process)
        self.meter_packaging.step(dt, packaging)
        self.meter_utilities.step(dt, utilities)
        self.meter_main.step(dt, process + packaging + utilities + 2.5)

    def _bearings(self, dt: float) -> None:
        hall = self.ambient.temperature
        self.vib_filler.step(dt, self.filler.speed / 24_000.0, hall)
        self.vib_pump.step(dt, self.pasteuriser.flow / 12.0, hall)
        self.vib_agitator.step(dt, self.mixer.agitator_speed / 90.0, hall)
        self.vib_compressor.step(dt, 0.6 + 0.004 * self.compressor.load if self.compressor.running else 0.0, hall)
