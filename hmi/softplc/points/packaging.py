"""The packaging PLC's list: conveyors, capper, labeller, palletiser and line counters (Modbus, words ABCD)."""

from hmi.softplc.points.machine import machine_points
from hmi.softplc.points.point import (
    Point,
    Wire,
    bit,
    button,
    counter,
    measured,
    setpoint,
    switch,
    whole,
)

CONVEYORS = {
    "conveyor1": "Infeed conveyor",
    "conveyor2": "Conveyor filler to capper",
    "conveyor3": "Conveyor capper to labeller",
    "conveyor4": "Conveyor labeller to palletiser",
}


def conveyor_points(unit: str, title: str) -> list[Point]:
    """A belt that carries and accumulates bottles."""
    return [
        measured(unit, "speed", "m/min", (0, 60), f"{title}: belt speed", normal=(15, 50), scan=500, decimals=1,
                 wire=Wire.INT16, factor=10),
        setpoint(unit, "speed_sp", "m/min", (0, 50), f"{title}: belt speed setpoint", normal=(20, 45), decimals=1,
                 wire=Wire.INT16, factor=10),
        measured(unit, "accumulation", "%", (0, 100), f"{title}: how full", normal=(10, 70), scan=500, decimals=1,
                 wire=Wire.UINT16, factor=10),
        whole(unit, "bottles", "bottles", (0, 1000), f"{title}: bottles on the belt", scan=500, normal=(50, 420)),
        counter(unit, "passed", "bottles", f"{title}: bottles delivered", scan=500),
        measured(unit, "motor_current", "A", (0, 15), f"{title}: motor current", normal=(1.5, 6.5),
                 wire=Wire.INT16, factor=100),
        bit(unit, "running", f"{title}: running", off="stopped", on="running", scan=100),
        bit(unit, "jam", f"{title}: jam detected", off="clear", on="jam", scan=100),
        bit(unit, "full", f"{title}: full", off="no", on="full", scan=100),
        bit(unit, "empty", f"{title}: empty", off="no", on="empty", scan=100),
        switch(unit, "enable", f"{title}: enabled", off="disabled", on="enabled"),
        button(unit, "cmd_jam_reset", f"{title}: jam removed, run again"),
    ]  # fmt: skip


def packer_points(unit: str, title: str) -> list[Point]:
    """What capper, labeller and palletiser share besides PackML: speed, counts, drive, starved and blocked."""
    return [
        *machine_points(unit, title),
        measured(unit, "speed", "bottles/h", (0, 36000), f"{title}: speed", normal=(20000, 31000), scan=100,
                 decimals=0),
        setpoint(unit, "speed_sp", "bottles/h", (6000, 32000), f"{title}: highest speed", normal=(22000, 32000),
                 decimals=0),
        counter(unit, "total_count", "bottles", f"{title}: bottles handled", scan=100),
        counter(unit, "good_count", "bottles", f"{title}: good bottles", scan=500),
        counter(unit, "reject_count", "bottles", f"{title}: rejected bottles", scan=500),
        measured(unit, "drive_current", "A", (0, 30), f"{title}: drive current", normal=(4, 18), scan=500,
                 wire=Wire.INT16, factor=100),
        bit(unit, "starved", f"{title}: no bottles at the infeed", off="no", on="starved"),
        bit(unit, "blocked", f"{title}: discharge full", off="no", on="blocked"),
    ]  # fmt: skip


CAPPER: list[Point] = [
    *packer_points("capper", "Capper"),
    measured("capper", "torque", "Nm", (0, 4), "Closing torque", normal=(1.6, 2.2), scan=100, decimals=3),
    setpoint("capper", "torque_sp", "Nm", (1, 3), "Closing torque setpoint", normal=(1.7, 2.1)),
    measured("capper", "cap_stock", "%", (0, 100), "Caps in the hopper", normal=(20, 100), scan=1000, decimals=1,
             wire=Wire.UINT16, factor=10),
    measured("capper", "air_pressure", "bar", (0, 10), "Air at the capper", normal=(5.5, 7), scan=500,
             wire=Wire.INT16, factor=100),
    counter("capper", "missing_caps", "bottles", "Bottles without cap"),
    bit("capper", "caps_low", "Cap hopper low", off="normal", on="low"),
]  # fmt: skip

LABELLER: list[Point] = [
    *packer_points("labeller", "Labeller"),
    measured("labeller", "web_tension", "N", (0, 60), "Label web tension", normal=(20, 36), scan=100, decimals=1),
    measured("labeller", "glue_temperature", "°C", (0, 200), "Glue temperature", normal=(150, 165), scan=1000,
             decimals=1, wire=Wire.INT16, factor=10),
    setpoint("labeller", "glue_temperature_sp", "°C", (120, 180), "Glue temperature setpoint", normal=(150, 165),
             decimals=1, wire=Wire.INT16, factor=10),
    measured("labeller", "registration_error", "mm", (-5, 5), "Label position error", normal=(-0.8, 0.8), scan=500,
             wire=Wire.INT16, factor=1000, decimals=3),
    whole("labeller", "labels_left", "labels", (0, 60000), "Labels left on the reel", normal=(4000, 60000)),
    bit("labeller", "labels_low", "Label reel low", off="normal", on="low"),
]  # fmt: skip

PALLETISER: list[Point] = [
    *packer_points("palletiser", "Palletiser"),
    whole("palletiser", "bottles_in_layer", "bottles", (0, 200), "Bottles in the layer being built", scan=500),
    whole("palletiser", "layer", "", (0, 6), "Layer being built", scan=500),
    counter("palletiser", "pallets", "pallets", "Pallets finished"),
    whole("palletiser", "pallet_stock", "pallets", (0, 20), "Empty pallets in the magazine", normal=(3, 20)),
    measured("palletiser", "lift_position", "mm", (0, 2000), "Lift position", scan=100, decimals=0,
             wire=Wire.INT16),
    measured("palletiser", "gripper_pressure", "bar", (0, 10), "Gripper air", normal=(5, 7), scan=500,
             wire=Wire.INT16, factor=100),
]  # fmt: skip

LINE: list[Point] = [
    counter("line", "bottles_in", "bottles", "Bottles onto the infeed conveyor"),
    counter("line", "bottles_out", "bottles", "Good bottles palletised"),
    counter("line", "rejects", "bottles", "Bottles rejected on the whole line"),
    measured(
        "line",
        "throughput",
        "bottles/h",
        (0, 36000),
        "Bottles palletised, mean over a minute",
        normal=(18000, 30000),
        decimals=0,
    ),
    whole("line", "running_machines", "", (0, 6), "PackML machines in Execute", normal=(5, 6)),
    bit("line", "producing", "All machines in Execute", off="no", on="producing"),
    bit("line", "beacon", "Beacon: a machine waits for somebody", off="off", on="lit", scan=100),
    whole("line", "heartbeat", "", (0, 65535), "Counts scans of the PLC", scan=500),
    button("line", "cmd_reset_counters", "Set the line counters to zero"),
]

PACKAGING: tuple[Point, ...] = (
    *(p for unit, title in CONVEYORS.items() for p in conveyor_points(unit, title)),
    *CAPPER, *LABELLER, *PALLETISER, *LINE,
)  # fmt: skip
