"""The engine: one pure step from samples and actions to changed values, alarm transitions and what to store."""

from hmi.core.engine.columns import GRACE, TagEntry
from hmi.core.engine.engine import Engine
from hmi.core.engine.views import AlarmView, TagValue

__all__ = ["GRACE", "AlarmView", "Engine", "TagEntry", "TagValue"]
