"""Sides: equal numbers for exactly those values that every limit sees the same."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.alarm import Alarm, AlarmKind
from hmi.core.engine.alarm_table import AlarmTable
from hmi.core.engine.columns import Columns
from hmi.core.engine.sides import Sides
from tests.unit.core.engine.plants import entry, high

EDGES = [10.0, 12.0, 20.0, 78.0, 80.0]
TAGS = [
    entry(1, deadband=5.0, alarms=(
        high(deadband=2),
        Alarm(id="L", kind=AlarmKind.LOW, limit=10, deadband=2),
        Alarm(id="X", kind=AlarmKind.OFF_NORMAL, normal=20),
    )),
    entry(2, alarms=(high(),)),
    entry(3, deadband=5.0),
    entry(5, deadband=1.0, alarms=(high(limit=50),)),
]  # fmt: skip


def sides() -> Sides:
    columns = Columns(TAGS)
    return Sides(columns, AlarmTable(columns))


values = st.one_of(st.sampled_from([*EDGES, 9.99, 50.0, math.inf, -math.inf]), st.floats(0, 100))


@given(values, values)
def test_two_values_have_one_side_when_no_edge_tells_them_apart(one: float, other: float) -> None:
    same = all((one > edge, one < edge) == (other > edge, other < edge) for edge in EDGES)
    assert (sides().side(1, one) == sides().side(1, other)) is same


rows = st.tuples(st.sampled_from([1, 2, 3, 5]), values, values)


@given(st.lists(rows, min_size=1))
def test_columns_equal_one_by_one(given_: list[tuple[int, float, float]]) -> None:
    made = sides()
    tag, value, last = (np.array([row[i] for row in given_]) for i in range(3))
    found = made.differ(tag.astype(np.intp), value.astype(np.float64), last.astype(np.float64))
    assert found.tolist() == [made.side(at, one) != made.side(at, other) for at, one, other in given_]


def test_tags_without_deadband_or_alarms_have_none() -> None:
    made = sides()
    assert not made.differ(np.array([2, 3], np.intp), np.array([1.0, 2.0]), np.array([99.0, 99.0])).any()
    assert made.side(2, 99.0) == made.side(3, 99.0) == 0
