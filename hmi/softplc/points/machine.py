"""The points every PackML machine of the line has in common."""

from hmi.softplc.points.names import MODES, PACKML_STATES, REASONS
from hmi.softplc.points.point import Access, Point, bit, button, choice, measured, switch

COMMANDS = ("reset", "start", "stop", "hold", "unhold", "abort", "clear")


def machine_points(unit: str, title: str) -> list[Point]:
    """State, mode, stop reason, door and command buttons of one machine."""
    return [
        choice(unit, "state", PACKML_STATES, f"{title}: PackML state", scan=100),
        choice(unit, "mode", MODES, f"{title}: PackML mode", access=Access.SETPOINT),
        choice(unit, "reason", REASONS, f"{title}: why it last left Execute"),
        measured(unit, "state_time", "s", (0, 1e6), f"{title}: time in the present state", scan=1000, decimals=0),
        bit(unit, "running", f"{title}: producing", off="stopped", on="running", scan=100),
        switch(unit, "door_open", f"{title}: guard door (writable to try the interlock)", off="closed", on="open"),
        *(button(unit, f"cmd_{name}", f"{title}: command {name.capitalize()}") for name in COMMANDS),
    ]
