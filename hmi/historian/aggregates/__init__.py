"""The aggregates of OPC UA Part 13: pure, over columns, an interval at a time or a year at once.

`calculate` is the door; `docs/aggregates.md` says by which rules.
"""

from hmi.historian.aggregates.calculate import aggregate, read_at_time
from hmi.historian.aggregates.config import AggregateConfig, AggregateError
from hmi.historian.aggregates.function import Aggregate
from hmi.historian.aggregates.result import Processed

__all__ = ["Aggregate", "AggregateConfig", "AggregateError", "Processed", "aggregate", "read_at_time"]
