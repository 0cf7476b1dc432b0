"""The process PLC's list: water and syrup supply, mixing tank, pasteuriser, filler (OPC UA)."""

from hmi.softplc.points.machine import machine_points
from hmi.softplc.points.names import LOOP_MODES, RECIPES
from hmi.softplc.points.point import (
    Access,
    Point,
    bit,
    choice,
    counter,
    measured,
    setpoint,
    words,
)

VALVES = 12

SUPPLY: list[Point] = [
    measured("supply", "water_pressure", "bar", (0, 10), "Treated water main pressure", normal=(3.5, 5.5), scan=500),
    measured("supply", "water_temperature", "°C", (0, 40), "Treated water temperature", normal=(8, 18), scan=5000),
    measured("supply", "syrup_level", "%", (0, 100), "Syrup tank level", normal=(30, 95), scan=1000),
    measured("supply", "syrup_volume", "L", (0, 20000), "Syrup tank content", normal=(6000, 19000), decimals=0),
    measured("supply", "syrup_temperature", "°C", (0, 60), "Syrup temperature", normal=(15, 25), scan=5000),
    measured("supply", "syrup_brix", "°Bx", (0, 80), "Syrup concentration", normal=(63, 67), scan=5000),
    bit("supply", "syrup_refill", "Syrup refill pump", off="stopped", on="running"),
]

MIXER: list[Point] = [
    *machine_points("mixer", "Mixer"),
    measured("mixer", "level", "%", (0, 100), "Mixing tank level", normal=(50, 80), scan=100),
    setpoint("mixer", "level_sp", "%", (20, 90), "Mixing tank level setpoint", normal=(50, 80)),
    measured("mixer", "volume", "L", (0, 8000), "Mixing tank content", normal=(4000, 6400), decimals=0, scan=500),
    measured("mixer", "temperature", "°C", (0, 60), "Mixing tank temperature", normal=(10, 22)),
    measured("mixer", "water_flow", "m³/h", (0, 25), "Water into the mixing tank", normal=(5, 18), scan=500),
    measured("mixer", "syrup_flow", "m³/h", (0, 6), "Syrup into the mixing tank", normal=(1, 4), scan=500),
    measured("mixer", "outlet_flow", "m³/h", (0, 25), "Product to the pasteuriser", normal=(8, 16), scan=500),
    measured("mixer", "water_valve", "%", (0, 100), "Water control valve", normal=(20, 80), scan=500),
    measured("mixer", "syrup_valve", "%", (0, 100), "Syrup control valve", normal=(20, 80), scan=500),
    measured("mixer", "brix", "°Bx", (0, 20), "Product concentration", normal=(10.1, 11.1), scan=1000, decimals=3),
    setpoint("mixer", "brix_sp", "°Bx", (8, 13), "Product concentration setpoint", normal=(10, 11.2)),
    measured("mixer", "conductivity", "mS/cm", (0, 5), "Product conductivity", normal=(1, 2), decimals=3),
    measured("mixer", "agitator_speed", "rpm", (0, 200), "Agitator speed", normal=(60, 140), scan=500, decimals=1),
    setpoint("mixer", "agitator_speed_sp", "rpm", (0, 180), "Agitator speed setpoint", normal=(60, 140)),
    measured("mixer", "agitator_current", "A", (0, 30), "Agitator motor current", normal=(6, 16), scan=500),
    bit("mixer", "agitator_running", "Agitator", off="stopped", on="running"),
    bit("mixer", "pump_running", "Outlet pump", off="stopped", on="running", scan=100),
    bit("mixer", "pump_interlock", "Outlet pump locked by low level", off="free", on="locked", scan=100),
    bit("mixer", "low_level", "Low level switch", off="covered", on="low", scan=100),
    bit("mixer", "high_level", "High level switch", off="normal", on="high", scan=100),
    choice("mixer", "recipe", RECIPES, "Recipe number; a new number loads its setpoints", access=Access.SETPOINT),
    words("mixer", "recipe_name", "Recipe in words"),
    words("mixer", "batch_id", "Batch name"),
    measured("mixer", "product_total", "m³", (0, 1e6), "Product made since start", scan=5000),
]

PASTEURISER: list[Point] = [
    *machine_points("pasteuriser", "Pasteuriser"),
    measured("pasteuriser", "inlet_temperature", "°C", (0, 60), "Product in", normal=(8, 22)),
    measured("pasteuriser", "regeneration_temperature", "°C", (0, 100), "After regeneration", normal=(50, 66)),
    measured("pasteuriser", "heater_temperature", "°C", (0, 110), "After the heater", normal=(70, 75), scan=100),
    measured("pasteuriser", "holding_temperature", "°C", (0, 110), "End of holding tube", normal=(70, 75), scan=100),
    measured("pasteuriser", "outlet_temperature", "°C", (0, 60), "Product out after the cooler", normal=(10, 22)),
    setpoint("pasteuriser", "temperature_sp", "°C", (60, 90), "Pasteurising temperature setpoint", normal=(71, 74)),
    measured("pasteuriser", "flow", "m³/h", (0, 20), "Product flow", normal=(8, 16), scan=500),
    setpoint("pasteuriser", "flow_sp", "m³/h", (4, 16), "Product flow setpoint", normal=(10, 14)),
    measured("pasteuriser", "pressure", "bar", (0, 10), "Product pressure", normal=(3, 6), scan=500),
    measured("pasteuriser", "steam_valve", "%", (0, 100), "Steam valve (controller output)", normal=(20, 80), scan=100),
    measured("pasteuriser", "steam_pressure", "bar", (0, 10), "Steam at the heater", normal=(4, 7)),
    measured("pasteuriser", "steam_flow", "kg/h", (0, 1500), "Steam used", normal=(100, 900), decimals=1),
    measured("pasteuriser", "heat_power", "kW", (0, 800), "Heat given to the product", normal=(60, 500), decimals=1),
    choice("pasteuriser", "loop_mode", LOOP_MODES, "Temperature controller mode", access=Access.SETPOINT),
    setpoint("pasteuriser", "manual_output", "%", (0, 100), "Steam valve in manual"),
    setpoint("pasteuriser", "loop_gain", "%/K", (0, 50), "Temperature controller gain"),
    setpoint("pasteuriser", "loop_reset", "s", (1, 600), "Temperature controller integral time"),
    setpoint("pasteuriser", "loop_rate", "s", (0, 60), "Temperature controller derivative time"),
    measured(
        "pasteuriser",
        "pasteurisation_units",
        "PU",
        (0, 200),
        "Lethal effect in the holding tube",
        normal=(15, 60),
        decimals=1,
    ),
    bit("pasteuriser", "divert", "Divert valve: too cold, product goes back", off="forward", on="diverting", scan=100),
    measured("pasteuriser", "diverted_volume", "L", (0, 1e6), "Diverted since start", decimals=0, scan=5000),
    bit("pasteuriser", "pump_running", "Product pump", off="stopped", on="running", scan=100),
    measured("pasteuriser", "buffer_level", "%", (0, 100), "Buffer tank before the filler", normal=(35, 70), scan=500),
    measured("pasteuriser", "pump_current", "A", (0, 40), "Product pump current", normal=(8, 22)),
]

FILLER: list[Point] = [
    *machine_points("filler", "Filler"),
    measured("filler", "speed", "bottles/h", (0, 36000), "Filler speed", normal=(20000, 30000), scan=100, decimals=0),
    setpoint("filler", "speed_sp", "bottles/h", (6000, 30000), "Filler speed setpoint", normal=(20000, 28000)),
    measured("filler", "bowl_level", "%", (0, 100), "Filler bowl level", normal=(45, 75), scan=100),
    measured("filler", "bowl_pressure", "bar", (0, 6), "Filler bowl pressure", normal=(2.2, 3.2), scan=500),
    measured("filler", "bowl_temperature", "°C", (0, 40), "Filler bowl temperature", normal=(8, 22), scan=5000),
    measured("filler", "co2_pressure", "bar", (0, 10), "CO2 supply", normal=(4, 6)),
    measured("filler", "product_flow", "m³/h", (0, 25), "Product into the bowl", normal=(8, 16), scan=500),
    measured("filler", "fill_volume", "mL", (450, 550), "Mean fill volume", normal=(498, 504), scan=500),
    setpoint("filler", "fill_volume_sp", "mL", (480, 520), "Fill volume setpoint", normal=(498, 503)),
    measured("filler", "fill_deviation", "mL", (0, 20), "Standard deviation over the valves", normal=(0, 2)),
    *(
        measured("filler", f"valve_{n:02d}_volume", "mL", (450, 550), f"Fill volume of valve {n}", normal=(497, 505))
        for n in range(1, VALVES + 1)
    ),
    measured("filler", "drive_current", "A", (0, 60), "Main drive current", normal=(15, 38), scan=500),
    measured("filler", "drive_torque", "%", (0, 150), "Main drive torque", normal=(30, 85), scan=500, decimals=1),
    counter("filler", "total_count", "bottles", "Bottles filled", scan=100),
    counter("filler", "good_count", "bottles", "Good bottles", scan=500),
    counter("filler", "reject_count", "bottles", "Rejected bottles", scan=500),
    measured("filler", "reject_rate", "%", (0, 100), "Rejects over the last minutes", normal=(0, 1.5)),
    bit("filler", "starved", "No bottles at the infeed", off="no", on="starved"),
    bit("filler", "blocked", "Discharge full", off="no", on="blocked"),
    bit("filler", "low_bowl", "Bowl low: filling stops", off="normal", on="low", scan=100),
    measured("filler", "lubrication_pressure", "bar", (0, 10), "Central lubrication", normal=(2, 5), scan=1000),
    measured("filler", "run_hours", "h", (0, 1e6), "Hours producing", scan=5000),
]

PROCESS: tuple[Point, ...] = (*SUPPLY, *MIXER, *PASTEURISER, *FILLER)
