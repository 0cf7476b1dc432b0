"""What can go wrong on the demo line: each scenario is a pure function of the line and of the time since its start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hmi.softplc.plant.line import STEP_S, Line
from hmi.softplc.plant.motion import clamp

SENSOR_FAILURE = 0x808C0000
ONLINE: frozenset[str] = frozenset()


def _nothing(_line: Line, _elapsed: float) -> None:
    """A good shift."""


def _always(_elapsed: float) -> frozenset[str]:
    return ONLINE


JAM_FIRST_S, JAM_EVERY_S, JAM_LASTS_S = 3.0, 900.0, 600.0


def _jam(line: Line, elapsed: float) -> None:
    """Bottles wedge on conveyor 3 after 3 s and then every quarter of an hour.

    They stay until an operator frees them (jam reset of the conveyor, or reset or clear of the capper that holds
    because of them); after ten minutes somebody in the hall does.
    """
    since = elapsed - JAM_FIRST_S
    if since < 0.0:
        return
    since %= JAM_EVERY_S
    if since < STEP_S:
        line.conveyor3.jam = True
    elif line.capper.cmd_reset or line.capper.cmd_clear or JAM_LASTS_S <= since < JAM_LASTS_S + STEP_S:
        line.conveyor3.cmd_jam_reset = True


def _drift(line: Line, elapsed: float) -> None:
    """The holding sensor reads ever higher (the product is colder than it seems); valve 7 fills ever less."""
    line.pasteuriser.sensor_offset = clamp(0.05 * elapsed, 0.0, 4.0)
    line.filler.valve_offset[6] = -clamp(0.15 * elapsed, 0.0, 9.0)
    broken = elapsed % 60.0 >= 40.0
    line.bad = {"filler.lubrication_pressure": SENSOR_FAILURE} if broken else {}


def _leak(line: Line, elapsed: float) -> None:
    """The tank loses product through a flange, the air net through a hose."""
    line.mixer.leak_flow = clamp(0.4 * elapsed, 0.0, 6.0)
    line.compressor.leak = clamp(0.2 * elapsed, 0.0, 5.2)


def _bearing(line: Line, elapsed: float) -> None:
    """The filler's drive bearing wears out within ten minutes; the drive feels it."""
    line.vib_filler.wear = clamp(0.2 + elapsed / 750.0, 0.0, 1.0)
    line.filler.extra_torque = 12.0 * line.vib_filler.wear**2


def _packaging_gone(elapsed: float) -> frozenset[str]:
    """The packaging PLC drops off the network for 8 s of every 30 s."""
    gone = elapsed >= 10.0 and (elapsed - 10.0) % 30.0 < 8.0
    return frozenset({"packaging"}) if gone else ONLINE


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named course of events."""

    name: str
    text: str
    apply: Callable[[Line, float], None] = _nothing
    offline: Callable[[float], frozenset[str]] = _always


SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        scenario.name: scenario
        for scenario in (
            Scenario("normal", "A good shift: everything runs, no alarm condition is true."),
            Scenario("jam", "Bottles jam behind the capper after 3 s and stay until they are freed (jam reset).", _jam),
            Scenario("drift", "A temperature sensor and a filling valve drift; a pressure sensor fails.", _drift),
            Scenario("leak", "The mixing tank loses product, the air net loses air.", _leak),
            Scenario("bearing", "The filler's drive bearing wears out within ten minutes.", _bearing),
            Scenario("lost-connection", "The packaging PLC is away 8 s of every 30 s.", offline=_packaging_gone),
        )
    }
)
"""Every scenario by name."""
