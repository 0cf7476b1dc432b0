"""The mixing tank: water and syrup in, product out, in kilograms so that nothing is won or lost."""

import random
from dataclasses import dataclass, field

from hmi.softplc.plant.machine import Machine
from hmi.softplc.plant.motion import Wander, clamp, lag, ramp
from hmi.softplc.plant.supply import Supply

CAPACITY_L = 8_000.0
WATER_MAX, SYRUP_MAX = 20.0, 4.0
LOCK_BELOW, FREE_ABOVE = 8.0, 15.0
LOW_SWITCH, HIGH_SWITCH = 10.0, 92.0
LEVEL_GAIN = 3.0
RECIPES: dict[int, tuple[str, float, float]] = {
    1: ("Cola 0.5 L", 10.6, 90.0),
    2: ("Lemon 0.5 L", 9.8, 80.0),
    3: ("Orange 0.5 L", 11.0, 110.0),
}
"""Number -> name, concentration in °Bx, agitator speed in rpm."""


def density(brix: float) -> float:
    """Kilograms a litre of sugar solution at 20 °C (fit of the usual tables, good to 0.3 % up to 65 °Bx)."""
    return 0.9982 + 0.003859 * brix + 0.0000172 * brix * brix


@dataclass
class Mixer(Machine):
    """Level and concentration control of the tank, its agitator and outlet pump."""

    rng: random.Random = field(default_factory=random.Random)
    level: float = 65.0
    level_sp: float = 65.0
    volume: float = 5_200.0
    temperature: float = 13.5
    water_flow: float = 10.3
    syrup_flow: float = 1.55
    outlet_flow: float = 12.0
    water_valve: float = 52.0
    syrup_valve: float = 39.0
    brix: float = 10.6
    brix_sp: float = 10.6
    conductivity: float = 1.5
    agitator_speed: float = 90.0
    agitator_speed_sp: float = 90.0
    agitator_current: float = 10.0
    agitator_running: bool = True
    pump_running: bool = True
    pump_interlock: bool = False
    low_level: bool = False
    high_level: bool = False
    recipe: int = 1
    recipe_name: str = "Cola 0.5 L"
    batch_id: str = "B0001"
    product_total: float = 0.0
    leak_flow: float = 0.0
    mass: float = 0.0
    solids: float = 0.0
    power_kw: float = 0.0
    _loaded: int = 1
    _batch: int = 1

    def __post_init__(self) -> None:
        self.mass = self.volume * density(self.brix)
        self.solids = self.mass * self.brix / 100.0
        self._ripple = Wander(self.rng, 0.06, 1.0)
        self._noise = Wander(self.rng, 0.15, 3.0)

    def step(self, dt: float, supply: Supply, demand: float, returned: float) -> None:
        """Run `dt` seconds: `demand` leaves for the pasteuriser, `returned` comes back from it (m³/h)."""
        self._load_recipe()
        self.control(dt)
        self._inlets(dt, supply)
        self._outlet(demand)
        self._balance(dt, supply, returned)
        self._agitate(dt)
        self.low_level = self.level < LOW_SWITCH
        self.high_level = self.level > HIGH_SWITCH

    def _load_recipe(self) -> None:
        if self.recipe == self._loaded:
            return
        self.recipe_name, self.brix_sp, self.agitator_speed_sp = RECIPES[self.recipe]
        self._loaded = self.recipe
        self._batch += 1
        self.batch_id = f"B{self._batch:04d}"

    def _inlets(self, dt: float, supply: Supply) -> None:
        """Feed-forward of what leaves plus the level error; syrup follows in the ratio the recipe needs."""
        wanted = 0.0
        if self.running and self.level < HIGH_SWITCH:
            wanted = clamp(self.outlet_flow + LEVEL_GAIN * (self.level_sp - self.level), 0.0, 18.0)
        share = clamp((self.brix_sp + 2.0 * (self.brix_sp - self.brix)) / 65.0, 0.0, 0.3)
        mass_flow = wanted * density(self.brix_sp)
        syrup = mass_flow * share / density(65.0)
        water = mass_flow * (1.0 - share) / density(0.0)
        self.water_valve = ramp(self.water_valve, clamp(water / WATER_MAX * 100.0, 0.0, 100.0), dt, 15.0)
        self.syrup_valve = ramp(self.syrup_valve, clamp(syrup / SYRUP_MAX * 100.0, 0.0, 100.0), dt, 15.0)
        pressure = (max(supply.water_pressure, 0.0) / 4.5) ** 0.5
        ripple = 1.0 + 0.02 * self._noise.step(dt)
        self.water_flow = lag(self.water_flow, self.water_valve / 100.0 * WATER_MAX * pressure * ripple, dt, 0.8)
        stock = 1.0 if supply.syrup_volume > 0.0 else 0.0
        self.syrup_flow = lag(self.syrup_flow, self.syrup_valve / 100.0 * SYRUP_MAX * ripple * stock, dt, 0.8)

    def _outlet(self, demand: float) -> None:
        """The pump does not run dry: locked below 8 %, free again above 15 %."""
        if self.level < LOCK_BELOW:
            self.pump_interlock = True
        elif self.level > FREE_ABOVE:
            self.pump_interlock = False
        self.pump_running = self.running and not self.pump_interlock and demand > 0.1
        self.outlet_flow = demand if self.pump_running else 0.0

    def _balance(self, dt: float, supply: Supply, returned: float) -> None:
        hours = dt / 3600.0
        own = density(self.brix) * 1000.0
        water = self.water_flow * density(0.0) * 1000.0 * hours
        syrup = self.syrup_flow * density(supply.syrup_brix) * 1000.0 * hours
        back = returned * own * hours
        out = min((self.outlet_flow + self.leak_flow) * own * hours, self.mass)
        heat = self.mass * self.temperature + water * supply.water_temperature
        heat += syrup * supply.syrup_temperature + back * (self.temperature + 4.0)
        filled = self.mass + water + syrup + back
        self.temperature = heat / filled if filled > 1.0 else self.temperature
        self.solids += syrup * supply.syrup_brix / 100.0 + (back - out) * self.brix / 100.0
        self.mass = max(filled - out, 0.0)
        self.brix = clamp(self.solids / self.mass * 100.0, 0.0, 80.0) if self.mass > 1.0 else self.brix
        self.volume = self.mass / density(self.brix)
        self.level = clamp(self.volume / CAPACITY_L * 100.0 + self._ripple.step(dt), 0.0, 100.0)
        self.conductivity = 0.45 + 0.1 * self.brix
        self.product_total += self.outlet_flow * hours

    def _agitate(self, dt: float) -> None:
        self.agitator_running = self.running and self.level > LOCK_BELOW
        self.agitator_speed = ramp(
            self.agitator_speed, self.agitator_speed_sp if self.agitator_running else 0.0, dt, 20.0
        )
        torque = (self.agitator_speed / 90.0) ** 2 * (0.4 + 0.6 * self.level / 65.0)
        idle = 2.0 if self.agitator_speed > 1.0 else 0.0
        self.agitator_current = idle + 7.5 * torque * (1.0 + 0.03 * self._noise.value)
        self.power_kw = 0.6 * self.agitator_current + 0.25 * self.outlet_flow
