"""The flash pasteuriser: regeneration, steam heater with PID, holding tube, cooler, divert valve and buffer tank."""

import random
from dataclasses import dataclass, field

from hmi.softplc.plant.machine import Machine, Reason
from hmi.softplc.plant.motion import Wander, clamp, lag, ramp
from hmi.softplc.plant.pid import Pid

HEAT_CAPACITY = 3.9  # kJ/(kg K), thin sugar solution
STEAM_HEAT = 2085.0  # kJ/kg, condensing at about 6 bar
REGENERATION = 0.82
HEATER_KW = 350.0
BUFFER_L = 3_000.0
DIVERT_BELOW = 3.0
HOLDING_LITRES = 83.0


@dataclass
class Pasteuriser(Machine):
    """Heats the product to `temperature_sp`, keeps it there and cools it; too cold a product is sent back."""

    rng: random.Random = field(default_factory=random.Random)
    inlet_temperature: float = 13.5
    regeneration_temperature: float = 61.0
    heater_temperature: float = 72.3
    holding_temperature: float = 72.0
    outlet_temperature: float = 13.5
    temperature_sp: float = 72.0
    flow: float = 12.0
    flow_sp: float = 12.0
    pressure: float = 4.2
    steam_valve: float = 42.0
    steam_pressure: float = 5.5
    steam_flow: float = 240.0
    heat_power: float = 140.0
    loop_mode: int = 1
    manual_output: float = 42.0
    loop_gain: float = 1.5
    loop_reset: float = 60.0
    loop_rate: float = 2.0
    pasteurisation_units: float = 20.0
    divert: bool = False
    diverted_volume: float = 0.0
    pump_running: bool = True
    buffer_level: float = 50.0
    pump_current: float = 14.0
    cooling_kw: float = 140.0
    sensor_offset: float = 0.0
    power_kw: float = 7.0
    _true_holding: float = 72.0
    _tube: list[float] = field(default_factory=lambda: [72.0, 72.0])
    _buffer: float = 1_500.0

    def __post_init__(self) -> None:
        self._pid = Pid(self.loop_gain, self.loop_reset, self.loop_rate)
        self._pid.track(self.steam_valve, self.holding_temperature)
        self._noise = Wander(self.rng, 0.05, 2.0)
        self._flow_noise = Wander(self.rng, 0.08, 2.0)

    def step(self, dt: float, product: float | None, boiler_pressure: float, cold_water: float) -> None:
        """Run `dt` seconds with product at temperature `product` (None: the mixer gives nothing)."""
        self.control(dt, suspend=Reason.STARVED if product is None else Reason.NONE)
        self._pump(dt, product is not None)
        if product is not None:
            self.inlet_temperature = lag(self.inlet_temperature, product, dt, 5.0)
        self._heat(dt, boiler_pressure)
        self._hold(dt)
        self._cool(dt, cold_water)
        self._fill_buffer(dt)

    @property
    def wanted_flow(self) -> float:
        """Flow in m³/h the level controller of the buffer tank asks for."""
        return clamp(self.flow_sp * (1.0 + 0.04 * (50.0 - self.buffer_level)), 0.0, 18.0)

    @property
    def returned_flow(self) -> float:
        """Flow in m³/h the divert valve sends back to the mixing tank."""
        return self.flow if self.divert else 0.0

    def draw(self, litres: float) -> float:
        """Take up to `litres` from the buffer tank for the filler."""
        taken = min(litres, self._buffer)
        self._buffer -= taken
        return taken

    def _pump(self, dt: float, supplied: bool) -> None:
        self.pump_running = self.running and supplied
        target = self.wanted_flow + self._flow_noise.step(dt) if self.pump_running else 0.0
        self.flow = max(ramp(self.flow, target, dt, 2.0), 0.0)
        self.pressure = 0.8 + 0.0235 * self.flow * self.flow
        self.pump_current = 4.0 + 0.8 * self.flow if self.pump_running else 0.0
        self.power_kw = 0.5 * self.pump_current + 0.8

    def _heat(self, dt: float, boiler_pressure: float) -> None:
        self._pid.gain, self._pid.reset, self._pid.rate = self.loop_gain, self.loop_reset, self.loop_rate
        if self.flow < 1.0:
            self._pid.track(0.0, self.holding_temperature)
        elif self.loop_mode == 0:
            self._pid.track(self.manual_output, self.holding_temperature)
        else:
            self._pid.step(dt, self.temperature_sp, self.holding_temperature)
        self.steam_valve = ramp(self.steam_valve, self._pid.output, dt, 12.0)
        self.steam_pressure = max(boiler_pressure - 1.6 - 0.006 * self.steam_valve, 0.0)
        self.heat_power = self.steam_valve / 100.0 * HEATER_KW * self.steam_pressure / 5.7
        self.steam_flow = self.heat_power / STEAM_HEAT * 3600.0
        per_kelvin = max(self.flow, 0.5) / 3.6 * 1.04 * HEAT_CAPACITY
        gained = REGENERATION * (self._true_holding - self.inlet_temperature)
        self.regeneration_temperature = lag(self.regeneration_temperature, self.inlet_temperature + gained, dt, 12.0)
        target = min(self.regeneration_temperature + self.heat_power / per_kelvin, 120.0)
        self.heater_temperature = lag(self.heater_temperature, target, dt, 6.0)

    def _hold(self, dt: float) -> None:
        """The tube delays what the heater did; the sensor at its end may lie."""
        tau = max(4.0 * 12.0 / max(self.flow, 2.0), dt)
        self._tube[0] = lag(self._tube[0], self.heater_temperature, dt, tau)
        self._tube[1] = lag(self._tube[1], self._tube[0], dt, tau)
        self._true_holding = self._tube[1] - 0.2
        self.holding_temperature = self._true_holding + self.sensor_offset + self._noise.step(dt)
        minutes = HOLDING_LITRES / max(self.flow, 1.0) * 0.06
        self.pasteurisation_units = clamp(minutes * 1.393 ** (self._true_holding - 60.0), 0.0, 200.0)
        limit = self.temperature_sp - DIVERT_BELOW
        self.divert = self.holding_temperature < (limit + 1.0 if self.divert else limit)

    def _cool(self, dt: float, cold_water: float) -> None:
        after = self._true_holding - REGENERATION * (self._true_holding - self.inlet_temperature)
        cooled = after - 0.5 * max(after - cold_water, 0.0)
        self.outlet_temperature = lag(self.outlet_temperature, cooled, dt, 8.0)
        self.cooling_kw = (after - cooled) * self.flow / 3.6 * 1.04 * HEAT_CAPACITY

    def _fill_buffer(self, dt: float) -> None:
        litres = self.flow / 3.6 * dt
        if self.divert:
            self.diverted_volume += litres
        else:
            self._buffer = min(self._buffer + litres, BUFFER_L)
        self.buffer_level = self._buffer / BUFFER_L * 100.0
