"""The utilities PLC's list: air, cold, steam, electric meters, vibration (Modbus, words CDAB)."""

from hmi.softplc.points.point import Point, Wire, bit, button, counter, measured, setpoint, whole

METERS = {
    "meter_main": "Main supply",
    "meter_process": "Process hall",
    "meter_packaging": "Packaging hall",
    "meter_utilities": "Utilities",
}
MACHINES = {
    "vib_filler": "Filler main drive",
    "vib_pump": "Pasteuriser pump",
    "vib_agitator": "Mixer agitator",
    "vib_compressor": "Air compressor",
}

COMPRESSOR: list[Point] = [
    measured("compressor", "pressure", "bar", (0, 12), "Compressed air net", normal=(6.2, 7.6), scan=100),
    setpoint("compressor", "pressure_sp", "bar", (5, 9), "Net pressure setpoint", normal=(6.5, 7.5)),
    measured("compressor", "load", "%", (0, 100), "Load", normal=(20, 90), scan=500, decimals=1,
             wire=Wire.UINT16, factor=10),
    measured("compressor", "air_flow", "m³/min", (0, 20), "Air delivered", normal=(2, 14), scan=500),
    measured("compressor", "power", "kW", (0, 110), "Electric power", normal=(15, 90), scan=500, decimals=1),
    measured("compressor", "oil_temperature", "°C", (-20, 140), "Oil temperature", normal=(60, 92), decimals=1,
             wire=Wire.INT16, factor=10),
    measured("compressor", "oil_pressure", "bar", (0, 8), "Oil pressure", normal=(2, 4), wire=Wire.INT16, factor=100),
    measured("compressor", "discharge_temperature", "°C", (-20, 140), "Air after the stage", normal=(60, 98),
             decimals=1, wire=Wire.INT16, factor=10),
    measured("compressor", "dew_point", "°C", (-60, 40), "Dew point after the dryer", normal=(-30, 5), scan=5000,
             decimals=1, wire=Wire.INT16, factor=10),
    bit("compressor", "running", "Compressor", off="stopped", on="running", scan=100),
    bit("compressor", "fault", "Compressor tripped", off="normal", on="tripped", scan=100),
    counter("compressor", "starts", "", "Motor starts", scan=5000),
    measured("compressor", "run_hours", "h", (0, 1e6), "Hours run", scan=5000),
    measured("compressor", "energy", "kWh", (0, 1e7), "Energy used", scan=5000),
    button("compressor", "cmd_start", "Compressor: start"),
    button("compressor", "cmd_stop", "Compressor: stop"),
    button("compressor", "cmd_reset", "Compressor: reset a trip"),
]  # fmt: skip

CHILLER: list[Point] = [
    measured("chiller", "supply_temperature", "°C", (-20, 40), "Cold water out", normal=(1, 6), scan=500,
             wire=Wire.INT16, factor=100),
    measured("chiller", "return_temperature", "°C", (-20, 40), "Cold water back", normal=(4, 14), scan=500,
             wire=Wire.INT16, factor=100),
    setpoint("chiller", "temperature_sp", "°C", (0, 12), "Cold water setpoint", normal=(2, 5), wire=Wire.INT16,
             factor=100),
    measured("chiller", "flow", "m³/h", (0, 60), "Cold water flow", normal=(15, 40), decimals=1),
    measured("chiller", "load", "%", (0, 100), "Compressor load", normal=(10, 90), decimals=1, wire=Wire.UINT16,
             factor=10),
    measured("chiller", "cooling_power", "kW", (0, 400), "Heat taken from the water", normal=(30, 300), decimals=1),
    measured("chiller", "power", "kW", (0, 150), "Electric power", normal=(10, 100), decimals=1),
    measured("chiller", "cop", "", (0, 10), "Coefficient of performance", normal=(2, 6), scan=5000),
    measured("chiller", "condenser_pressure", "bar", (0, 30), "Refrigerant high side", normal=(8, 16)),
    measured("chiller", "evaporator_pressure", "bar", (0, 10), "Refrigerant low side", normal=(1.5, 4)),
    bit("chiller", "running", "Chiller", off="stopped", on="running"),
    bit("chiller", "pump_running", "Cold water pump", off="stopped", on="running"),
    measured("chiller", "energy", "kWh", (0, 1e7), "Energy used", scan=5000),
    button("chiller", "cmd_start", "Chiller: start"),
    button("chiller", "cmd_stop", "Chiller: stop"),
]  # fmt: skip

BOILER: list[Point] = [
    measured("boiler", "steam_pressure", "bar", (0, 12), "Steam drum pressure", normal=(6.5, 8.5), scan=500),
    setpoint("boiler", "pressure_sp", "bar", (4, 10), "Steam pressure setpoint", normal=(7, 8)),
    measured("boiler", "water_level", "%", (0, 100), "Drum water level", normal=(40, 60), decimals=1,
             wire=Wire.UINT16, factor=10),
    measured("boiler", "burner_load", "%", (0, 100), "Burner load", normal=(5, 90), decimals=1, wire=Wire.UINT16,
             factor=10),
    measured("boiler", "steam_flow", "kg/h", (0, 2000), "Steam delivered", normal=(100, 1200), decimals=1),
    measured("boiler", "gas_flow", "m³/h", (0, 150), "Gas burnt", normal=(5, 100), decimals=1),
    measured("boiler", "flue_temperature", "°C", (0, 300), "Flue gas temperature", normal=(110, 190), scan=5000,
             decimals=1, wire=Wire.INT16, factor=10),
    counter("boiler", "gas_total", "L", "Gas burnt since start", scan=5000),
]  # fmt: skip

AMBIENT: list[Point] = [
    measured("ambient", "temperature", "°C", (-20, 60), "Hall temperature", normal=(15, 30), scan=5000, decimals=1,
             wire=Wire.INT16, factor=10),
    measured("ambient", "humidity", "%", (0, 100), "Hall humidity", normal=(30, 70), scan=5000, decimals=1,
             wire=Wire.UINT16, factor=10),
    whole("ambient", "heartbeat", "", (0, 65535), "Counts scans of the PLC", scan=500),
]  # fmt: skip


def meter_points(unit: str, title: str) -> list[Point]:
    """A three-phase electric meter."""
    return [
        measured(unit, "voltage", "V", (0, 500), f"{title}: voltage", normal=(390, 410), decimals=1,
                 wire=Wire.UINT16, factor=10),
        measured(unit, "current", "A", (0, 1000), f"{title}: current", decimals=1),
        measured(unit, "power", "kW", (0, 500), f"{title}: active power", normal=(5, 350), scan=500),
        measured(unit, "power_factor", "", (0, 1), f"{title}: power factor", normal=(0.85, 1), decimals=3,
                 wire=Wire.INT16, factor=1000),
        measured(unit, "frequency", "Hz", (45, 55), f"{title}: frequency", normal=(49.8, 50.2),
                 wire=Wire.UINT16, factor=100),
        counter(unit, "energy", "Wh", f"{title}: energy used", scan=1000),
    ]  # fmt: skip


def vibration_points(unit: str, title: str) -> list[Point]:
    """A vibration monitor on one bearing."""
    return [
        measured(unit, "velocity", "mm/s", (0, 25), f"{title}: vibration velocity RMS", normal=(0, 2.3), scan=500,
                 decimals=3),
        measured(unit, "acceleration", "m/s²", (0, 100), f"{title}: acceleration peak", normal=(0, 12), scan=500,
                 decimals=2),
        measured(unit, "envelope", "gE", (0, 20), f"{title}: bearing envelope", normal=(0, 1.5), decimals=3),
        measured(unit, "temperature", "°C", (-20, 150), f"{title}: bearing temperature", normal=(25, 70), decimals=1,
                 wire=Wire.INT16, factor=10),
        measured(unit, "shaft_position", "µm", (-500, 500), f"{title}: axial position", normal=(-120, 120), decimals=3,
                 wire=Wire.INT32, factor=1000),
    ]  # fmt: skip


UTILITIES: tuple[Point, ...] = (
    *COMPRESSOR, *CHILLER, *BOILER, *AMBIENT,
    *(p for unit, title in METERS.items() for p in meter_points(unit, title)),
    *(p for unit, title in MACHINES.items() for p in vibration_points(unit, title)),
)  # fmt: skip
