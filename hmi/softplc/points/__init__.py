"""The I/O lists of the three soft PLCs and where their units stand in the plant."""

from hmi.softplc.points.packaging import CONVEYORS, PACKAGING
from hmi.softplc.points.point import Access, Kind, Point, Value, Wire
from hmi.softplc.points.process import PROCESS
from hmi.softplc.points.utilities import UTILITIES

__all__ = ["CONVEYORS", "PACKAGING", "PROCESS", "UTILITIES", "Access", "Kind", "Point", "Value", "Wire", "area_of"]


def area_of(plc: str) -> str:
    """Area and line of a PLC's units, the front of their tag paths."""
    return {"process": "plant/bottling", "packaging": "plant/packaging", "utilities": "plant/utilities"}[plc]
