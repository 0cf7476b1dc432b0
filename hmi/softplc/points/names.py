"""The words behind the numbers of enumerated points, shared by every PLC of the line."""

from collections.abc import Mapping
from types import MappingProxyType

PACKML_STATES: Mapping[int, str] = MappingProxyType({
    1: "Clearing", 2: "Stopped", 3: "Starting", 4: "Idle", 5: "Suspended", 6: "Execute", 7: "Stopping",
    8: "Aborting", 9: "Aborted", 10: "Holding", 11: "Held", 12: "Unholding", 13: "Suspending",
    14: "Unsuspending", 15: "Resetting", 16: "Completing", 17: "Complete",
})  # fmt: skip
MODES: Mapping[int, str] = MappingProxyType({1: "Production", 2: "Maintenance", 3: "Manual"})
REASONS: Mapping[int, str] = MappingProxyType({
    0: "None", 1: "Door open", 2: "Jam", 3: "Material low", 4: "Level low", 5: "Temperature", 6: "Air pressure low",
    7: "Operator", 8: "Starved", 9: "Blocked",
})  # fmt: skip
RECIPES: Mapping[int, str] = MappingProxyType({1: "Cola 0.5 L", 2: "Lemon 0.5 L", 3: "Orange 0.5 L"})
LOOP_MODES: Mapping[int, str] = MappingProxyType({0: "Manual", 1: "Auto"})
